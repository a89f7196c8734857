using System.Text;
using System.Text.Json.Nodes;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Families;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Networks;
using NJsonSchema;

namespace GpuConvnet.Tests.Configuration;

/// <summary>What a configuration says about its network, and what is said about a network that cannot be.</summary>
public sealed class NetworkConfigurationTests
{
    private const string Wide = """{ "family": "1989", "width": 2 }""";

    private const string Listed = """
        {"layers":[{"kind":"convolution","maps":4,"kernel":3,"stride":2,"padding":1,"paddingValue":-1,"bias":"unit"},
        {"kind":"activation","function":"relu"},{"kind":"dropout","probability":0.25},
        {"kind":"convolution","maps":2,"kernel":3,"connections":[[0,1],[2,3]]},{"kind":"dense","units":10}]}
        """;

    /// <summary>Each: the network, the path, and words of the message.</summary>
    public static TheoryData<string, string, string> Faults { get; } = new()
    {
        { "7", "$.network", "expected an object" },
        { "{}", "$.network", "expected 'family' or 'layers', found neither" },
        { """{ "family": "1998" }""", "$.network.family", "did you mean '1989'" },
        { """{ "family": "1989", "widht": 2 }""", "$.network.widht", "did you mean 'width'" },
        { """{ "family": "1989", "width": 0 }""", "$.network.width", "expected a number from 0.25 to 16, found 0" },
        { """{ "family": "1989", "width": 17 }""", "$.network.width", "found 17" },
        { """{ "family": "1989", "width": "2" }""", "$.network.width", "expected a number, found \"2\"" },
        { """{ "family": "1989", "width": 1.1 }""", "$.network.width", "such as 0.25, 0.5" },
        { """{ "layers": [] }""", "$.network.layers", "expected one layer or more" },
        { """{ "layers": {} }""", "$.network.layers", "expected a list" },
        { """{ "layers": [7] }""", "$.network.layers[0]", "expected an object, found 7" },
        { """{ "layers": [{}] }""", "$.network.layers[0]", "the key 'kind' is missing" },
        { """{ "layers": [{ "kind": "dense" }] }""", "$.network.layers[0]", "the key 'units' is missing" },
        { """{ "layers": [{ "kind": "desne", "units": 10 }] }""", "$.network.layers[0].kind", "did you mean 'dense'" },
        { """{ "layers": [{ "kind": "dense", "units": 0 }] }""", "$.network.layers[0]", "expected one unit or more, found 0" },
        { """{ "layers": [{ "kind": "dense", "units": 9.5 }] }""", "$.network.layers[0].units", "a whole number, found 9.5" },
        { """{ "layers": [{ "kind": "dense", "units": 10, "bias": true }] }""", "$.network.layers[0].bias", "unknown key" },
        { """{ "layers": [{ "kind": "dense", "units": 11 }] }""", "$.network.layers", "gives (11), and there are 10 classes" },
        { """{ "layers": [{ "kind": "dense", "units": 30 }, { "kind": "convolution", "maps": 2, "kernel": 3 }] }""", "$.network.layers[1]", "after (30)" },
        { """{ "layers": [{ "kind": "convolution", "maps": 2, "kernel": 17 }] }""", "$.network.layers[0]", "17x17 does not fit in (1, 16, 16)" },
        { """{ "layers": [{ "kind": "convolution", "maps": 0, "kernel": 3 }] }""", "$.network.layers[0]", "one map or more, found 0" },
        { """{ "layers": [{ "kind": "convolution", "maps": 1, "kernel": 3, "connections": [[1]] }] }""", "$.network.layers[0]", "1" },
        { """{ "layers": [{ "kind": "convolution", "maps": 1, "kernel": 3, "connections": [["0"]] }] }""", "$.network.layers[0].connections", "lists of whole numbers" },
        { """{ "layers": [{ "kind": "activation", "function": "sigmoid" }] }""", "$.network.layers[0].function", "expected one of tanh" },
        { """{ "layers": [{ "kind": "dropout", "probability": 1 }] }""", "$.network.layers[0]", "expected a probability" },
        { """{ "layers": [{ "kind": "dense", "units": 300000 }] }""", "$.network.layers[0]", "at most 50000000 parameters, found 76800000" },
        { """{ "layers": [{ "kind": "convolution", "maps": 100000, "kernel": 1 }] }""", "$.network.layers[0]", "at most 4194304 units" },
    };

    /// <summary>Each: a key beside the network, its value, the network, and words of the message.</summary>
    public static TheoryData<string, string, string, string> Clashes { get; } = new()
    {
        { "hidden", "\"relu\"", Listed, "layer by layer" },
        { "output", "\"linear\"", Listed, "layer by layer" },
        { "dropout", "0.5", Listed, "layer by layer" },
        { "connections", TwelveLists, Listed, "width 1" },
        { "connections", TwelveLists, Wide, "width 1" },
        { "weightNormalization", "true", Wide, "width 1" },
        { "loss", "\"crossEntropy\"", """{"layers":[{"kind":"dense","units":10},{"kind":"activation","function":"tanh"}]}""", "the last layer gives tanh" },
    };

    private static string TwelveLists => H2Connections.Article.ToString();

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_network_that_cannot_be_is_refused_with_its_place(string network, string path, string words)
    {
        BadInputException refusal = Assert.Throws<BadInputException>(() => Parse(network));

        Assert.StartsWith($"x.json:3: {path}: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Clashes))]
    public void What_the_network_leaves_no_room_for_is_refused(string key, string value, string network, string words)
    {
        BadInputException refusal = Assert.Throws<BadInputException>(() => Parse(network, (key, value)));

        Assert.StartsWith($"x.json:4: $.{key}: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_is_the_layers_own()
    {
        string json = $$"""
            { "experiment": "x", "optimizer": { "kind": "sgd", "learningRate": 0.03 }, "passes": 1, "network": { "layers": [
              { "kind": "dense", "units": 30 },
              { "kind": "dense",
                "units": -1 } ] } }
            """;

        BadInputException refusal =
            Assert.Throws<BadInputException>(() => ConfigurationFile.Parse(Encoding.UTF8.GetBytes(json), "x.json"));

        Assert.StartsWith("x.json:3: $.network.layers[1]: dense after (30): ", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.25, 3, 2, 8)]
    [InlineData(0.5, 6, 4, 15)]
    [InlineData(0.75, 9, 6, 23)]
    [InlineData(1, 12, 8, 30)]
    [InlineData(2, 24, 16, 60)]
    [InlineData(16, 192, 128, 480)]
    public void The_family_of_1989_has_widths(double width, int maps, int sources, int units)
    {
        ExperimentConfiguration configuration = Parse(FormattableString.Invariant($"{{ \"family\": \"1989\", \"width\": {width} }}"));

        NetworkShape shape = configuration.Architecture!.Shape()!;
        Assert.Equal((maps, maps, sources, units), (shape.H1Maps, shape.H2Maps, shape.H2Sources, shape.H3Units));
        Assert.Equal(new ParameterLayout(shape).Parts.Select(Described), configuration.Layers.Parts.Select(Described));
        Assert.Equal(width == 1, configuration.Is1989);

        static string Described(ParameterPart part) => $"{part.Name} {part.Offset} {part.Rule} {part.Inputs} ({string.Join(", ", part.Shape)})";
    }

    [Fact]
    public void A_wider_table_of_connections_is_the_articles_in_thirds()
    {
        H2Connections table = Zip1989Family.Connections(
            NetworkShape.Zip1989 with { H1Maps = 24, H2Maps = 24, H2Sources = 16 });

        Assert.Equal(Enumerable.Range(0, 16), table.Sources(0).ToArray());
        Assert.Equal(Enumerable.Range(0, 16), table.Sources(7).ToArray());
        Assert.Equal(Enumerable.Range(8, 16), table.Sources(8).ToArray());
        Assert.Equal(Enumerable.Range(8, 16), table.Sources(15).ToArray());
        Assert.Equal([.. Enumerable.Range(0, 8), .. Enumerable.Range(16, 8)], table.Sources(16).ToArray());
        Assert.Equal([.. Enumerable.Range(0, 8), .. Enumerable.Range(16, 8)], table.Sources(23).ToArray());
    }

    [Fact]
    public void At_width_1_it_is_the_network_of_1989()
    {
        ExperimentConfiguration said = Parse("""{ "family": "1989" }""");

        Assert.True(said.Is1989);
        Assert.Equal(NetworkOptions.Base1989, said.Network);
        Assert.Equal(Parameters.Parts, said.Parts);
    }

    [Fact]
    public void A_list_of_layers_has_PyTorchs_names()
    {
        ExperimentConfiguration configuration = Parse(Listed);

        Assert.Equal(
            ["0.weight (4, 1, 3, 3)", "0.bias (4, 8, 8)", "3.weight (2, 2, 3, 3)", "3.bias (2)", "4.weight (10, 72)", "4.bias (10)"],
            configuration.Parts.Select(part => $"{part.Name} ({string.Join(", ", part.Shape)})"));
        Assert.True(configuration.IsPerturbed);
        Assert.Throws<InvalidOperationException>(() => configuration.Network);
    }

    [Theory]
    [InlineData(Wide)]
    [InlineData(Listed)]
    public async Task What_is_written_is_read_again_and_satisfies_the_schema(string network)
    {
        ExperimentConfiguration configuration = Parse(network);

        byte[] written = ConfigurationFile.Serialize(configuration);

        ExperimentConfiguration read = ConfigurationFile.Parse(written, "again");
        Assert.Equal(configuration, read);
        Assert.Equal(ConfigurationFile.Fingerprint(configuration), ConfigurationFile.Fingerprint(read));
        Assert.Empty((await Schema()).Validate(Encoding.UTF8.GetString(written)));
        JsonObject document = JsonNode.Parse(written)!.AsObject();
        Assert.Equal(network == Wide, document.ContainsKey("hidden"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(network), document["network"]));
    }

    [Theory]
    [InlineData("""{ "family": "1998" }""")]
    [InlineData("""{ "family": "1989", "width": 0.1 }""")]
    [InlineData("""{ "family": "1989", "layers": [] }""")]
    [InlineData("""{ "layers": [] }""")]
    [InlineData("""{ "layers": [{ "kind": "dense" }] }""")]
    [InlineData("""{ "layers": [{ "kind": "dense", "units": 0 }] }""")]
    [InlineData("""{ "layers": [{ "kind": "dense", "untis": 10 }] }""")]
    [InlineData("""{ "layers": [{ "kind": "convolution", "maps": 10, "kernel": 0 }] }""")]
    [InlineData("""{ "layers": [{ "kind": "dropout", "probability": 1 }] }""")]
    public async Task The_program_and_the_schema_refuse_the_same_networks(string network)
    {
        Assert.Throws<BadInputException>(() => Parse(network));
        Assert.NotEmpty((await Schema()).Validate(Document(network)));
    }

    [Theory]
    [InlineData("hidden", "\"relu\"")]
    [InlineData("dropout", "0.5")]
    public async Task The_schema_too_refuses_beside_layers_what_they_say(string key, string value)
    {
        Assert.Empty((await Schema()).Validate(Document(Listed)));
        Assert.Empty((await Schema()).Validate(Document(Wide, (key, value))));
        Assert.NotEmpty((await Schema()).Validate(Document(Listed, (key, value))));
    }

    [Fact]
    public async Task The_schema_knows_every_family_and_kind_with_its_keys()
    {
        JsonNode schema = JsonNode.Parse(await File.ReadAllTextAsync(SchemaPath, TestContext.Current.CancellationToken))!;
        IEnumerable<(string Name, string[] Keys)> Described(JsonNode alternatives, string key) => alternatives.AsArray()
            .Select(node => node!["properties"]!.AsObject())
            .Where(properties => properties.ContainsKey(key))
            .Select(properties => (
                (string)properties[key]!["enum"]![0]!, properties.Select(property => property.Key).Order().ToArray()));

        Assert.Equal(
            NetworkFamilies.All.Select(family => (family.Name, family.Keys.Order().ToArray())),
            Described(schema["properties"]!["network"]!["oneOf"]!, "family"));
        Assert.Equal(
            LayerKinds.All.Select(kind => (kind.Name, kind.Keys.Order().ToArray())),
            Described(schema["definitions"]!["layers"]!["items"]!["oneOf"]!, "kind"));
        Assert.Equal(
            Activation.All.Select(activation => activation.Name).Order(),
            schema["definitions"]!["layers"]!["items"]!["oneOf"]!.AsArray()
                .Select(node => node!["properties"]!["function"]).OfType<JsonNode>().Single()["enum"]!.AsArray()
                .Select(name => (string)name!).Order());
    }

    [Fact]
    public void Copies_of_a_configuration_that_differ_in_their_network_have_it()
    {
        ExperimentConfiguration wide = Parse(Wide);
        LayerNetwork network = wide.Layers;

        Assert.Same(network, (wide with { Seed = 5 }).Layers);
        Assert.NotSame(network, (wide with { Hidden = Activation.Of<ReLU>() }).Layers);
        Assert.Equal(Zip1989.Create(NetworkOptions.Base1989).ParameterCount, (wide with { Architecture = null }).Layers.ParameterCount);
        Assert.Equal(35_830, wide.Layers.ParameterCount);
        Assert.Equal(Shape1989.ForwardMultiplyAccumulates, (wide with { Architecture = null }).Layers.Operations);
    }

    private static string SchemaPath => Path.Combine(AppContext.BaseDirectory, "configs", "schema.json");

    private static Task<JsonSchema> Schema() => JsonSchema.FromFileAsync(SchemaPath);

    private static ExperimentConfiguration Parse(string network, params (string Key, string Value)[] others) =>
        ConfigurationFile.Parse(Encoding.UTF8.GetBytes(Document(network, others)), "x.json");

    private static string Document(string network, params (string Key, string Value)[] others) =>
        "{ \"experiment\": \"x\", \"optimizer\": { \"kind\": \"sgd\", \"learningRate\": 0.03 },\n\"passes\": 1,\n\"network\": "
        + network.ReplaceLineEndings(" ") + string.Concat(others.Select(other => $",\n\"{other.Key}\": {other.Value}")) + " }";
}
