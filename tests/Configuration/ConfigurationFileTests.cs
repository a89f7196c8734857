using System.Text;
using System.Text.Json.Nodes;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using NJsonSchema;

namespace GpuConvnet.Tests.Configuration;

public sealed class ConfigurationFileTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "configs");

    /// <summary>Each: the JSON path, and the value (as JSON) put there; the program and the schema must both refuse.</summary>
    public static TheoryData<string, string> Mutations { get; } = new()
    {
        { "experiment", "\"\"" },
        { "experiment", "\"  \"" },
        { "experiment", "7" },
        { "experiment", "null" },
        { "description", "7" },
        { "dataset", "\"mnits\"" },
        { "dataset", "\"MNIST\"" },
        { "dataset", "1" },
        { "data", "\"folder\"" },
        { "data", "{ \"folder\": \"\" }" },
        { "data", "{ \"folder\": 7 }" },
        { "data", "{ \"trainImages\": \" \" }" },
        { "data", "{ \"transpose\": \"yes\" }" },
        { "data", "{ \"trainSha256\": \"12\" }" },
        { "data", "{ \"files\": \"x\" }" },
        { "order", "\"random\"" },
        { "train", "0" },
        { "train", "-1" },
        { "train", "1.5" },
        { "train", "1000001" },
        { "train", "\"7291\"" },
        { "test", "0" },
        { "test", "true" },
        { "validation", "-1" },
        { "validation", "1000001" },
        { "validation", "0.5" },
        { "validation", "true" },
        { "dataSeed", "-1" },
        { "dataSeed", "4294967296" },
        { "seed", "-1" },
        { "seed", "1.5" },
        { "from", "\"\"" },
        { "from", "\" \"" },
        { "from", "7" },
        { "from", "null" },
        { "hidden", "\"sigmoid\"" },
        { "hidden", "\"reLU\"" },
        { "output", "\"relu\"" },
        { "loss", "\"hinge\"" },
        { "loss", "\"crossEntropy\"" },
        { "connections", "\"article\"" },
        { "connections", "[]" },
        { "connections", Table("[0, 1, 2, 3, 4, 5, 6]") },
        { "connections", Table("[0, 1, 2, 3, 4, 5, 6, 7, 8]") },
        { "connections", Table("[0, 1, 2, 3, 4, 5, 6, 12]") },
        { "connections", Table("[0, 1, 2, 3, 4, 5, 6, -1]") },
        { "connections", Table("[0, 1, 2, 3, 4, 5, 6, 6]") },
        { "connections", Table("[0, 1, 2, 3, 4, 5, 6, 0.5]") },
        { "connections", Table("7") },
        { "connections", Table("[0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3, 4, 5, 6, 7]") },
        { "weightNormalization", "1" },
        { "weightNormalization", "\"true\"" },
        { "labelSmoothing", "0.1" },
        { "labelSmoothing", "-0.1" },
        { "labelSmoothing", "1" },
        { "labelSmoothing", "\"some\"" },
        { "initialWeights", "\"zero\"" },
        { "initialWeights", "true" },
        { "optimizer", "\"sgd\"" },
        { "optimizer", "[]" },
        { "optimizer", "{}" },
        { "optimizer", """{ "kind": "sgd" }""" },
        { "optimizer", """{ "learningRate": 0.03 }""" },
        { "optimizer", """{ "kind": "sgd", "learningRate": 0.03, "momentums": 0.9 }""" },
        { "optimizer.kind", "\"rmsprop\"" },
        { "optimizer.learningRate", "0" },
        { "optimizer.learningRate", "-0.03" },
        { "optimizer.learningRate", "\"NaN\"" },
        { "optimizer.learningRate", "101" },
        { "batch", "0" },
        { "batch", "-1" },
        { "batch", "\"all\"" },
        { "batch", "1.5" },
        { "batch", "null" },
        { "passes", "0" },
        { "passes", "-23" },
        { "passes", "null" },
        { "passes", "1e9" },
        { "steps", "100" },
        { "steps", "0" },
        { "pases", "23" },
        { "learningRate", "0.03" },
        { "schedule", "\"cosine\"" },
        { "dropout", "1" },
        { "dropout", "-0.1" },
        { "dropout", "\"some\"" },
        { "shift", "5" },
        { "shift", "0.5" },
        { "rotate", "46" },
        { "rotate", "-1" },
        { "rotate", "\"10\"" },
        { "scale", "0.51" },
        { "scale", "-0.1" },
        { "elastic", "4.5" },
        { "elastic", "true" },
        { "undistorted", "1" },
        { "undistorted", "0.1" },
        { "undistorted", "-0.1" },
        { "undistorted", "\"last\"" },
        { "evaluateEvery", "0" },
        { "optimizer.schedule", "\"step\"" },
        { "optimizer.finalLearningRate", "-1" },
        { "optimizer.warmupSteps", "-1" },
        { "optimizer.momentum", "1" },
        { "optimizer.nesterov", "1" },
        { "optimizer.beta1", "-0.1" },
        { "optimizer.beta2", "1" },
        { "optimizer.epsilon", "0" },
        { "optimizer.weightDecay", "-0.01" },
        { "optimizer.damping", "0" },
        { "optimizer.curvatureRate", "1.1" },
        { "optimizer.curvatureExamples", "0" },
        { "optimizer.curvatureEvery", "0" },
        { "shuffle", "\"yes\"" },
    };

    public static TheoryData<string> Files => [.. Directory.GetFiles(s_folder, "*.json")
        .Where(file => Path.GetFileName(file) != "schema.json")
        .Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_configuration_satisfies_the_program_and_the_schema(string file)
    {
        string path = Path.Combine(s_folder, file);

        ExperimentConfiguration configuration = ConfigurationFile.Load(path);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), configuration.Experiment);
        Assert.Empty((await Schema()).Validate(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_configuration_is_also_found_by_its_name(string file)
    {
        string name = Path.GetFileNameWithoutExtension(file);

        ExperimentConfiguration byFile = ConfigurationFile.Load(Path.Combine(s_folder, file));
        ExperimentConfiguration byName = ConfigurationFile.Load(name);

        // A path counts from where it was written; what comes with the program is written nowhere, so it counts from where one is.
        Assert.Equal(byName with { Teacher = null }, byFile with { Teacher = null });
        Assert.Equal(
            byName.Teacher is { } teacher ? Path.GetFullPath(Path.GetRelativePath(".", teacher), s_folder) : null, byFile.Teacher);
    }

    [Theory]
    [MemberData(nameof(Mutations))]
    public async Task The_program_and_the_schema_refuse_the_same_values(string path, string value)
    {
        JsonNode root = JsonNode.Parse(await File.ReadAllTextAsync(
            Path.Combine(s_folder, "1989-base.json"), TestContext.Current.CancellationToken))!;
        string[] keys = path.Split('.');
        JsonNode parent = keys.Length == 1 ? root : root[keys[0]]!;
        parent[keys[^1]] = JsonNode.Parse(value);
        string json = root.ToJsonString();

        BadInputException refusal = Assert.Throws<BadInputException>(() => Parse(json));
        Assert.Contains("x.json:1: $", refusal.Message, StringComparison.Ordinal);
        Assert.NotEmpty((await Schema()).Validate(json));
    }

    [Theory]
    [InlineData("passes", "steps")]
    [InlineData("experiment", "experiment")]
    [InlineData("optimizer", "optimizer")]
    public async Task A_missing_key_is_refused_by_the_program_and_the_schema(string key, string named)
    {
        JsonNode root = JsonNode.Parse(await File.ReadAllTextAsync(
            Path.Combine(s_folder, "1989-base.json"), TestContext.Current.CancellationToken))!;
        root.AsObject().Remove(key);

        BadInputException refusal = Assert.Throws<BadInputException>(() => Parse(root.ToJsonString()));
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.NotEmpty((await Schema()).Validate(root.ToJsonString()));
    }

    [Fact]
    public void Only_what_must_be_said_must_be_said_and_the_rest_is_the_base_experiment()
    {
        ExperimentConfiguration minimal = Parse(
            """{ "experiment": "x", "optimizer": { "kind": "sgd", "learningRate": 0.03 }, "passes": 23 }""");

        ExperimentConfiguration article = ConfigurationFile.Load("1989-base") with
        {
            Schema = null,
            Description = null,
            Experiment = "x",
            Dataset = DataSets.Auto,
        };
        Assert.Equal(article, minimal);
        Assert.Equal(NetworkOptions.Base1989, minimal.Network);
        Assert.Equal(167_693, minimal.TotalSteps);
    }

    [Fact]
    public void Comments_trailing_commas_and_a_byte_order_mark_are_accepted()
    {
        string json = """
            // The smallest experiment.
            {
              "experiment": "x", /* any name */
              "optimizer": { "kind": "sgd", "learningRate": 0.03, },
              "batch": "full",
              "steps": 600,
            }
            """;

        ExperimentConfiguration configuration =
            ConfigurationFile.Parse([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(json)], "x.json");

        Assert.Equal(BatchSize.Full, configuration.Batch);
        Assert.Equal(600, configuration.TotalSteps);
    }

    [Fact]
    public void A_misspelt_key_is_named_with_its_line_and_the_likely_key()
    {
        BadInputException refusal = Assert.Throws<BadInputException>(() => Parse(
            "{\n  \"experiment\": \"x\",\n  \"optimizer\": {\n    \"kind\": \"sgd\",\n    \"learninRate\": 1\n  }\n}"));

        Assert.Equal(
            "x.json:5: $.optimizer.learninRate: unknown key 'learninRate'; did you mean 'learningRate'?",
            refusal.Message);
    }

    [Fact]
    public void A_key_of_another_case_is_not_the_key()
    {
        BadInputException refusal = Assert.Throws<BadInputException>(() => Parse("""{ "Experiment": "x" }"""));

        Assert.EndsWith("unknown key 'Experiment'; did you mean 'experiment'?", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_appears_twice_is_refused()
    {
        BadInputException refusal = Assert.Throws<BadInputException>(() => Parse(
            "{ \"experiment\": \"x\",\n \"seed\": 1,\n \"seed\": 2 }"));

        Assert.Equal("x.json:3: $.seed: the key 'seed' appears twice; remove one", refusal.Message);
    }

    [Theory]
    [InlineData("\"train\": \"many\"", "x.json:4: $.train: expected a whole number, found \"many\"")]
    [InlineData("\"train\": 99999999999999999999", "x.json:4: $.train: expected a whole number, found 99999999999999999999")]
    [InlineData("\"seed\": -1", "x.json:4: $.seed: expected a whole number from 0 to 4294967295, found -1")]
    [InlineData("\"batch\": \"ful\"", "x.json:4: $.batch: expected \"full\" or a positive whole number, found \"ful\"")]
    [InlineData("\"batch\": []", "x.json:4: $.batch: expected \"full\" or a positive whole number, found an array")]
    [InlineData("\"hidden\": \"tahn\"", "x.json:4: $.hidden: expected one of tanh, scaledTanh, relu, gelu, found \"tahn\"")]
    [InlineData("\"loss\": \"crossEntropy\"", "x.json:4: $.loss: crossEntropy is softmax cross entropy")]
    [InlineData("\"passes\": 0", "x.json:4: $.passes: expected a whole number from 1 to 1000000, found 0")]
    [InlineData("\"passes\": NaN", "x.json:4: 'passes': expected a finite number, found NaN")]
    [InlineData("\"passes\": 0,03", "x.json:4: 'passes': expected a number with a decimal point, such as 0.03, found 0,03")]
    [InlineData("\"passes\": 1,5, \"seed\": 3", "x.json:4: 'passes': expected a number with a decimal point, such as 1.5, found 1,5")]
    [InlineData("\"passes\": -Infinity", "x.json:4: 'passes': expected a finite number, found -Infinity")]
    [InlineData("\"passes\": .5", "x.json:4: 'passes': expected a number such as 0.03 or 1e-3, found .5")]
    [InlineData("\"passes\": +5", "x.json:4: 'passes': expected a number such as 0.03 or 1e-3, found +5")]
    [InlineData("\"passes\": True", "x.json:4: 'passes': expected true, false, a number or a text in double quotes, found True")]
    [InlineData("\"passes\": }", "x.json:4: this is not JSON: ")]
    [InlineData("\"passes\": 1, \"optimizer\": 1e999", "x.json:4: $.optimizer: the key 'optimizer' appears twice")]
    public void A_bad_value_is_named_with_file_line_and_path(string line, string message)
    {
        BadInputException refusal = Assert.Throws<BadInputException>(() => Parse(
            "{\n  \"experiment\": \"x\",\n  \"optimizer\": { \"kind\": \"sgd\", \"learningRate\": 0.03 },\n  " + line + "\n}"));

        Assert.StartsWith(message, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF \n")]
    public void An_empty_file_is_called_empty(string text) =>
        Assert.StartsWith("x.json is empty", Assert.Throws<BadInputException>(() => Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("NaN")]
    [InlineData("1e999")]
    [InlineData("-1e999")]
    [InlineData("Infinity")]
    [InlineData("-0.03")]
    [InlineData("0")]
    public void A_rate_that_is_not_a_positive_number_is_refused(string rate)
    {
        BadInputException refusal = Assert.Throws<BadInputException>(() => Parse(
            "{ \"experiment\": \"x\", \"passes\": 1,\n \"optimizer\": { \"kind\": \"sgd\", \"learningRate\": " + rate + " } }"));

        Assert.StartsWith("x.json:2:", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"demo\"")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{ \"experiment\": \"\\ud800\" }")]
    [InlineData("not json at all")]
    public void A_document_that_is_no_object_is_refused(string json) =>
        Assert.StartsWith("x.json", Assert.Throws<BadInputException>(() => Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Random_damage_never_ends_in_anything_but_a_refusal()
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(s_folder, "1989-base.json"));
        Random random = new(1989);
        for (int trial = 0; trial < 2000; trial++)
        {
            byte[] damaged = [.. whole];
            for (int hits = random.Next(1, 5); hits > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                ConfigurationFile.Parse(damaged.AsSpan(0, random.Next(damaged.Length)), "x.json");
            }
            catch (BadInputException)
            {
            }
        }
    }

    [Fact]
    public void An_unknown_name_lists_what_there_is()
    {
        BadInputException refusal = Assert.Throws<BadInputException>(() => ConfigurationFile.Load("1989-bass"));

        Assert.Contains(string.Join(", ", ConfigurationFile.EmbeddedNames), refusal.Message, StringComparison.Ordinal);
        Assert.Contains("1989-base", ConfigurationFile.EmbeddedNames);
        Assert.EndsWith("did you mean '1989-base'?", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_no_configuration() =>
        Assert.Contains("is a folder", Assert.Throws<BadInputException>(() => ConfigurationFile.Load(s_folder)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("builtin", 100_000_000, "1", null)]
    [InlineData("builtin", 1_000_000_000, "16384", null)]
    [InlineData("builtin", 1_000_000, "\"full\"", null)]
    [InlineData("builtin", 1_000_001, "\"full\"", "$.batch")]
    [InlineData("builtin", 1_000_001, "16385", "$.batch")]
    [InlineData("builtin", 1_000_000_001, "1", "$.train")]
    [InlineData("auto", 1_000_001, "1", "$.train")]
    public async Task Only_built_in_digits_in_short_batches_go_beyond_memory(
        string dataset, int train, string batch, string? refusedPath)
    {
        string json = $$"""
            { "experiment": "x", "dataset": "{{dataset}}", "train": {{train}}, "batch": {{batch}},
              "optimizer": { "kind": "sgd", "learningRate": 0.03 }, "passes": 1 }
            """;

        if (refusedPath is null)
        {
            Assert.Equal(train > 1_000_000, Parse(json).IsStreamed);
        }
        else
        {
            Assert.Contains(
                refusedPath, Assert.Throws<BadInputException>(() => Parse(json)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(refusedPath is null, (await Schema()).Validate(json).Count == 0);
    }

    [Fact]
    public void A_written_configuration_reads_back_as_it_was()
    {
        ExperimentConfiguration configuration = ConfigurationFile.Load("1989-base");

        Assert.Equal(configuration, ConfigurationFile.Parse(ConfigurationFile.Serialize(configuration), "x.json"));
    }

    [Fact]
    public void A_connection_table_reads_back_as_it_was_and_its_faults_are_named()
    {
        ExperimentConfiguration configuration = ConfigurationFile.Load("1989-owntable");

        Assert.False(configuration.Network.Connections.IsGrouped);
        Assert.Equal(configuration, ConfigurationFile.Parse(ConfigurationFile.Serialize(configuration), "x.json"));
        BadInputException refusal = Assert.Throws<BadInputException>(() => Parse(
            "{ \"experiment\": \"x\", \"optimizer\": { \"kind\": \"sgd\", \"learningRate\": 0.03 },\n \"connections\": "
            + Table("[0, 1, 2, 3, 4, 5, 6, 6]") + " }"));
        Assert.Equal(
            "x.json:2: $.connections: expected 12 lists, one a map of H2, of 8 different maps of H1 each, from 0 to 11; "
            + "list 11 has 6 twice",
            refusal.Message);
    }

    [Fact]
    public async Task TheSchemaNamesWhatTheRegistriesHold()
    {
        JsonNode schema = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(s_folder, "schema.json"), TestContext.Current.CancellationToken))!;

        Assert.Equal(Activation.All.Where(each => each.IsHidden).Select(each => each.Name), Named("hidden"));
        Assert.Equal(Activation.All.Where(each => each.IsOutput).Select(each => each.Name), Named("output"));
        Assert.Equal(Loss.All.Select(each => each.Name), Named("loss"));
        Assert.Equal(DataSets.All.Select(each => each.Name), Named("dataset"));
        Assert.Equal(
            Optimizer.All.Select(each => each.Name),
            schema["properties"]!["optimizer"]!["properties"]!["kind"]!["enum"]!.AsArray().Select(name => (string)name!));

        IEnumerable<string> Named(string key) => schema["properties"]![key]!["enum"]!.AsArray().Select(name => (string)name!);
    }

    /// <summary>Eleven good lists, and something where the twelfth should be.</summary>
    private static string Table(string last) =>
        $"[{string.Concat(Enumerable.Repeat("[0, 1, 2, 3, 4, 5, 6, 7], ", 11))}{last}]";

    private static ExperimentConfiguration Parse(string json) =>
        ConfigurationFile.Parse(Encoding.UTF8.GetBytes(json), "x.json");

    private static Task<JsonSchema> Schema() => JsonSchema.FromFileAsync(Path.Combine(s_folder, "schema.json"));
}
