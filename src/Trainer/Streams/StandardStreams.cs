using System.Text;
using Microsoft.Win32.SafeHandles;

namespace GpuConvnet.Trainer.Streams;

/// <summary>
/// The program's standard output and error. Neither ends it: a standard error that is closed or full says nothing, and a standard
/// output that is closed or full is named on standard error, at once, and in the exit code when all else is done.
/// </summary>
internal sealed class StandardStreams
{
    private static readonly IReadOnlyList<SafeFileHandle> s_reserved = InheritedDescriptor.Reserve();

    private volatile bool _outputFailed;

    /// <summary>Opens both.</summary>
    /// <param name="hasTerminal">Whether they may be a terminal that somebody sees; a rank's may not.</param>
    public StandardStreams(bool hasTerminal = true)
    {
        _ = s_reserved;
        Stream? error = Open(2, Console.OpenStandardError);
        Error = Writer(new LastingStream(error, static _ => { }), error is not null && hasTerminal && !Console.IsErrorRedirected);
        Stream? output = Open(1, Console.OpenStandardOutput);
        Output = Writer(
            new LastingStream(output, why =>
            {
                _outputFailed = true;
                Error.WriteLine(
                    $"error: standard output {why}: what is printed from here on is lost, what is saved in files is not. Send the output "
                    + "to a place that has room, or to /dev/null.");
            }),
            output is not null && hasTerminal && !Console.IsOutputRedirected);
    }

    /// <summary>The standard output.</summary>
    public DisplayWriter Output { get; }

    /// <summary>The standard error.</summary>
    public DisplayWriter Error { get; }

    /// <summary>Whether something that was to be printed could not be.</summary>
    public bool IsOutputLost => _outputFailed;

    private static Stream? Open(int descriptor, Func<Stream> open) => InheritedDescriptor.IsOpen(descriptor) ? open() : null;

    private static DisplayWriter Writer(LastingStream stream, bool isTerminal)
    {
        // A mark of byte order would be the first thing in every pipe.
        Encoding encoding = Console.OutputEncoding is { WebName: not "utf-8" } other
            ? other
            : new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new DisplayWriter(new StreamWriter(stream, encoding) { AutoFlush = true }) { IsTerminal = isTerminal, Bytes = stream };
    }
}
