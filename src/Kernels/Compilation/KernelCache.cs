using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace GpuConvnet.Kernels.Compilation;

/// <summary>
/// The folder in which generated code is kept between runs: making it takes ILGPU a second, reading it a millisecond. Nothing is
/// lost with it. A file is the text for the driver, behind a line that says what else a launch needs, and a seal of both and of the
/// file's name, which takes the folder's <see cref="CacheKey"/> to make. Where others can write, nothing is kept and nothing read.
/// </summary>
/// <param name="path">The folder; it need not exist.</param>
internal sealed partial class KernelCache(string path)
{
    /// <summary>Files that are kept; of more, those written longest ago go. A network's kernels are 3 to 40.</summary>
    public const int MostFiles = 1024;

    private const string Mark = "// gpuconvnet 2";

    private readonly ConcurrentDictionary<string, string> _failures = [];

    /// <summary>The folder.</summary>
    public string FullPath => path;

    /// <summary>Why some code could not be kept, or may not be read; null if all was.</summary>
    public string? Failure => _failures.Values.FirstOrDefault();

    /// <summary>What was kept under a name; null if there is nothing, or something that was not written here.</summary>
    /// <param name="name">One of <see cref="KernelIdentity"/>.</param>
    public GeneratedCode? Find(string name)
    {
        string content;
        byte[] key;
        try
        {
            if (!File.Exists(Path.Combine(path, name)))
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
        string[] words = end < 0 ? [] : content[..end].Split(' ');
        if (words.Length != 6
            || !int.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out int sharedBytes)
            || !bool.TryParse(words[4], out bool hasDynamicMemory))
        {
            return null;
        }

        GeneratedCode code = new(content[(end + 1)..], sharedBytes, hasDynamicMemory);
        return content == ContentOf(name, code, key) ? code : null;
    }

    /// <summary>
    /// Keeps code for later runs. That it cannot be kept is no reason not to train: <see cref="Failure"/> says it.
    /// </summary>
    /// <param name="name">One of <see cref="KernelIdentity"/>.</param>
    /// <param name="code">The code.</param>
    public void Add(string name, GeneratedCode code)
    {
        string temporary = Path.Combine(path, $"{name}.{Guid.NewGuid():N}.part");
        try
        {
            byte[] key = CacheKey.Of(path);
            try
            {
                using (FileStream file = CacheKey.CreateFile(temporary))
                {
                    file.Write(Encoding.UTF8.GetBytes(ContentOf(name, code, key)));
                }

                File.Move(temporary, Path.Combine(path, name), overwrite: true);
            }
            catch
            {
                File.Delete(temporary);
                throw;
            }

            _failures.TryRemove(name, out _);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The temporary file is no business of the user's.
            _failures[name] = failure.Message.Replace(temporary, path, StringComparison.Ordinal);
            return;
        }

        DiscardOldest();
    }

    /// <summary>Of the files that were written here, and of no other that may lie beside them.</summary>
    private void DiscardOldest()
    {
        try
        {
            foreach (FileInfo old in new DirectoryInfo(path).EnumerateFiles()
                .Where(file => OwnName().IsMatch(file.Name))
                .OrderByDescending(file => file.LastWriteTimeUtc)
                .Skip(MostFiles))
            {
                old.Delete();
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // One that somebody else reads, or that is not ours to delete, stays for the next time.
        }
    }

    private static string ContentOf(string name, GeneratedCode code, byte[] key)
    {
        string memory = string.Create(CultureInfo.InvariantCulture, $"{code.SharedBytes} {code.HasDynamicMemory}");
        byte[] seal = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{name}\n{memory}\n{code.Text}"));
        return $"{Mark} {memory} {Convert.ToHexStringLower(seal)}\n{code.Text}";
    }

    [GeneratedRegex(@"^\w+\.\w+-[0-9a-f]{64}\.(ptx|cl)(\.[0-9a-f]{32}\.part)?$")]
    private static partial Regex OwnName();
}
