using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GpuConvnet.Kernels.Compilation;

/// <summary>
/// The folder in which generated code is kept between runs: making it takes ILGPU a second, reading it a millisecond. Nothing is
/// lost with it. A file is the driver's own language, behind a line that says what else a launch needs, and the text's hash.
/// </summary>
/// <param name="path">The folder; it need not exist.</param>
internal sealed class KernelFolder(string path)
{
    /// <summary>Files that are kept; of more, those written longest ago go. A network's kernels are 3 to 16.</summary>
    public const int MostFiles = 256;

    private const string Mark = "// gpuconvnet 1";

    /// <summary>Why code could not be kept; null as long as it could.</summary>
    public string? Failure { get; private set; }

    /// <summary>What was kept under a name; null if there is nothing, or something that was not written here.</summary>
    /// <param name="name">One of <see cref="KernelIdentity"/>.</param>
    public GeneratedCode? Find(string name)
    {
        string content;
        try
        {
            content = File.ReadAllText(Path.Combine(path, name));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // There is none, or none that may be read: it is made again, and Keep says what is wrong with the folder.
            return null;
        }

        int end = content.IndexOf('\n', StringComparison.Ordinal);
        string text = content[(end + 1)..];
        string[] words = end < 0 ? [] : content[..end].Split(' ');
        return words.Length == 6
            && content.StartsWith(Mark, StringComparison.Ordinal)
            && int.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out int sharedBytes)
            && bool.TryParse(words[4], out bool hasDynamicMemory)
            && words[5] == Hash(text)
            ? new GeneratedCode(text, sharedBytes, hasDynamicMemory)
            : null;
    }

    /// <summary>Keeps code for later runs. That it cannot be kept is no reason not to train: <see cref="Failure"/> says it.</summary>
    /// <param name="name">One of <see cref="KernelIdentity"/>.</param>
    /// <param name="code">The code.</param>
    public void Keep(string name, GeneratedCode code)
    {
        string temporary = Path.Combine(path, $"{name}.{Environment.ProcessId}.part");
        try
        {
            Directory.CreateDirectory(path);
            File.WriteAllText(temporary, string.Create(
                CultureInfo.InvariantCulture,
                $"{Mark} {code.SharedBytes} {code.HasDynamicMemory} {Hash(code.Text)}\n{code.Text}"));
            File.Move(temporary, Path.Combine(path, name), overwrite: true);
            foreach (FileInfo old in new DirectoryInfo(path).EnumerateFiles()
                .OrderByDescending(file => file.LastWriteTimeUtc).Skip(MostFiles))
            {
                old.Delete();
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Failure = failure.Message;
        }
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
