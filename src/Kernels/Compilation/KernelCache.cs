using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuConvnet.Kernels.Compilation;

/// <summary>
/// The folder in which generated code is kept between runs: making it takes ILGPU a second, reading it a millisecond. Nothing is
/// lost with it. A file is the text for the driver, behind a line that says what else a launch needs: see <see cref="SealedFolder"/>.
/// </summary>
/// <param name="path">The folder; it need not exist.</param>
internal sealed partial class KernelCache(string path)
{
    /// <summary>Files that are kept; of more, those written longest ago go. A network's kernels are 3 to 40.</summary>
    public const int MostFiles = 1024;

    private readonly SealedFolder _folder = new(path);

    /// <summary>The folder.</summary>
    public string FullPath => path;

    /// <summary>Why some code could not be kept, or may not be read; null if all was.</summary>
    public string? Failure => _folder.Failure;

    /// <summary>What was kept under a name; null if there is nothing, or something that was not written here.</summary>
    /// <param name="name">One of <see cref="KernelIdentity"/>.</param>
    public GeneratedCode? Find(string name) =>
        _folder.Find(name) is var (words, text)
        && words.Split(' ') is [var bytes, var dynamic]
        && int.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out int sharedBytes)
        && bool.TryParse(dynamic, out bool hasDynamicMemory)
            ? new GeneratedCode(text, sharedBytes, hasDynamicMemory)
            : null;

    /// <summary>
    /// Keeps code for later runs. That it cannot be kept is no reason not to train: <see cref="Failure"/> says it.
    /// </summary>
    /// <param name="name">One of <see cref="KernelIdentity"/>.</param>
    /// <param name="code">The code.</param>
    public void Add(string name, GeneratedCode code)
    {
        string words = string.Create(CultureInfo.InvariantCulture, $"{code.SharedBytes} {code.HasDynamicMemory}");
        if (_folder.Add(name, words, code.Text))
        {
            // Of the files that were written here, and of no other that may lie beside them.
            _folder.DiscardOldest(OwnName(), MostFiles);
        }
    }

    [GeneratedRegex(@"^\w+\.\w+-[0-9a-f]{64}\.(ptx|cl)(\.[0-9a-f]{32}\.part)?$")]
    private static partial Regex OwnName();
}
