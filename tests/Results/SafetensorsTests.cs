using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Tests.Results;

public sealed class SafetensorsTests
{
    private const string Order = "H1w H1b H2w H2b H3w H3b outw outb";

    private static readonly float[] s_parameters = InitialParameters.Draw(NetworkOptions.Base1989, 1337);

    /// <summary>Each: what is put at a path of the header, and a word of the refusal.</summary>
    public static TheoryData<string, string, string> HeaderDamages { get; } = new()
    {
        { "H1w.dtype", "\"I32\"", "dtype" },
        { "H1w.dtype", "\"F16\"", "data_offsets" },
        { "H1w.dtype", "\"F64\"", "data_offsets" },
        { "H1w.dtype", "4", "dtype" },
        { "H1w.shape", "[12, 5, 5]", "shape [12, 1, 5, 5]" },
        { "H1w.shape", "[12, 1, 5, \"5\"]", "shape" },
        { "H1w.shape", "300", "shape" },
        { "H1w.data_offsets", "[0, 1199]", "data_offsets" },
        { "H1w.data_offsets", "[-1200, 0]", "data_offsets" },
        { "H1w.data_offsets", "[39039, 40239]", "data_offsets" },
        { "H1w.data_offsets", "[0, 1200, 1]", "data_offsets" },
        { "H1w.data_offsets", "[9223372036854775807, 9223372036854775808]", "data_offsets" },
        { "H1w.data_offsets", "[2147483647, 2147484847]", "data_offsets" },
        { "H1w.data_offsets", "[4, 1204]", "overlap" },
        { "H1w", "7", "not an object" },
        { "H1w", "{}", "dtype" },
        { "H4w", """{ "dtype": "F32", "shape": [0], "data_offsets": [0, 0] }""", "does not have" },
        { "__metadata__", """{ "passes": 23 }""", "not a text" },
        { "__metadata__", "\"text\"", "not an object" },
    };

    [Fact]
    public void A_model_reads_back_bit_for_bit_with_its_metadata()
    {
        Dictionary<string, string> metadata = new() { ["experiment"] = "é\"1989\"", ["seed"] = "1337" };

        SavedModel model = Read(Write(metadata));

        Assert.Equal(s_parameters, model.Parameters);
        Assert.Equal(metadata, model.Metadata);
    }

    [Fact]
    public void The_file_is_the_published_format_with_the_articles_names_and_shapes()
    {
        byte[] file = Write([]);

        int header = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        JsonNode json = JsonNode.Parse(Encoding.UTF8.GetString(file, 8, header))!;
        Assert.Equal(0, (8 + header) % 8);
        Assert.Equal(8 + header + 39_040, file.Length);
        Assert.Equal("""{"dtype":"F32","shape":[192,30],"data_offsets":[14640,37680]}""", json["H3w"]!.ToJsonString());
        Assert.Equal(
            ["__metadata__", "H1w", "H1b", "H2w", "H2b", "H3w", "H3b", "outw", "outb"],
            json.AsObject().Select(entry => entry.Key));
        Assert.Equal(s_parameters[0], BinaryPrimitives.ReadSingleLittleEndian(file.AsSpan(8 + header)));
        Assert.Equal(-1f, BinaryPrimitives.ReadSingleLittleEndian(file.AsSpan(file.Length - 4)));
    }

    [Fact]
    public void Tensors_in_another_order_are_put_in_ours()
    {
        // As a writer does that sorts by name: the first two parts change places.
        byte[] file = Write([]);
        (JsonNode header, byte[] data) = Split(file);
        header["H1b"]!["data_offsets"] = new JsonArray(0, 3072);
        header["H1w"]!["data_offsets"] = new JsonArray(3072, 4272);
        byte[] swapped = [.. data[1200..4272], .. data[..1200], .. data[4272..]];

        Assert.Equal(s_parameters, Read(Join(header.ToJsonString(), swapped)).Parameters);
    }

    /// <summary>As PyTorch users write files: no metadata, in whatever order, and a header of any length.</summary>
    [Theory]
    [InlineData("outb outw H3b H3w H2b H2w H1b H1w", 0)]
    [InlineData("H1b H1w H2b H2w H3b H3w outb outw", 0)]
    [InlineData("H2b H3w H3b outw outb H1w H1b H2w", 13)]
    [InlineData("H1w H1b H2w H2b H3w H3b outw outb", 4096)]
    public void Files_by_others_are_read(string order, int padding)
    {
        SavedModel model = Read(ByOthers(order, "F32", values => [.. values.SelectMany(BitConverter.GetBytes)], padding));

        Assert.Equal(s_parameters, model.Parameters);
        Assert.Empty(model.Metadata);
    }

    public static TheoryData<string, Func<float, byte[]>, Func<float, float>> Precisions => new()
    {
        { "F64", value => BitConverter.GetBytes((double)value), value => value },
        { "F16", value => BitConverter.GetBytes((Half)value), value => (float)(Half)value },
        {
            "BF16",
            value => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)),
            value => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000)
        },
    };

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Numbers_of_other_precision_are_read_as_float32_and_that_is_said(
        string type, Func<float, byte[]> written, Func<float, float> read)
    {
        SavedModel model = Read(ByOthers(Order, type, values => [.. values.SelectMany(written)], 0));

        Assert.Equal(s_parameters.Select(read), model.Parameters);
        Assert.Equal($"its numbers are {type}, read as float32", model.Note);
    }

    [Fact]
    public void Numbers_that_float32_does_not_have_are_refused()
    {
        byte[] file = ByOthers(Order, "F64", values => [.. values.SelectMany(_ => BitConverter.GetBytes(1e300))], 0);

        Assert.Contains("value 0 of the tensor 'H1w' is not a finite number of float32", Refusal(file), StringComparison.Ordinal);
        Assert.Contains(
            "should have dtype F32, F16, BF16 or F64, found \"F8_E4M3\"; convert it",
            Refusal(ByOthers(Order, "F8_E4M3", values => new byte[values.Length], 0)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("module.", "PyTorch's DataParallel")]
    [InlineData("_orig_mod.", "torch.compile")]
    [InlineData("module._orig_mod.", "PyTorch's DataParallel and torch.compile")]
    [InlineData("net.", "a wrapper")]
    public void Names_with_a_wrappers_prefix_are_recognised_and_that_is_said(string prefix, string wrapper)
    {
        (JsonNode header, byte[] data) = Split(Write([]));
        JsonObject wrapped = [];
        foreach ((string name, JsonNode? entry) in header.AsObject())
        {
            wrapped[name == "__metadata__" ? name : prefix + name] = entry!.DeepClone();
        }

        SavedModel model = Read(Join(wrapped.ToJsonString(), data));

        Assert.Equal(s_parameters, model.Parameters);
        Assert.Equal($"its tensors' names begin with '{prefix}', as {wrapper} saves them, which was left out", model.Note);
        wrapped["H1w"] = wrapped[prefix + "H1w"]!.DeepClone();
        wrapped.Remove(prefix + "H1w");
        Assert.Contains($"'{prefix}H1b'", Refusal(Join(wrapped.ToJsonString(), data)), StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_that_the_network_does_not_have_are_named()
    {
        (JsonNode header, byte[] data) = Split(Write([]));
        header["fc.weight"] = JsonNode.Parse("""{ "dtype": "F32", "shape": [3], "data_offsets": [39040, 39052] }""");
        Assert.Contains(
            "holds a tensor 'fc.weight', which", Refusal(Join(header.ToJsonString(), [.. data, .. new byte[12]])), StringComparison.Ordinal);

        for (int extra = 0; extra < 6; extra++)
        {
            header[$"extra{extra}"] = JsonNode.Parse("""{ "dtype": "I64", "shape": [], "data_offsets": [39052, 39060] }""");
        }

        Assert.Contains(
            "holds tensors 'fc.weight', 'extra0', 'extra1', 'extra2', 'extra3' and 2 more, which",
            Refusal(Join(header.ToJsonString(), [.. data, .. new byte[20]])), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(HeaderDamages))]
    public void A_header_that_describes_another_network_is_refused(string path, string value, string word)
    {
        (JsonNode header, byte[] data) = Split(Write([]));
        string[] keys = path.Split('.');
        (keys.Length == 1 ? header : header[keys[0]]!)[keys[^1]] = JsonNode.Parse(value);

        Assert.Contains(word, Refusal(Join(header.ToJsonString(), data)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_tensor_is_named()
    {
        (JsonNode header, byte[] data) = Split(Write([]));
        header.AsObject().Remove("outb");

        Assert.Contains("'outb' is missing", Refusal(Join(header.ToJsonString(), data)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_appears_twice_is_refused()
    {
        (JsonNode header, byte[] data) = Split(Write([]));
        string twice = header.ToJsonString().TrimEnd('}') + "}," + "\"H1w\":" + header["H1w"]!.ToJsonString() + "}";

        Assert.Contains("H1w", Refusal(Join(twice, data)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue, "more than")]
    [InlineData(1UL << 62, "more than")]
    [InlineData((1UL << 20) + 1, "more than")]
    [InlineData(500_000UL, "the file has")]
    [InlineData(0UL, "not JSON")]
    [InlineData(8UL, "not JSON")]
    public void A_header_length_that_cannot_be_is_refused_at_once(ulong length, string word)
    {
        byte[] file = Write([]);
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);

        Assert.Contains(word, Refusal(file), StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_file_is_refused_after_a_bounded_read()
    {
        using EndlessStream endless = new();

        Assert.Throws<BadInputException>(() => Safetensors.Read(endless, "m"));
        Assert.InRange(endless.Served, 0, 4 << 20);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_value_that_is_no_number_is_refused_and_named(float value)
    {
        byte[] file = Write([]);
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(file.Length - 8), value);

        Assert.Contains("value 8 of the tensor 'outb'", Refusal(file), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] file = Write([]);
        for (int length = 0; length < file.Length; length += length < 1000 ? 1 : 977)
        {
            Assert.StartsWith("m is not a model", Refusal(file[..length]), StringComparison.Ordinal);
        }

        Assert.Contains("has 39,041", Refusal([.. file, 0]), StringComparison.Ordinal);
    }

    [Fact]
    public void Random_damage_of_the_header_never_ends_in_anything_but_a_refusal()
    {
        byte[] whole = Write(new() { ["experiment"] = "1989-base" });
        int header = (int)BinaryPrimitives.ReadUInt64LittleEndian(whole);
        Random random = new(1989);
        for (int trial = 0; trial < 3000; trial++)
        {
            byte[] damaged = [.. whole];
            for (int hits = random.Next(1, 4); hits > 0; hits--)
            {
                damaged[random.Next(8 + header)] = (byte)random.Next(256);
            }

            try
            {
                Read(damaged);
            }
            catch (BadInputException)
            {
            }
        }
    }

    [Fact]
    public void The_fingerprint_is_that_of_the_little_endian_floats()
    {
        byte[] golden = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "golden", "net", "base_init.f32"));

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(golden)), ParameterBytes.Sha256(s_parameters));
    }

    private static byte[] Write(Dictionary<string, string> metadata)
    {
        using MemoryStream stream = new();
        Safetensors.Write(stream, new SavedModel(s_parameters, metadata));
        return stream.ToArray();
    }

    private static byte[] ByOthers(string order, string type, Func<float[], byte[]> convert, int padding)
    {
        JsonObject header = [];
        List<byte> data = [];
        foreach (string name in order.Split(' '))
        {
            ParameterPart part = Parameters.Parts.Single(known => known.Name == name);
            byte[] bytes = convert([.. part.Of((ReadOnlySpan<float>)s_parameters)]);
            header[name] = new JsonObject
            {
                ["shape"] = new JsonArray([.. part.Shape.Select(side => (JsonNode)side)]),
                ["data_offsets"] = new JsonArray(data.Count, data.Count + bytes.Length),
                ["dtype"] = type,
            };
            data.AddRange(bytes);
        }

        return Join(header.ToJsonString() + new string(' ', padding), [.. data]);
    }

    private static SavedModel Read(byte[] file) => Safetensors.Read(new MemoryStream(file), "m");

    [Fact]
    public void A_file_that_does_not_say_which_network_it_is_for_is_not_measured_by_that_of_1989()
    {
        byte[] file = Write([]);

        Assert.StartsWith("m is not a model in safetensors format: it has 3 bytes, too few", Refusal(file[..3]), StringComparison.Ordinal);
        Assert.StartsWith("m is not a model in safetensors format: its header claims", Refusal(file[..20]), StringComparison.Ordinal);
        Assert.StartsWith("m is not a model in safetensors format: its header is not an object", Refusal(Join("[]", [])), StringComparison.Ordinal);
        Assert.StartsWith("m is not a model of the 1989 network in safetensors format: it should have", Refusal(file[..^4]), StringComparison.Ordinal);
    }

    private static string Refusal(byte[] file) => Assert.Throws<BadInputException>(() => Read(file)).Message;

    private static (JsonNode Header, byte[] Data) Split(byte[] file)
    {
        int header = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        return (JsonNode.Parse(Encoding.UTF8.GetString(file, 8, header))!, file[(8 + header)..]);
    }

    private static byte[] Join(string header, byte[] data)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(header);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)bytes.Length);
        return [.. length, .. bytes, .. data];
    }
}
