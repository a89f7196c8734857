using System.Text.Json.Nodes;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Tests.Errors;
using GpuConvnet.Tests.Recognition;

namespace GpuConvnet.Tests.Ensembles;

/// <summary><c>trainer ensemble</c>, and every command on what it makes.</summary>
public sealed class EnsembleCommandTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void All_seeds_of_a_run_become_one_model_that_evaluates_as_it_did_when_it_was_made()
    {
        Train("many", "--runs", "3");

        JsonNode made = Json("ensemble", _scratch.In("many"), "--out", _scratch.In("three"));
        JsonNode evaluated = Json("eval", _scratch.In("three"));

        Assert.Equal(_scratch.In("three", "model.safetensors"), (string)made["model"]!);
        Assert.Equal("ensemble of 3 small", (string)evaluated["experiment"]!);
        Assert.Equal(made["test"]!.ToJsonString(), evaluated["test"]!.ToJsonString());
        Assert.Equal((string)made["parametersSha256"]!, (string)evaluated["parametersSha256"]!);
        Assert.Equal(made["ensemble"]!["testDisagreement"]!.ToJsonString(), evaluated["ensemble"]!["testDisagreement"]!.ToJsonString());
        JsonArray members = evaluated["ensemble"]!["members"]!.AsArray();
        JsonArray runs = JsonNode.Parse(File.ReadAllText(_scratch.In("many", "result.json")))!["runs"]!.AsArray();
        Assert.Equal(["1337", "1338", "1339"], members.Select(member => (string)member!["seed"]!));
        foreach ((JsonNode? member, JsonNode? run) in members.Zip(runs))
        {
            Assert.Equal((string)run!["parametersSha256"]!, (string)member!["parametersSha256"]!);
            Assert.Equal((int)run["test"]!["misses"]!, (int)member["test"]!["misses"]!);
            Assert.Equal((double)run["train"]!["loss"]!, (double)member["train"]!["loss"]!, 1e-6);
        }

        Assert.Equal(
            made.ToJsonString(), JsonNode.Parse(File.ReadAllText(_scratch.In("three", "ensemble.json")))!.ToJsonString());
    }

    [Fact]
    public void Networks_of_several_kinds_and_losses_go_together_and_the_file_says_which_they_are()
    {
        string[] runs = OfSeveralKinds();

        JsonNode made = Json(["ensemble", .. runs, "--out", _scratch.In("mixed.safetensors")]);

        Assert.Equal("probabilities", (string)made["ensemble"]!["average"]!);
        SavedModelOf("mixed.safetensors", out IReadOnlyDictionary<string, string> metadata);
        Assert.Equal("crossEntropy", metadata["loss"]);
        JsonArray members = JsonNode.Parse(metadata["ensemble"])!["members"]!.AsArray();
        Assert.Equal(["mse", "crossEntropy", "crossEntropy"], members.Select(member => (string)member!["loss"]!));
        Assert.Contains("\"width\":0.5", (string)members[1]!["network"]!, StringComparison.Ordinal);
        foreach ((string run, JsonNode? member) in runs.Zip(members))
        {
            Assert.Equal((string)Json("eval", run)["parametersSha256"]!, (string)member!["parametersSha256"]!);
        }

        JsonNode evaluated = Json("eval", _scratch.In("mixed.safetensors"));
        Assert.Equal(made["test"]!.ToJsonString(), evaluated["test"]!.ToJsonString());
    }

    [Fact]
    public void Every_command_that_takes_a_model_takes_an_ensemble()
    {
        string ensemble = _scratch.In("all");
        Json(["ensemble", .. OfSeveralKinds(), "--out", ensemble]);

        JsonNode errors = Json("errors", ensemble, "--out", _scratch.In("errors.png"));
        JsonNode rejected = Json("eval", ensemble, "--split", "test", "--reject", "--out", _scratch.In("rejection.png"));
        Done("export", ensemble, "--format", "csv", "--out", _scratch.In("all.csv"));
        Done("export", ensemble, "--format", "json", "--out", _scratch.In("all.json"));
        Done("export", ensemble, "--format", "safetensors", "--out", _scratch.In("again.safetensors"));
        Done("export", ensemble, "--format", "onnx", "--out", _scratch.In("all.onnx"));
        CommandRun runs = Done("runs", ensemble);
        File.WriteAllText(_scratch.In("all", "report.html"), File.ReadAllText(_scratch.In("all", "report.html")).Replace("alone", "old", StringComparison.Ordinal));
        Done("report", ensemble);

        Assert.Equal((int)errors["evaluation"]!["misses"]!, errors["misclassified"]!.AsArray().Count);
        Assert.Equal("probabilities", (string)rejected["rejection"]!["marginOf"]!);
        Assert.Matches("ensemble of 3 small .* 3 .* finished", runs.Output);
        string page = File.ReadAllText(_scratch.In("all", "report.html"));
        Assert.Contains("misses alone", page, StringComparison.Ordinal);
        Assert.Contains(_scratch.In("listed"), page, StringComparison.Ordinal);
        Assert.True(File.Exists(_scratch.In("all", "pictures", "mistakes.svg")));
        Assert.Contains("members.1.H1w,0,", File.ReadAllText(_scratch.In("all.csv")), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(_scratch.In("all", "model.safetensors")), File.ReadAllBytes(_scratch.In("again.safetensors")));
        Assert.Equal((string)Json("eval", ensemble)["parametersSha256"]!, (string)Json("eval", _scratch.In("again.safetensors"))["parametersSha256"]!);
    }

    [Fact]
    public void An_ensemble_has_a_page_of_its_own()
    {
        Train("many", "--runs", "2");
        Json("ensemble", _scratch.In("many"), "--out", _scratch.In("e"), "--no-report");
        Assert.False(File.Exists(_scratch.In("e", "report.html")));

        CommandRun beside = CommandRun.Of("report", _scratch.In("many"), _scratch.In("e"), "--out", _scratch.In("both"));

        Assert.Equal(2, beside.Code);
        Assert.Contains("is an ensemble, whose page is about it alone", beside.Error, StringComparison.Ordinal);
        File.Copy(_scratch.In("many", "seed-1337", "model.safetensors"), _scratch.In("e", "model.safetensors"), overwrite: true);
        Assert.Contains("no ensemble's", CommandRun.Of("report", _scratch.In("e")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Doubt_is_how_many_members_say_otherwise()
    {
        // Whatever they are shown, three say 3, one says 5.
        foreach ((int index, int answer) in ((int[])[3, 3, 3, 5]).Index())
        {
            float[] biases = new float[10];
            biases[answer] = 3 + index / 10f;
            KnownModel.Save(_scratch.In($"{index}.safetensors"), "linear", "crossEntropy", KnownModel.Parameters(biases), test: 10);
        }

        string ensemble = _scratch.In("four.safetensors");
        Done(["ensemble", .. Enumerable.Range(0, 4).Select(index => _scratch.In($"{index}.safetensors")), "--out", ensemble]);
        string image = _scratch.In("digit.png");
        float[] seven = new float[400];
        for (int y = 4; y < 16; y++)
        {
            for (int x = 5; x < 15; x++)
            {
                seven[y * 20 + x] = y < 6 || Math.Abs(x - 17 + y / 2) < 2 ? 1 : 0;
            }
        }

        File.WriteAllBytes(image, new Scene { Size = 80 }.Picture(seven, new Random(1)));

        CommandRun shown = Done("predict", image, "--model", ensemble);
        JsonNode answered = Json("predict", image, "--model", ensemble, "--reject-dissent", "2")["images"]![0]!;
        JsonNode refused = Json("predict", image, "--model", ensemble, "--reject-dissent", "1");
        CommandRun single = CommandRun.Of("predict", image, "--model", _scratch.In("0.safetensors"), "--reject-dissent", "1");

        Assert.Contains("1 of 4 networks say otherwise: 5", shown.Output, StringComparison.Ordinal);
        Assert.Equal((3, 1), ((int)answered["digit"]!, (int)answered["dissent"]!));
        Assert.Equal([3, 3, 3, 5], answered["answers"]!.AsArray().Select(answer => (int)answer!));
        Assert.Null(refused["images"]![0]!["digit"]);
        Assert.Equal((3, 1), ((int)refused["images"]![0]!["refused"]!, (int)refused["refused"]!));
        Assert.Equal(2, single.Code);
        Assert.Contains("is a single network", single.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ensemble_stands_for_its_members()
    {
        Train("a");
        Train("b", "--seed", "2");
        Train("c", "--seed", "3");
        Json("ensemble", _scratch.In("a"), _scratch.In("b"), "--out", _scratch.In("two.safetensors"));

        CommandRun run = CommandRun.Of(
            "ensemble", _scratch.In("two.safetensors"), _scratch.In("c"), "--out", _scratch.In("three.safetensors"));

        Assert.Equal(0, run.Code);
        Assert.Contains("its 2 members are taken", run.Error, StringComparison.Ordinal);
        Assert.Equal(3, Json("eval", _scratch.In("three.safetensors"))["ensemble"]!["members"]!.AsArray().Count);
    }

    [Fact]
    public void What_does_not_go_together_is_refused_and_nothing_is_written()
    {
        Train("a");
        File.Copy(_scratch.In("a", "model.safetensors"), _scratch.In("copy.safetensors"));
        Train("b", "--seed", "2");
        SaveForUsps();

        Refused("two networks or more", "ensemble", _scratch.In("a"));
        Refused("Name every network once", "ensemble", _scratch.In("a"), _scratch.In("copy.safetensors"));
        Refused("logits are what cross entropy trains", "ensemble", _scratch.In("a"), _scratch.In("b"), "--average", "logits");
        Refused("digits of one kind", "ensemble", _scratch.In("a"), _scratch.In("usps.safetensors"));
        Refused("--average takes", "ensemble", _scratch.In("a"), _scratch.In("b"), "--average", "votes");
        Refused("no model", "ensemble", _scratch.In("a"), _scratch.In("none.safetensors"));
        Assert.False(Path.Exists(_scratch.In("out")));
        CommandRun occupied = CommandRun.Of("ensemble", _scratch.In("a"), _scratch.In("b"), "--out", _scratch.In("a"));
        Assert.Equal(2, occupied.Code);
        Assert.Contains("already holds a run", occupied.Error, StringComparison.Ordinal);

        void Refused(string why, params string[] arguments)
        {
            CommandRun run = CommandRun.Of([.. arguments, "--out", _scratch.In("out")]);
            Assert.Equal(2, run.Code);
            Assert.Contains(why, run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_only_when_told()
    {
        Train("many", "--runs", "2");
        string file = _scratch.In("own.safetensors");
        File.WriteAllText(file, "mine");

        CommandRun refused = CommandRun.Of("ensemble", _scratch.In("many"), "--out", file);

        Assert.Equal(2, refused.Code);
        Assert.Equal("mine", File.ReadAllText(file));
        Done("ensemble", _scratch.In("many"), "--out", file, "--force");
        Done("eval", file);
    }

    [Fact]
    public void A_model_of_others_needs_a_configuration_and_the_ensemble_then_says_what_it_was()
    {
        foreach (int seed in (int[])[1, 2])
        {
            float[] parameters = InitialParameters.Draw(
                new NetworkOptions(Activation.Of<Tanh>(), Activation.Of<Tanh>(), Loss.Of<SquaredError>()), (uint)seed);
            using FileStream stream = File.Create(_scratch.In($"{seed}.safetensors"));
            Safetensors.Write(stream, new SavedModel(parameters, new Dictionary<string, string>()));
        }

        string[] models = [_scratch.In("1.safetensors"), _scratch.In("2.safetensors")];
        Assert.Contains("--config", CommandRun.Of(["ensemble", .. models, "--out", _scratch.In("e")]).Error, StringComparison.Ordinal);

        JsonNode made = Json(["ensemble", .. models, "--config", _scratch.Config, "--out", _scratch.In("e")]);

        Assert.Equal(made["test"]!.ToJsonString(), Json("eval", _scratch.In("e"), "--split", "test")["test"]!.ToJsonString());
    }

    [Fact]
    public void It_is_evaluated_on_the_digits_of_the_experiment_that_is_named()
    {
        Train("many", "--runs", "2");
        Json("ensemble", _scratch.In("many"), "--out", _scratch.In("e"), "--no-report");
        JsonNode experiment = JsonNode.Parse(File.ReadAllText(_scratch.Config))!;
        experiment["test"] = 70;

        JsonNode evaluated = Json("eval", _scratch.In("e"), "--split", "test", "--config", _scratch.Write("more.json", experiment));

        Assert.Equal(70, (int)evaluated["test"]!["examples"]!);
        Assert.Equal(70, (int)evaluated["ensemble"]!["members"]![1]!["test"]!["examples"]!);
        Assert.Equal(70, evaluated["ensemble"]!["testDisagreement"]!["dissent"]!.AsArray().Sum(alike => (int)alike!["digits"]!));
    }

    [Fact]
    public void Members_of_other_digits_are_noted()
    {
        Train("a");
        JsonNode experiment = JsonNode.Parse(File.ReadAllText(_scratch.Config))!;
        experiment["train"] = 100;
        Done("--config", _scratch.Write("fewer.json", experiment), "--out", _scratch.In("b"), "--no-report");

        CommandRun run = CommandRun.Of("ensemble", _scratch.In("a"), _scratch.In("b"), "--out", _scratch.In("e"));

        Assert.Equal(0, run.Code);
        Assert.Contains("1 of 2 members were trained or tested on other digits", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_starts_from_one_network_and_from_no_ensemble()
    {
        Train("many", "--runs", "2");
        Done("ensemble", _scratch.In("many"), "--out", _scratch.In("e"));

        CommandRun run = CommandRun.Of("--config", _scratch.Config, "--from", _scratch.In("e"));

        Assert.Equal(2, run.Code);
        Assert.Contains("is an ensemble of several networks", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Trains 1989's with squared error, half as wide with cross entropy, and a list of layers.</summary>
    private string[] OfSeveralKinds()
    {
        (string Name, string Change)[] kinds =
        [
            ("first", "{}"),
            ("narrow", """{ "network": { "family": "1989", "width": 0.5 }, "output": "linear", "loss": "crossEntropy", "hidden": "relu" }"""),
            ("listed", """
                { "loss": "crossEntropy", "network": { "layers": [
                  { "kind": "convolution", "maps": 4, "kernel": 5, "stride": 2 }, { "kind": "activation", "function": "gelu" },
                  { "kind": "dense", "units": 10 } ] } }
                """),
        ];
        return [.. kinds.Select(kind =>
        {
            JsonNode experiment = JsonNode.Parse(File.ReadAllText(_scratch.Config))!;
            experiment["batch"] = "full";
            experiment["optimizer"] = JsonNode.Parse("""{ "kind": "adamw", "learningRate": 0.01 }""");
            foreach ((string key, JsonNode? value) in JsonNode.Parse(kind.Change)!.AsObject())
            {
                experiment[key] = value!.DeepClone();
            }

            Done("--config", _scratch.Write($"{kind.Name}.json", experiment), "-a", "host", "--out", _scratch.In(kind.Name), "--no-report", "--no-events");
            return _scratch.In(kind.Name);
        })];
    }

    private void SaveForUsps()
    {
        Dictionary<string, string> metadata = new()
        {
            ["dataset"] = "usps",
            ["hidden"] = "tanh",
            ["output"] = "tanh",
            ["loss"] = "mse",
        };
        using FileStream stream = File.Create(_scratch.In("usps.safetensors"));
        Safetensors.Write(stream, new SavedModel(KnownModel.Parameters(0.25f), metadata));
    }

    private void SavedModelOf(string name, out IReadOnlyDictionary<string, string> metadata)
    {
        byte[] file = File.ReadAllBytes(_scratch.In(name));
        JsonNode header = JsonNode.Parse(file.AsSpan(8, (int)BitConverter.ToUInt64(file)))!;
        metadata = header["__metadata__"]!.AsObject().ToDictionary(pair => pair.Key, pair => (string)pair.Value!);
    }

    private void Train(string name, params string[] more) =>
        Done(["--config", _scratch.Config, "--out", _scratch.In(name), "--no-report", "--no-events", .. more]);

    private static JsonNode Json(params string[] arguments) => JsonNode.Parse(Done([.. arguments, "--json"]).Output)!;

    private static CommandRun Done(params string[] arguments)
    {
        CommandRun run = CommandRun.Of(arguments);
        Assert.True(run.Code == 0, run.Error);
        return run;
    }
}
