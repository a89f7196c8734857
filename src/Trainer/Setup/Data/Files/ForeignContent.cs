using System.Text;

namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>
/// What a file is that lies where digits are expected, told by its first bytes and never by its name: what a browser saved
/// in place of a download, what Git left in place of a large file, or what other tools keep digits in.
/// </summary>
/// <param name="What">What it is, after "it is".</param>
/// <param name="Remedy">What to do, in a sentence of its own.</param>
internal sealed record ForeignContent(string What, string Remedy)
{
    /// <summary>How many first bytes tell.</summary>
    public const int Prefix = 512;

    private const string LookAtAddress = "Look at the address that it came from in a browser: it may want a login, or have moved.";
    private const string ToIdx = "docs/data.md has the lines of Python that make idx files of it, which \"dataset\": \"idx\" trains on.";

    /// <summary>Whether there may be digits in it, once it is converted or unpacked.</summary>
    public bool MayHoldDigits => Remedy == ToIdx || Remedy.StartsWith("Unpack", StringComparison.Ordinal);

    /// <summary>What a content is that is not what it should be; null if its first bytes say nothing.</summary>
    /// <param name="content">The content, or its first <see cref="Prefix"/> bytes; decompressed if it is a gzip file.</param>
    public static ForeignContent? Of(ReadOnlySpan<byte> content)
    {
        content = content[..Math.Min(content.Length, Prefix)];
        return content.IsEmpty ? new("empty", "Put a whole copy in its place.")
            : OfBinary(content) ?? OfText(content);
    }

    private static ForeignContent? OfBinary(ReadOnlySpan<byte> content) =>
        Begins(content, 0x1F, 0x8B) ? new("gzip once more inside", "Unpack it once.")
        : Begins(content, "BZh"u8) ? new("bzip2", "Unpack it with 'bunzip2 -k FILE', or with 7-Zip.")
        : Begins(content, 0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0) ? new("xz", "Unpack it with 'unxz -k FILE', or with 7-Zip.")
        : Begins(content, 0x28, 0xB5, 0x2F, 0xFD) ? new("Zstandard", "Unpack it with 'unzstd FILE'.")
        : Begins(content, (byte)'7', (byte)'z', 0xBC, 0xAF) ? new("a 7z archive", "Unpack it with 7-Zip.")
        : Begins(content, "Rar!"u8) ? new("a RAR archive", "Unpack it.")
        : content.Length > 262 && content[257..262].SequenceEqual("ustar"u8) ? new("a tar archive", "Unpack it with 'tar xf FILE'.")
        : Begins(content, "PK"u8) ? OfZip(content)
        : Begins(content, 0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y') ? new("a NumPy array (.npy)", ToIdx)
        : content.Length > 1 && content[0] == 0x80 && content[1] is >= 2 and <= 5
            ? new("a Python pickle (.pkl, .pt or .pth)", ToIdx)
        : Begins(content, 0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A) ? new("HDF5 (.h5)", ToIdx)
        : Begins(content, "PAR1"u8) ? new("Parquet, as Hugging Face keeps data sets", ToIdx)
        : Begins(content, "ARROW1"u8) ? new("Arrow", ToIdx)
        : Begins(content, "MATLAB 5.0"u8) ? new("a MATLAB file (.mat)", ToIdx)
        : Begins(content, 0x89, (byte)'P', (byte)'N', (byte)'G') || Begins(content, 0xFF, 0xD8, 0xFF) || Begins(content, "GIF8"u8)
            ? new("a picture", "Digits in pictures are trained on with \"dataset\": \"images\", a folder per digit.")
        : Begins(content, "\0\0\0\0\0\0\0\0"u8) && content.IndexOfAnyExcept((byte)0) < 0
            ? new("nothing but zeros at its beginning", "A copy of it has not been finished: copy it again.")
        : null;

    /// <summary>A zip archive by what its first entry is called.</summary>
    private static ForeignContent OfZip(ReadOnlySpan<byte> content)
    {
        const int NameAt = 30;
        int length = content.Length >= NameAt ? content[26] | content[27] << 8 : 0;
        string entry = content.Length >= NameAt + length ? Encoding.UTF8.GetString(content.Slice(NameAt, length)) : "";
        return entry.EndsWith(".npy", StringComparison.Ordinal) ? new("NumPy arrays (.npz)", ToIdx)
            : entry.EndsWith("data.pkl", StringComparison.Ordinal) ? new("tensors that PyTorch saved (.pt or .pth)", ToIdx)
            : new("a zip archive", "Unpack it.");
    }

    private static ForeignContent? OfText(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> text = (content.StartsWith(Encoding.UTF8.Preamble) ? content[Encoding.UTF8.Preamble.Length..] : content)
            .TrimStart(" \t\r\n"u8);
        return text.StartsWith("version https://git-lfs"u8)
            ? new("a pointer of Git LFS, not the file that it stands for", "Fetch that with 'git lfs pull' where the file comes from.")
            : text.StartsWith("<"u8)
                ? new($"a web page or XML ('{Excerpt.Of(Encoding.UTF8.GetString(text[..Math.Min(text.Length, 40)]).Trim())}'), as servers send "
                    + "in place of a file", LookAtAddress)
            : text.StartsWith("{"u8)
                ? new($"JSON ('{Excerpt.Of(Encoding.UTF8.GetString(text[..Math.Min(text.Length, 40)]).Trim())}')", LookAtAddress)
            : IsTable(text) ? new("a table with commas (.csv)", ToIdx)
            : null;
    }

    /// <summary>Whether a text's first line is what Kaggle and others begin a table of digits with.</summary>
    private static bool IsTable(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
        return line.IndexOfAnyExceptInRange((byte)' ', (byte)'~') is int odd && (odd < 0 || line[odd] is (byte)'\r' or (byte)'\t')
            && line.Count((byte)',') > 20;
    }

    private static bool Begins(ReadOnlySpan<byte> content, params ReadOnlySpan<byte> bytes) => content.StartsWith(bytes);
}
