using System.CommandLine;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Commands;

/// <summary>
/// The options that name a file to write, which is never replaced unasked. The folder that it is to lie in is created if need be, as
/// that of a run is.
/// </summary>
/// <param name="description">What the command's help says about <c>--out</c>.</param>
/// <param name="helpName">What it calls the file.</param>
/// <param name="what">What the file is, with its article.</param>
internal sealed class OutputFileOptions(string description, string helpName, string what)
{
    /// <summary><c>--out</c>: the file.</summary>
    public Option<string?> Out { get; } = new("--out", "-o") { Description = description, HelpName = helpName };

    /// <summary><c>--force</c>: whether to replace it.</summary>
    public Option<bool> Force { get; } = new("--force") { Description = $"Replace {what} that is there already" };

    /// <summary>What <c>--out</c> names in place of a file to have it written to standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>The file to write.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="otherwise">The file where none is named.</param>
    /// <returns>The file, or <see cref="StandardOutput"/>.</returns>
    /// <exception cref="BadInputException">It is there already and is not to be replaced, or its folder cannot be created.</exception>
    public string Path(ParseResult arguments, string otherwise)
    {
        string path = arguments.GetValue(Out) ?? otherwise;
        if (path == StandardOutput)
        {
            return path;
        }

        RequireFree(arguments, path);
        CreateFolder(path);
        return path;
    }

    /// <summary>A picture to write as PNG and as SVG.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="otherwise">Its path where none is named, without an ending.</param>
    /// <returns>Its path without an ending, whether it was named with one or without.</returns>
    /// <exception cref="BadInputException">One of the files is there already and is not to be replaced, a folder is named, or
    /// their folder cannot be created.</exception>
    public string PictureStem(ParseResult arguments, string otherwise)
    {
        string path = arguments.GetValue(Out) ?? otherwise;
        if (path == StandardOutput)
        {
            throw new BadInputException($"--out -: {what} is written as PNG and as SVG, two files; name the first.");
        }

        if (Directory.Exists(path) || System.IO.Path.GetFileName(path).Length == 0)
        {
            throw new BadInputException($"{path} is a folder; name the file to write.");
        }

        string ending = Picture.Endings.FirstOrDefault(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) ?? "";
        string stem = path[..^ending.Length];
        foreach (string own in Picture.Endings)
        {
            RequireFree(arguments, stem + own);
        }

        CreateFolder(stem);
        return stem;
    }

    private void RequireFree(ParseResult arguments, string path)
    {
        if (File.Exists(path) && !arguments.GetValue(Force))
        {
            throw new BadInputException($"{path} is there already. Name another file with --out, or replace it with --force.");
        }
    }

    private static void CreateFolder(string path)
    {
        try
        {
            if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException(
                $"{path} cannot be written: {failure.Message.TrimEnd('.')}. Name a file in a folder that is yours.", failure);
        }
    }
}
