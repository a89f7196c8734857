using GpuConvnet.Trainer.Commands;

namespace GpuConvnet.Tests.Commands;

/// <summary>What the program did, run in this process.</summary>
internal sealed record CommandRun(int Code, string Output, string Error)
{
    public static CommandRun Of(params string[] arguments) => Of(CancellationToken.None, arguments);

    public static CommandRun Of(CancellationToken interruption, params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();

        // As the console's, they take what several threads write.
        int code = TrainerCommandLine.Run(
            WithoutLitter(arguments), TextWriter.Synchronized(output), TextWriter.Synchronized(error), interruption);
        return new CommandRun(code, output.ToString(), error.ToString());
    }

    /// <summary>A bare training would be saved in the current folder.</summary>
    private static string[] WithoutLitter(string[] arguments) =>
        (arguments is [] || arguments[0].StartsWith('-'))
        && !arguments.Any(argument => argument is "--out" or "-o" or "--no-save" or "--resume" or "--help" or "--version" or "-h")
            ? [.. arguments, "--no-save"]
            : arguments;

    public string[] OutputLines => Output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
}
