using System.CommandLine;

namespace GpuConvnet.Trainer.Commands;

/// <summary>The options that name a file to write, which is never replaced unasked.</summary>
/// <param name="description">What the command's help says about <c>--out</c>.</param>
/// <param name="helpName">What it calls the file.</param>
/// <param name="what">What the file is, with its article.</param>
internal sealed class OutputFileOptions(string description, string helpName, string what)
{
    /// <summary><c>--out</c>: the file.</summary>
    public Option<string?> Out { get; } = new("--out", "-o") { Description = description, HelpName = helpName };

    /// <summary><c>--force</c>: whether to replace it.</summary>
    public Option<bool> Force { get; } = new("--force") { Description = $"Replace {what} that is there already" };

    /// <summary>The file to write.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="otherwise">The file where none is named.</param>
    /// <exception cref="BadInputException">It is there already and is not to be replaced.</exception>
    public string Path(ParseResult arguments, string otherwise)
    {
        string path = arguments.GetValue(Out) ?? otherwise;
        return !File.Exists(path) || arguments.GetValue(Force)
            ? path
            : throw new BadInputException($"{path} is there already. Name another file with --out, or replace it with --force.");
    }
}
