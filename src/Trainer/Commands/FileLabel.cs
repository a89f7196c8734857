namespace GpuConvnet.Trainer.Commands;

/// <summary>The digit that a file's name or its folder's says is in it.</summary>
internal static class FileLabel
{
    /// <summary>The digit.</summary>
    /// <param name="path">Such as <c>7_001.png</c>, <c>7.png</c> or <c>digits/7/001.png</c>.</param>
    /// <exception cref="BadInputException">Neither name says it, or they contradict each other.</exception>
    public static int Of(string path)
    {
        string file = Path.GetFileNameWithoutExtension(path);
        string folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? "";
        int? byFile = file.Length > 0 && char.IsAsciiDigit(file[0]) && (file.Length == 1 || !char.IsLetterOrDigit(file[1]))
            ? file[0] - '0'
            : null;
        int? byFolder = folder.Length == 1 && char.IsAsciiDigit(folder[0]) ? folder[0] - '0' : null;
        return byFile is not null && byFolder is not null && byFile != byFolder
            ? throw new BadInputException(
                $"{path}: by its name the digit is {byFile}, by its folder {byFolder}. Rename one, or leave out --labels.")
            : byFile ?? byFolder ?? throw new BadInputException(
                $"{path} does not say which digit is in it. With --labels a file is called as 7.png or 7_001.png, or lies "
                + "in a folder called 7.");
    }
}
