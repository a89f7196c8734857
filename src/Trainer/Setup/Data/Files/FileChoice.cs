namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>Of several files that may be meant by one name the first that is whole: a damaged one does not hide it.</summary>
internal static class FileChoice
{
    /// <summary>Reads the first file that can be read.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="paths">The files, the likeliest first; at least one.</param>
    /// <param name="read">Reads one.</param>
    /// <param name="say">Hears, in one line, which was passed over and why.</param>
    /// <returns>Which it is, and what it holds.</returns>
    /// <exception cref="BadInputException">None can be read; the message is that about the first.</exception>
    public static (string Path, T Content) Read<T>(IEnumerable<string> paths, Func<string, T> read, Action<string> say)
    {
        BadInputException? first = null;
        foreach (string path in paths)
        {
            try
            {
                T content = read(path);
                if (first is not null)
                {
                    say($"note: {path} is used instead of another: {first.Message}");
                }

                return (path, content);
            }
            catch (BadInputException failure)
            {
                first ??= failure;
            }
        }

        throw first ?? throw new ArgumentException("There is no file to choose from.", nameof(paths));
    }
}
