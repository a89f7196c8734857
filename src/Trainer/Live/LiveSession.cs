using System.Runtime.CompilerServices;
using GpuConvnet.Trainer.Live.Analysis;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Live.Serving;
using GpuConvnet.Trainer.Runs;

namespace GpuConvnet.Trainer.Live;

/// <summary>A page for as long as something trains.</summary>
internal static class LiveSession
{
    // How long a program that is done waits for pages that want to keep what they show.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1.5);

    /// <summary>Trains something, with a page where one is wanted.</summary>
    /// <param name="request">Where the page is; null for none.</param>
    /// <param name="title">What is trained.</param>
    /// <param name="talk">Where the page's address is printed.</param>
    /// <param name="error">Where it is said that the training was stopped before there was anything to keep.</param>
    /// <param name="train">Trains, and shows it on the board, until its token is cancelled: by the page's user or by Ctrl-C.</param>
    /// <param name="interruption">Ends the training as Ctrl-C does.</param>
    /// <returns>The program's exit code.</returns>
    public static int Run(
        LiveRequest? request,
        string title,
        TextWriter talk,
        TextWriter error,
        Func<LiveBoard?, CancellationToken, int> train,
        CancellationToken interruption) => request is null
            ? train(null, interruption)
            : RunWithPage(request, title, talk, error, train, interruption);

    // Apart from the caller, so that a training without a page loads nothing of ASP.NET Core.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int RunWithPage(
        LiveRequest request,
        string title,
        TextWriter talk,
        TextWriter error,
        Func<LiveBoard?, CancellationToken, int> train,
        CancellationToken interruption)
    {
        AspNetCoreRuntime.Require();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(interruption);
        using LiveBoard board = new(title, stop.Cancel);
        using CancellationTokenRegistration stopping = stop.Token.Register(board.BeginStopping);
        using LiveAnalyst analyst = new(board);
        using LiveServer server = new(board, request);
        using DesktopBrowser browser = Announce(server, request, talk);
        try
        {
            int code = train(board, stop.Token);
            End(board, analyst, server, code == ExitCode.Done ? LiveState.Finished : LiveState.Interrupted, message: null);
            return code;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            error.WriteLine("Interrupted.");
            End(board, analyst, server, LiveState.Interrupted, message: null);
            return ExitCode.Interrupted;
        }
        catch (Exception failure)
        {
            End(board, analyst, server, LiveState.Failed, failure.Message);
            throw;
        }
    }

    /// <summary>Says where the page is, and opens it where somebody sees it.</summary>
    /// <param name="server">The server.</param>
    /// <param name="request">Where the page was wanted.</param>
    /// <param name="talk">Takes the address.</param>
    public static DesktopBrowser Announce(LiveServer server, LiveRequest request, TextWriter talk)
    {
        if (request.Port != 0 && server.Port != request.Port)
        {
            talk.WriteLine(FormattableString.Invariant($"note: port {request.Port} is taken; the page is on the next that is free, {server.Port}"));
        }

        talk.WriteLine($"live: {server.Address}");
        talk.Flush();
        DesktopBrowser browser = new(server.Address, talk);
        if (browser.Problem is { } problem)
        {
            talk.WriteLine($"note: {problem} Open the address above.");
        }

        return browser;
    }

    private static void End(LiveBoard board, LiveAnalyst analyst, LiveServer server, LiveState state, string? message)
    {
        board.End(state, message);
        if (server.Listeners > 0)
        {
            analyst.Finish(s_patience);
            server.End(s_patience);
        }
    }
}
