using System.Buffers.Binary;
using System.Text.Json;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Formats.SavedModels;

/// <summary>
/// Saved models in the safetensors format: eight bytes with the header's length, a JSON header that names each tensor's
/// type, shape and place, then the tensors. The eight parts of the network of 1989 have the names and shapes of the article's PyTorch
/// code, so that <c>safetensors.torch.load_file</c> gives tensors that it can use; other networks' have those of their own.
/// </summary>
public static class Safetensors
{
    /// <summary>What a saved model's file is called.</summary>
    public const string DefaultName = "model.safetensors";

    /// <summary>The bytes of the header's length.</summary>
    internal const int LengthBytes = sizeof(ulong);

    /// <summary>The most bytes of a header: what is read, and so what is written.</summary>
    internal const int MostHeaderBytes = 1 << 20;

    /// <summary>The header's key for what is no tensor.</summary>
    internal const string MetadataKey = "__metadata__";

    /// <summary>Writes a model.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="model">The parameters and what to say about them.</param>
    /// <exception cref="ArgumentException">There are more or fewer parameters than its parts have.</exception>
    /// <exception cref="BadInputException">The names and metadata are longer than a file's may be.</exception>
    public static void Write(Stream stream, SavedModel model)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(model);
        int count = model.Parts.Sum(part => part.Count);
        if (model.Parameters.Length != count)
        {
            throw new ArgumentException($"The model has {count} parameters, not {model.Parameters.Length}.", nameof(model));
        }

        byte[] header = Header(model);
        if (header.Length > MostHeaderBytes)
        {
            throw new BadInputException(FormattableString.Invariant(
                $"What the model's file would say of its {model.Parts.Count:N0} tensors and of itself takes {header.Length:N0} bytes, more than ")
                + FormattableString.Invariant($"the {MostHeaderBytes:N0} that are read again. Join fewer networks."));
        }

        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        stream.Write(ParameterBytes.Of(model.Parameters));
    }

    /// <summary>Reads a model of the network of 1989.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BadInputException">There is no such file, or it is not a model of the 1989 network.</exception>
    public static SavedModel Read(string path) => Read(path, _ => Parameters.Parts);

    /// <summary>Reads a model of any network.</summary>
    /// <param name="path">The file.</param>
    /// <param name="partsOf">The network's parts, by the metadata.</param>
    /// <exception cref="BadInputException">There is no such file, or it is not a model of the network.</exception>
    public static SavedModel Read(
        string path, Func<IReadOnlyDictionary<string, string>, IReadOnlyList<ParameterPart>> partsOf)
    {
        if (!File.Exists(path))
        {
            throw new BadInputException(Directory.Exists(path)
                ? $"{path} is a folder; name the model in it, such as {Path.Combine(path, DefaultName)}."
                : $"There is no model {path}. Name a run's folder or the {DefaultName} in it; 'trainer runs' lists runs.");
        }

        try
        {
            using FileStream stream = RegularFile.Open(path);
            return Read(stream, path, partsOf);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Reads a model of the network of 1989.</summary>
    /// <param name="stream">Where from; read once, to its end or to the most bytes that a model can have.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="BadInputException">It is not a model of the 1989 network.</exception>
    public static SavedModel Read(Stream stream, string name) => Read(stream, name, _ => Parameters.Parts);

    /// <summary>Reads a model of any network.</summary>
    /// <param name="stream">Where from; read once, to its end or to the most bytes that the model can have.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="partsOf">The network's parts, by the metadata.</param>
    /// <exception cref="BadInputException">It is not a model of the network.</exception>
    public static SavedModel Read(
        Stream stream, string name, Func<IReadOnlyDictionary<string, string>, IReadOnlyList<ParameterPart>> partsOf)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(partsOf);
        return new SafetensorsReader(name, partsOf).Read(stream);
    }

    private static byte[] Header(SavedModel model)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject(MetadataKey);
            foreach ((string key, string value) in model.Metadata)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
            foreach (ParameterPart part in model.Parts)
            {
                writer.WriteStartObject(part.Name);
                writer.WriteString("dtype", "F32");
                WriteNumbers(writer, "shape", part.Shape);
                WriteNumbers(writer, "data_offsets", [Begin(part), End(part)]);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        // Spaces up to a multiple of eight: whoever maps the file finds the tensors aligned.
        while (buffer.Length % LengthBytes != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, IEnumerable<int> numbers)
    {
        writer.WriteStartArray(name);
        foreach (int number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    /// <summary>Where a part's bytes begin in the data of a file that this program wrote.</summary>
    internal static int Begin(ParameterPart part) => part.Offset * sizeof(float);

    /// <summary>Where they end.</summary>
    internal static int End(ParameterPart part) => (part.Offset + part.Count) * sizeof(float);
}
