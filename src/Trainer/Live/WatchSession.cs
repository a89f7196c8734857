using System.Runtime.CompilerServices;
using GpuConvnet.Trainer.Live.Analysis;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Live.Following;
using GpuConvnet.Trainer.Live.Serving;

namespace GpuConvnet.Trainer.Live;

/// <summary>A page of what others train, until the user has seen enough.</summary>
internal static class WatchSession
{
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Shows runs until told to end.</summary>
    /// <param name="folder">What is watched.</param>
    /// <param name="follow">Begins to follow it, and shows it on a board.</param>
    /// <param name="request">Where the page is.</param>
    /// <param name="talk">Takes the page's address.</param>
    /// <param name="interruption">Ends it.</param>
    /// <exception cref="BadInputException">The page cannot be where it is wanted.</exception>
    public static void Run(
        string folder, Func<LiveBoard, IFollower> follow, LiveRequest request, TextWriter talk, CancellationToken interruption)
    {
        AspNetCoreRuntime.Require();
        Watch(folder, follow, request, talk, interruption);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Watch(
        string folder, Func<LiveBoard, IFollower> follow, LiveRequest request, TextWriter talk, CancellationToken interruption)
    {
        using LiveBoard board = new(folder, stop: null);
        IFollower follower = follow(board);
        follower.Look();
        using LiveAnalyst analyst = new(board);
        using LiveServer server = new(board, request);
        using DesktopBrowser browser = LiveSession.Announce(server, request, talk);
        talk.WriteLine(FormattableString.Invariant($"watching {folder}, {follower.Count:N0} runs so far; Ctrl-C ends it"));
        talk.Flush();
        while (!interruption.WaitHandle.WaitOne(s_betweenLooks))
        {
            // Files are read for those who look alone.
            if (server.Listeners > 0)
            {
                follower.Look();
            }
        }

        board.End(LiveState.Finished, "The watching has ended.");
        server.End(s_patience);
    }
}
