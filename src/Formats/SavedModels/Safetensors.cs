using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Formats.SavedModels;

/// <summary>
/// Saved models in the safetensors format: eight bytes with the header's length, a JSON header that names each tensor's
/// type, shape and place, then the tensors. The eight parts have the names and shapes of the article's PyTorch code, so
/// that <c>safetensors.torch.load_file</c> gives tensors that it can use.
/// </summary>
/// <remarks>
/// The reader trusts nothing: it takes exactly the eight parts, float32, tiling the data without a gap, all values
/// finite, and looks at a bounded number of bytes whatever the file claims.
/// </remarks>
public static class Safetensors
{
    /// <summary>What a saved model's file is called.</summary>
    public const string DefaultName = "model.safetensors";

    private const int LengthBytes = sizeof(ulong);
    private const int MostHeaderBytes = 1 << 20;
    private const int LongestReason = 300;
    private const string NextStep = "Name another: 'trainer runs' lists those that were saved.";
    private const string MetadataKey = "__metadata__";

    private static int DataBytes => Parameters.Count * sizeof(float);

    /// <summary>Writes a model.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="model">The parameters and what to say about them.</param>
    /// <exception cref="ArgumentException">There are not 9,760 parameters.</exception>
    public static void Write(Stream stream, SavedModel model)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(model);
        if (model.Parameters.Length != Parameters.Count)
        {
            throw new ArgumentException(
                $"A model has {Parameters.Count} parameters, not {model.Parameters.Length}.", nameof(model));
        }

        byte[] header = Header(model.Metadata);
        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        stream.Write(ParameterBytes.Of(model.Parameters));
    }

    /// <summary>Reads a model.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BadInputException">There is no such file, or it is not a model of the 1989 network.</exception>
    public static SavedModel Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new BadInputException(Directory.Exists(path)
                ? $"{path} is a folder; name the model in it, such as {Path.Combine(path, DefaultName)}."
                : $"There is no model {path}. Name a run's folder or the {DefaultName} in it; 'trainer runs' lists runs.");
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            return Read(stream, path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Reads a model.</summary>
    /// <param name="stream">Where from; read once, to its end or to the most bytes that a model can have.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="BadInputException">It is not a model of the 1989 network.</exception>
    public static SavedModel Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);

        // One byte more than there is, or than there may be, to find that there is no more.
        int most = LengthBytes + MostHeaderBytes + DataBytes + 1;
        byte[] buffer = new byte[stream.CanSeek ? Math.Min(most, stream.Length - stream.Position + 1) : most];
        int read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (read < LengthBytes)
        {
            throw Refusal(name, $"it has {Number(read)} bytes, too few for a header");
        }

        ulong claimed = BinaryPrimitives.ReadUInt64LittleEndian(buffer);
        if (claimed > MostHeaderBytes)
        {
            throw Refusal(name, $"its header claims {Number(claimed)} bytes, more than the {Number(MostHeaderBytes)} allowed");
        }

        if (claimed > (ulong)(read - LengthBytes))
        {
            throw Refusal(name, $"its header claims {Number(claimed)} bytes, but the file has {Number(read)} in all");
        }

        int headerBytes = (int)claimed;
        ReadOnlySpan<byte> data = buffer.AsSpan(LengthBytes + headerBytes, read - LengthBytes - headerBytes);
        try
        {
            using JsonDocument header = JsonDocument.Parse(
                buffer.AsMemory(LengthBytes, headerBytes),
                new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            return Read(header.RootElement, data, isCutOff: read == most, name);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text in the header that is not valid Unicode.
            throw new BadInputException(
                $"{name} is not a model in safetensors format: its header is not JSON "
                + $"({Excerpt.Of(failure.Message, LongestReason)}). {NextStep}",
                failure);
        }
    }

    private static byte[] Header(IReadOnlyDictionary<string, string> metadata)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject(MetadataKey);
            foreach ((string key, string value) in metadata)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
            foreach (ParameterPart part in Parameters.Parts)
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

    private static SavedModel Read(JsonElement header, ReadOnlySpan<byte> data, bool isCutOff, string name)
    {
        if (header.ValueKind != JsonValueKind.Object)
        {
            throw Refusal(name, "its header is not an object");
        }

        string[] others = [.. header.EnumerateObject().Select(property => property.Name)
            .Where(key => key != MetadataKey && !Parameters.Parts.Any(part => part.Name == key))];
        if (others.Length > 0)
        {
            throw Refusal(name, $"it holds {Listed(others)}, which the 1989 network does not have; save its eight alone");
        }

        Dictionary<string, string> metadata = [];
        List<(int Begin, int End, string Part)> places = [];
        foreach (JsonProperty property in header.EnumerateObject())
        {
            if (property.NameEquals(MetadataKey))
            {
                metadata = ReadMetadata(property.Value, name);
                continue;
            }

            ParameterPart part = Parameters.Parts.First(known => property.NameEquals(known.Name));
            int begin = ReadPlace(property.Value, part, name);
            places.Add((begin, begin + End(part) - Begin(part), part.Name));
        }

        if (Parameters.Parts.FirstOrDefault(part => places.TrueForAll(place => place.Part != part.Name)) is { } missing)
        {
            throw Refusal(name, $"the tensor '{missing.Name}' is missing");
        }

        // Only now: of a file of other tensors, names and types say more than its length does.
        if (data.Length != DataBytes)
        {
            string found = isCutOff ? "more" : Number(data.Length);
            throw Refusal(name, $"it should have {Number(DataBytes)} bytes of tensors after its header, but has {found}");
        }

        // Eight different parts of the right sizes in exactly their bytes: without an overlap there is no gap either.
        places.Sort();
        for (int index = 1; index < places.Count; index++)
        {
            if (places[index].Begin < places[index - 1].End)
            {
                throw Refusal(name, $"the tensors '{places[index - 1].Part}' and '{places[index].Part}' overlap");
            }
        }

        float[] parameters = new float[Parameters.Count];
        foreach ((int begin, _, string partName) in places)
        {
            ParameterBytes.Read(data[begin..], Parameters.Parts.First(part => part.Name == partName).Of(parameters.AsSpan()));
        }

        foreach (ParameterPart part in Parameters.Parts)
        {
            int bad = part.Of(parameters.AsSpan()).IndexOfAnyNotFinite();
            if (bad >= 0)
            {
                throw Refusal(name, $"value {Number(bad)} of the tensor '{part.Name}' is not a finite number");
            }
        }

        return new SavedModel(parameters, metadata);
    }

    private static Dictionary<string, string> ReadMetadata(JsonElement element, string name)
    {
        Dictionary<string, string> metadata = [];
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Refusal(name, $"'{MetadataKey}' is not an object");
        }

        foreach (JsonProperty property in element.EnumerateObject())
        {
            metadata[property.Name] = property.Value.ValueKind == JsonValueKind.String
                ? property.Value.GetString()!
                : throw Refusal(name, $"the value of '{Excerpt.Of(property.Name)}' in '{MetadataKey}' is not a text");
        }

        return metadata;
    }

    /// <summary>Checks a tensor's entry, and says where its bytes begin; they lie within the data.</summary>
    private static int ReadPlace(JsonElement entry, ParameterPart part, string name)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            throw Refusal(name, $"the entry of the tensor '{part.Name}' is not an object");
        }

        if (!entry.TryGetProperty("dtype", out JsonElement type) || type.ValueKind != JsonValueKind.String
            || !type.ValueEquals("F32"))
        {
            throw Refusal(name, $"the tensor '{part.Name}' should have dtype \"F32\", found {Shown(type)}; convert it, in PyTorch "
                + "with .float(), and save it again");
        }

        entry.TryGetProperty("shape", out JsonElement shape);
        if (!(ReadNumbers(shape) is { } sides && sides.SequenceEqual(part.Shape)))
        {
            throw Refusal(
                name, $"the tensor '{part.Name}' should have shape [{string.Join(", ", part.Shape)}], found {Shown(shape)}");
        }

        entry.TryGetProperty("data_offsets", out JsonElement offsets);
        if (!(ReadNumbers(offsets) is [int begin and >= 0, int end] && end <= DataBytes
            && end - (long)begin == End(part) - Begin(part)))
        {
            throw Refusal(name, $"the data_offsets of the tensor '{part.Name}' should span {Number(End(part) - Begin(part))} "
                + $"of the {Number(DataBytes)} bytes, found {Shown(offsets)}");
        }

        return begin;
    }

    private static int[]? ReadNumbers(JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > 8)
        {
            return null;
        }

        List<int> numbers = [];
        foreach (JsonElement element in array.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out int number))
            {
                return null;
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    /// <summary>Names of tensors, the first few of many.</summary>
    private static string Listed(string[] names)
    {
        const int Most = 5;
        string more = names.Length > Most ? $" and {Number(names.Length - Most)} more" : "";
        return (names.Length == 1 ? "a tensor " : "tensors ")
            + string.Join(", ", names.Take(Most).Select(name => $"'{Excerpt.Of(name)}'")) + more;
    }

    private static string Shown(JsonElement element) =>
        element.ValueKind == JsonValueKind.Undefined ? "nothing" : Excerpt.Of(element.GetRawText());

    private static int IndexOfAnyNotFinite(this Span<float> values)
    {
        for (int index = 0; index < values.Length; index++)
        {
            if (!float.IsFinite(values[index]))
            {
                return index;
            }
        }

        return -1;
    }

    private static int Begin(ParameterPart part) => part.Offset * sizeof(float);

    private static int End(ParameterPart part) => (part.Offset + part.Count) * sizeof(float);

    private static string Number<T>(T number)
        where T : IFormattable => number.ToString("N0", CultureInfo.InvariantCulture);

    private static BadInputException Refusal(string name, string problem) =>
        new($"{name} is not a model of the 1989 network in safetensors format: {problem}. {NextStep}");
}
