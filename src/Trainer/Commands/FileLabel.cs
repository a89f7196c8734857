namespace GpuConvnet.Trainer.Commands;

/// <summary>The digit that a file's name or its folder's says is in it.</summary>
internal static class FileLabel
{
    /// <summary>The digit: the folder's, where it is called after one, whatever numbers are in the file's name.</summary>
    /// <param name="path">Such as <c>digits/7/001.png</c>, <c>7_001.png</c>, <c>7.png</c> or <c>scan_7.png</c>.</param>
    /// <exception cref="BadInputException">Neither name says it.</exception>
    public static int Of(string path) => Find(path) ?? throw new BadInputException(
        $"{path} does not say which digit is in it. With --labels a file is called as 7.png, 7_001.png or scan_7.png, or lies "
        + "in a folder called 7.");

    /// <summary>The digit, or null where neither name says it.</summary>
    /// <param name="path">The file.</param>
    public static int? Find(string path)
    {
        string folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? "";
        if (folder.Length == 1 && char.IsAsciiDigit(folder[0]))
        {
            return folder[0] - '0';
        }

        string file = Path.GetFileNameWithoutExtension(path);
        bool begins = file.Length > 0 && char.IsAsciiDigit(file[0]) && (file.Length == 1 || !char.IsLetterOrDigit(file[1]));
        bool ends = file.Length > 1 && char.IsAsciiDigit(file[^1]) && !char.IsLetterOrDigit(file[^2]);
        return begins ? file[0] - '0' : ends ? file[^1] - '0' : null;
    }
}
