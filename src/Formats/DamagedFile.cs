using System.Globalization;

namespace GpuConvnet.Formats;

/// <summary>Files that cannot be read any more, and that can be made again.</summary>
public static class DamagedFile
{
    private const string Ending = ".damaged";

    /// <summary>Gives a file, or a folder in its place, a name under which it is out of the way: nothing of it is lost.</summary>
    /// <param name="path">The file; nothing is renamed where there is none.</param>
    /// <param name="damage">What is wrong with it, a sentence.</param>
    /// <param name="say">Takes a line about it.</param>
    public static void SetAside(string path, string damage, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(say);
        string aside = path + Ending;
        for (int number = 2; Path.Exists(aside); number++)
        {
            aside = string.Create(CultureInfo.InvariantCulture, $"{path}{Ending}-{number}");
        }

        bool isFolder = Directory.Exists(path);
        if (!isFolder && !File.Exists(path))
        {
            say($"{damage} It is made again.");
            return;
        }

        try
        {
            if (isFolder)
            {
                Directory.Move(path, aside);
            }
            else
            {
                File.Move(path, aside);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{damage} It cannot be set aside: {failure.Message}", failure);
        }

        say($"{damage} It is kept as {Path.GetFileName(aside)}, and made again.");
    }
}
