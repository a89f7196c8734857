using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Formats.SavedModels;

/// <summary>
/// Reads a saved model and trusts nothing: it takes exactly the network's parts, tiling the data without a gap, all values finite,
/// and looks at a bounded number of bytes whatever the file claims. Numbers may be float32, or of another precision, which become
/// float32; names may all begin with a wrapper's.
/// </summary>
/// <param name="name">What errors call the file.</param>
/// <param name="partsOf">The network's parts, by the file's metadata.</param>
internal sealed class SafetensorsReader(
    string name, Func<IReadOnlyDictionary<string, string>, IReadOnlyList<ParameterPart>> partsOf)
{
    private const int LongestReason = 300;
    private const string NextStep = "Name another: 'trainer runs' lists those that were saved.";
    private const int LengthBytes = Safetensors.LengthBytes;

    // Empty until the metadata have said which network it is.
    private IReadOnlyList<ParameterPart> _parts = [];

    private string Network => _parts == Parameters.Parts ? "the 1989 network" : "its network";

    /// <summary>Reads the model.</summary>
    /// <param name="stream">Where from; read once, to its end or to the most bytes that the model can have.</param>
    /// <exception cref="BadInputException">It is not a model of the network.</exception>
    public SavedModel Read(Stream stream)
    {
        byte[] beginning = new byte[LengthBytes];
        int read = stream.ReadAtLeast(beginning, LengthBytes, throwOnEndOfStream: false);
        if (read < LengthBytes)
        {
            throw Refusal($"it has {Number(read)} bytes, too few for a header");
        }

        ulong claimed = BinaryPrimitives.ReadUInt64LittleEndian(beginning);
        if (claimed > Safetensors.MostHeaderBytes)
        {
            byte[] more = new byte[OtherModel.Prefix - LengthBytes];
            int length = stream.ReadAtLeast(more, more.Length, throwOnEndOfStream: false);
            RequireNoOther([.. beginning, .. more.AsSpan(0, length)]);
            throw Refusal($"its header claims {Number(claimed)} bytes, more than the {Number(Safetensors.MostHeaderBytes)} allowed");
        }

        byte[] headerBytes = new byte[(int)claimed];
        read = stream.ReadAtLeast(headerBytes, headerBytes.Length, throwOnEndOfStream: false);
        if (read < headerBytes.Length)
        {
            RequireNoOther([.. beginning, .. headerBytes.AsSpan(0, read)]);
            throw Refusal($"its header claims {Number(claimed)} bytes, but the file has {Number(LengthBytes + read)} in all");
        }

        try
        {
            using JsonDocument header = JsonDocument.Parse(
                headerBytes, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            return Read(header.RootElement, stream);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text in the header that is not valid Unicode.
            RequireNoOther([.. beginning, .. headerBytes.AsSpan(0, Math.Min(headerBytes.Length, OtherModel.Prefix))]);
            throw new BadInputException(
                $"{name} is not a model in safetensors format: its header is not JSON "
                + $"({Excerpt.Of(failure.Message, LongestReason)}). {NextStep}",
                failure);
        }
    }

    /// <summary>Refuses, by its name, what is known to be something else.</summary>
    private void RequireNoOther(ReadOnlySpan<byte> first)
    {
        if (OtherModel.Of(first[..Math.Min(first.Length, OtherModel.Prefix)]) is { } other)
        {
            throw new BadInputException($"{name} is not a model in safetensors format: it is {other.What}. {other.Remedy}");
        }
    }

    private SavedModel Read(JsonElement header, Stream stream)
    {
        if (header.ValueKind != JsonValueKind.Object)
        {
            throw Refusal("its header is not an object");
        }

        Dictionary<string, string> metadata =
            header.TryGetProperty(Safetensors.MetadataKey, out JsonElement said) ? ReadMetadata(said) : [];
        _parts = partsOf(metadata);
        string[] keys = [.. header.EnumerateObject().Select(property => property.Name).Where(key => key != Safetensors.MetadataKey)];
        TensorNames names = TensorNames.Of(keys, _parts);
        Dictionary<string, ParameterPart> parts = _parts.ToDictionary(part => part.Name);
        string[] others = [.. keys.Where(key => !parts.ContainsKey(names.Without(key)))];
        if (others.Length > 0)
        {
            throw Refusal($"it holds {Listed(others)}, which {Network} does not have; save its {(_parts.Count == 8 ? "eight" : Number(_parts.Count))} alone");
        }

        List<(ParameterPart Part, TensorType Type, JsonElement Entry)> tensors = [];
        foreach (string key in keys)
        {
            ParameterPart part = parts[names.Without(key)];
            JsonElement entry = header.GetProperty(key);
            tensors.Add((part, ReadType(entry, part), entry));
        }

        HashSet<ParameterPart> there = [.. tensors.Select(tensor => tensor.Part)];
        if (_parts.FirstOrDefault(part => !there.Contains(part)) is { } missing)
        {
            throw Refusal($"the tensor '{missing.Name}' is missing");
        }

        int bytes = tensors.Sum(tensor => tensor.Part.Count * tensor.Type.Bytes);
        List<(int Begin, int End, ParameterPart Part, TensorType Type)> places = [.. tensors.Select(tensor =>
        {
            int begin = ReadBegin(tensor.Entry, tensor.Part, tensor.Type, bytes);
            return (begin, begin + tensor.Part.Count * tensor.Type.Bytes, tensor.Part, tensor.Type);
        })];

        // Only now: of a file of other tensors, names and types say more than its length does.
        // Further bytes, up to a bound, are looked for to say how many there are.
        int most = bytes + Safetensors.MostHeaderBytes + 1;
        byte[] buffer = new byte[stream.CanSeek ? Math.Min(most, Math.Max(0, stream.Length - stream.Position)) : most];
        int read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        ReadOnlySpan<byte> data = buffer.AsSpan(0, read);
        if (data.Length != bytes)
        {
            string found = read == most ? "more" : Number(data.Length);
            throw Refusal($"it should have {Number(bytes)} bytes of tensors after its header, but has {found}");
        }

        // Different parts of the right sizes in exactly their bytes: without an overlap there is no gap either.
        places.Sort((one, other) => one.Begin.CompareTo(other.Begin));
        for (int index = 1; index < places.Count; index++)
        {
            if (places[index].Begin < places[index - 1].End)
            {
                throw Refusal($"the tensors '{places[index - 1].Part.Name}' and '{places[index].Part.Name}' overlap");
            }
        }

        float[] parameters = new float[_parts.Sum(part => part.Count)];
        foreach ((int begin, _, ParameterPart part, TensorType type) in places)
        {
            Span<float> values = part.Of(parameters.AsSpan());
            for (int index = 0; index < values.Length; index++)
            {
                values[index] = type.Read(data[(begin + index * type.Bytes)..]);
            }
        }

        foreach (ParameterPart part in _parts)
        {
            int bad = IndexOfNotFinite(part.Of(parameters.AsSpan()));
            if (bad >= 0)
            {
                throw Refusal($"value {Number(bad)} of the tensor '{part.Name}' is not a finite number of float32");
            }
        }

        return new SavedModel(parameters, metadata) { Parts = _parts, Note = NoteOn(names, tensors.Select(tensor => tensor.Type)) };
    }

    private static string? NoteOn(TensorNames names, IEnumerable<TensorType> types)
    {
        string[] others = [.. types.Distinct().Where(type => type != TensorType.Float32).Select(type => type.Name)];
        List<string> notes = [];
        if (names.Prefix.Length > 0)
        {
            notes.Add($"its tensors' names begin with '{Excerpt.Of(names.Prefix)}', as {names.Wrapper} saves them, which was left out");
        }

        if (others.Length > 0)
        {
            notes.Add($"its numbers are {string.Join(" and ", others)}, read as float32");
        }

        return notes.Count == 0 ? null : string.Join("; ", notes);
    }

    private Dictionary<string, string> ReadMetadata(JsonElement element)
    {
        Dictionary<string, string> metadata = [];
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Refusal($"'{Safetensors.MetadataKey}' is not an object");
        }

        foreach (JsonProperty property in element.EnumerateObject())
        {
            metadata[property.Name] = property.Value.ValueKind == JsonValueKind.String
                ? property.Value.GetString()!
                : throw Refusal($"the value of '{Excerpt.Of(property.Name)}' in '{Safetensors.MetadataKey}' is not a text");
        }

        return metadata;
    }

    /// <summary>Checks a tensor's entry but for its place, and says what its numbers are.</summary>
    private TensorType ReadType(JsonElement entry, ParameterPart part)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            throw Refusal($"the entry of the tensor '{part.Name}' is not an object");
        }

        TensorType? known = entry.TryGetProperty("dtype", out JsonElement type) && type.ValueKind == JsonValueKind.String
            ? TensorType.All.FirstOrDefault(known => type.ValueEquals(known.Name))
            : null;
        if (known is null)
        {
            throw Refusal($"the tensor '{part.Name}' should have dtype {string.Join(", ", TensorType.All.SkipLast(1).Select(read => read.Name))} "
                + $"or {TensorType.All[^1].Name}, found {Shown(type)}; convert it, in PyTorch with .float(), and save it again");
        }

        entry.TryGetProperty("shape", out JsonElement shape);
        if (!(ReadNumbers(shape) is { } sides && sides.SequenceEqual(part.Shape)))
        {
            throw Refusal(
                $"the tensor '{part.Name}' should have shape [{string.Join(", ", part.Shape)}], found {Shown(shape)}");
        }

        return known;
    }

    /// <summary>Where a tensor's bytes begin; they lie within the data.</summary>
    private int ReadBegin(JsonElement entry, ParameterPart part, TensorType type, int bytes)
    {
        entry.TryGetProperty("data_offsets", out JsonElement offsets);
        if (!(ReadNumbers(offsets) is [int begin and >= 0, int end] && end <= bytes
            && end - (long)begin == part.Count * type.Bytes))
        {
            throw Refusal($"the data_offsets of the tensor '{part.Name}' should span {Number(part.Count * type.Bytes)} "
                + $"of the {Number(bytes)} bytes, found {Shown(offsets)}");
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

    private static int IndexOfNotFinite(ReadOnlySpan<float> values)
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

    private static string Number<T>(T number)
        where T : IFormattable => number.ToString("N0", CultureInfo.InvariantCulture);

    private BadInputException Refusal(string problem) =>
        new($"{name} is not a model {(_parts.Count == 0 ? "" : $"of {Network} ")}in safetensors format: {problem}. {NextStep}");
}
