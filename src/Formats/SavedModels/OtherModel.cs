using System.Text;

namespace GpuConvnet.Formats.SavedModels;

/// <summary>What a file is that is given as a model and is none in safetensors format: its first bytes tell, never its name.</summary>
/// <param name="What">What it is, after "it is".</param>
/// <param name="Remedy">What to do, in sentences of their own.</param>
internal sealed record OtherModel(string What, string Remedy)
{
    /// <summary>How many first bytes tell.</summary>
    public const int Prefix = 512;

    private const string FromPyTorch =
        "In Python: safetensors.torch.save_file(model.state_dict(), \"model.safetensors\"); docs/interchange.md has the names of the tensors.";

    private const string Again = "Look at the address that it came from in a browser: it may want a login, or have moved.";

    private const string Unpack = "Unpack it, and name the model.safetensors in it.";

    private const string Own = "Name the model.safetensors of a run, or its folder: 'trainer runs' lists those that were saved.";

    /// <summary>What a content is; null if its first bytes say nothing.</summary>
    /// <param name="content">The first <see cref="Prefix"/> bytes, or all where there are fewer.</param>
    public static OtherModel? Of(ReadOnlySpan<byte> content) => OfBinary(content) ?? OfText(content);

    private static OtherModel? OfBinary(ReadOnlySpan<byte> content) =>
        content.StartsWith("PK"u8) ? OfZip(content)
        : content[0] == 0x80 && content[1] is >= 2 and <= 5 ? new("a Python pickle, as PyTorch and others save (.pth, .pt, .pkl)", FromPyTorch)
        : content.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A]) ? new("HDF5, as Keras saves (.h5)", Own)
        : content.StartsWith("GGUF"u8) ? new("a GGUF file, of language models", Own)
        : content.StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y']) ? new("a NumPy array (.npy)", Own)
        : content.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? new("packed with gzip", Unpack)
        : content.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G'])
            || content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? new("a picture", Own + " 'trainer predict' takes pictures first, and the model with --model.")
        : content.Length > 8 && content[4..8].SequenceEqual("TFL3"u8) ? new("a model of TensorFlow Lite (.tflite)", Own)
        : IsOnnx(content) ? new("a model in ONNX (.onnx), which this program writes and does not read", Own)
        : null;

    private static OtherModel OfZip(ReadOnlySpan<byte> content)
    {
        string names = Encoding.Latin1.GetString(content);
        return names.Contains("data.pkl", StringComparison.Ordinal) || names.Contains("/.format_version", StringComparison.Ordinal)
                || names.Contains("/byteorder", StringComparison.Ordinal)
                ? new("tensors or a model that PyTorch saved (.pt or .pth)", FromPyTorch)
            : names.Contains(".npy", StringComparison.Ordinal) ? new("NumPy arrays (.npz)", Own)
            : names.Contains("metadata.json", StringComparison.Ordinal) ? new("a model of Keras (.keras)", Own)
            : new("a zip archive", Unpack);
    }

    /// <summary>Whether it begins as the message ModelProto does: its version, then who made it, the graph or the opsets.</summary>
    private static bool IsOnnx(ReadOnlySpan<byte> content)
    {
        const byte Version = 1 << 3;
        const byte Producer = 2 << 3 | 2;
        const byte Graph = 7 << 3 | 2;
        const byte Opsets = 8 << 3 | 2;
        const int MostVersion = 64;
        return content[0] == Version && content[1] is > 0 and < MostVersion && content[2] is Producer or Graph or Opsets;
    }

    private static OtherModel? OfText(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> text = (content.StartsWith(Encoding.UTF8.Preamble) ? content[Encoding.UTF8.Preamble.Length..] : content)
            .TrimStart(" \t\r\n"u8);
        return text.StartsWith("version https://git-lfs"u8)
                ? new("a pointer of Git LFS, not the file that it stands for", "Fetch that with 'git lfs pull' where the file comes from.")
            : text.StartsWith("<"u8) ? new($"a web page or XML ('{Beginning(text)}'), as servers send in place of a file", Again)
            : text.StartsWith("{"u8) || text.StartsWith("["u8) ? new($"JSON ('{Beginning(text)}')", Own)
            : text.IndexOfAnyExceptInRange((byte)' ', (byte)'~') is var odd
                && (odd < 0 || text[odd] is (byte)'\n' or (byte)'\r' or (byte)'\t')
                ? new($"text ('{Beginning(text)}')", Own)
            : null;
    }

    private static string Beginning(ReadOnlySpan<byte> text) =>
        Excerpt.Of(Encoding.UTF8.GetString(text[..Math.Min(text.Length, 40)]).Trim());
}
