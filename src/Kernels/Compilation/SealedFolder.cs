using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace GpuConvnet.Kernels.Compilation;

/// <summary>
/// A folder of texts that are kept between runs. A file is a text behind a line with some words about it, and a seal of both and of the
/// file's name, which takes the folder's <see cref="CacheKey"/> to make. Where others can write, nothing is kept and nothing read.
/// </summary>
/// <param name="path">The folder; it need not exist.</param>
internal sealed class SealedFolder(string path)
{
    private const string Mark = "// gpuconvnet 2";

    private readonly ConcurrentDictionary<string, string> _failures = [];

    /// <summary>The folder.</summary>
    public string FullPath => path;

    /// <summary>Why some text could not be kept, or may not be read; null if all was.</summary>
    public string? Failure => _failures.Values.FirstOrDefault();

    /// <summary>Whether there is a file of a name, be it as it was written or not.</summary>
    /// <param name="name">The name.</param>
    public bool Has(string name) => File.Exists(Path.Combine(path, name));

    /// <summary>What was kept under a name; null if there is nothing, or something that was not written here.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The words about the text, with spaces between them, and the text.</returns>
    public (string Words, string Text)? Find(string name)
    {
        string content;
        byte[] key;
        try
        {
            if (!Has(name))
            {
                return null;
            }

            key = CacheKey.Of(path);

            // Who replaces the file meanwhile need not wait.
            using StreamReader reader = new(new FileStream(
                Path.Combine(path, name), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete));
            content = reader.ReadToEnd();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // There is none, or none that may be read: it is made again, and Add says what is wrong with the folder.
            return null;
        }

        int end = content.IndexOf('\n', StringComparison.Ordinal);
        int last = end < 0 ? -1 : content.LastIndexOf(' ', end);
        if (last <= Mark.Length)
        {
            return null;
        }

        (string words, string text) = (content[(Mark.Length + 1)..last], content[(end + 1)..]);
        return content == ContentOf(name, words, text, key) ? (words, text) : null;
    }

    /// <summary>Keeps a text for later runs. That it cannot be kept is no reason not to train: <see cref="Failure"/> says it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="words">What is to be known of the text; no line break.</param>
    /// <param name="text">The text.</param>
    /// <param name="replaces">Whether it takes the place of what is there under that name.</param>
    /// <returns>Whether it was kept; not, where it is not to replace what is there already.</returns>
    public bool Add(string name, string words, string text, bool replaces = true)
    {
        string temporary = Path.Combine(path, $"{name}.{Guid.NewGuid():N}.part");
        try
        {
            byte[] key = CacheKey.Of(path);
            try
            {
                using (FileStream file = CacheKey.CreateFile(temporary))
                {
                    file.Write(Encoding.UTF8.GetBytes(ContentOf(name, words, text, key)));
                }

                File.Move(temporary, Path.Combine(path, name), replaces);
            }
            catch
            {
                File.Delete(temporary);
                throw;
            }

            _failures.TryRemove(name, out _);
            return true;
        }
        catch (IOException) when (!replaces && Has(name))
        {
            // Another program was first.
            return false;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The temporary file is no business of the user's.
            _failures[name] = failure.Message.Replace(temporary, path, StringComparison.Ordinal);
            return false;
        }
    }

    /// <summary>Deletes the oldest of some files.</summary>
    /// <param name="own">Which files may go: those that were written here.</param>
    /// <param name="most">How many of them stay.</param>
    public void DiscardOldest(Regex own, int most)
    {
        try
        {
            foreach (FileInfo old in new DirectoryInfo(path).EnumerateFiles()
                .Where(file => own.IsMatch(file.Name))
                .OrderByDescending(file => file.LastWriteTimeUtc)
                .Skip(most))
            {
                old.Delete();
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // One that somebody else reads, or that is not ours to delete, stays for the next time.
        }
    }

    private static string ContentOf(string name, string words, string text, byte[] key)
    {
        byte[] seal = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{name}\n{words}\n{text}"));
        return $"{Mark} {words} {Convert.ToHexStringLower(seal)}\n{text}";
    }
}
