using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json.Nodes;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Commands;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Views.Errors;

namespace GpuConvnet.Tests.TensorBoard;

/// <summary>A saved run's events say what its result says, read by a reader that shares nothing with what wrote them.</summary>
public sealed class RunEventsTests : IDisposable
{
    private static readonly string[] s_curves = ["errorPercent", "loss", "misses"];

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void Every_evaluation_of_a_run_is_shown()
    {
        string config = Configuration(
            """{"passes": 3, "optimizer": {"kind": "adamw", "learningRate": 0.003, "schedule": "cosine", "warmupSteps": 150}, "dropout": 0.1}""");

        JsonNode result = Train("--config", config, "--out", _scratch.In("run"));

        (ShownRun train, ShownRun test) = AssertShows(result, _scratch.In("run"), stepsPerPass: 200, batch: 1);
        Assert.Equal(
            [.. s_curves.Append("configuration").Append("examplesPerSecond").Append("gradientNorm").Append("learningRate")
                .Concat(Parameters.Parts.Select(part => $"parameters/{part.Name}")).Order(StringComparer.Ordinal)],
            train.Tags);
        Assert.Equal(["errorPercent", "loss", "misclassified", "misses"], test.Tags);
        Assert.Empty(train.Starts);
        Assert.Empty(test.Starts);
        Assert.Equal(1, train.Files);

        // Warm-up ends with step 150; the cosine then reaches 0 with the last of 600.
        double[] rates = [.. new[] { 199, 399, 599 }.Select(step => 0.003 * (1 + Math.Cos(Math.PI * (step - 150) / 449)) / 2)];
        Assert.Equal(rates, train.Scalars("learningRate").Select(point => (double)point.Value), RoughlyEqual);
    }

    [Fact]
    public void Every_step_and_batch_of_a_full_batch_run_counts()
    {
        string config = Configuration("""{"batch": "full", "steps": 10, "passes": null, "evaluateEvery": 4}""");

        JsonNode result = Train("--config", config, "--accelerator", "host", "--out", _scratch.In("run"));

        (ShownRun train, _) = AssertShows(result, _scratch.In("run"), stepsPerPass: 1, batch: 200);
        Assert.Equal([4, 8, 10], train.Steps("loss"));
    }

    [Fact]
    public void A_run_shorter_than_the_steps_between_evaluations_is_shown()
    {
        string config = Configuration("""{"batch": "full", "steps": 3, "passes": null, "evaluateEvery": 25}""");

        JsonNode result = Train("--config", config, "--accelerator", "host", "--out", _scratch.In("run"));

        (ShownRun train, _) = AssertShows(result, _scratch.In("run"), stepsPerPass: 1, batch: 200);
        Assert.Equal([3], train.Steps("loss"));
        Assert.Equal([3], train.Steps("gradientNorm"));
    }

    [Fact]
    public void A_last_batch_that_is_smaller_counts_as_what_it_is()
    {
        string config = Configuration("""{"batch": 64, "passes": 2}""");

        JsonNode result = Train("--config", config, "--accelerator", "host", "--out", _scratch.In("run"));

        AssertShows(result, _scratch.In("run"), stepsPerPass: 4, batch: 64);
    }

    [Fact]
    public void Every_seed_has_events_of_its_own()
    {
        JsonNode result = Train("--config", _scratch.Config, "--runs", "2", "--seed", "5", "--out", _scratch.In("run"));

        foreach (JsonNode? run in result["runs"]!.AsArray())
        {
            AssertShows(run!, _scratch.In("run", $"seed-{run!["seed"]}"), stepsPerPass: 200, batch: 1);
        }

        Assert.False(Directory.Exists(_scratch.In("run", "events")));
        Assert.NotEqual(Norms(5), Norms(6));

        (long Step, float Value)[] Norms(int seed) =>
            ShownRun.Read(_scratch.In("run", $"seed-{seed}", "events", "train")).Scalars("gradientNorm");
    }

    [Fact]
    public void A_run_that_goes_on_is_shown_whole()
    {
        string config = Configuration("""{"passes": 4}""");

        Interrupt("--config", config, "--out", _scratch.In("run"));
        Interrupt("--resume", _scratch.In("run"));
        JsonNode result = Train("--resume", _scratch.In("run"));

        (ShownRun train, ShownRun test) = AssertShows(result, _scratch.In("run"), stepsPerPass: 200, batch: 1);
        Assert.Equal(3, train.Files);

        // The evaluation at the checkpoint is the older file's, and so is the picture of an interrupted run.
        Assert.Equal([201, 401], train.Starts);
        Assert.Equal([201, 401], test.Starts);
        Assert.Equal([200, 400, 800], test.Steps("misclassified"));
        Assert.Equal([0], train.Steps("configuration"));
    }

    [Fact]
    public void What_comes_after_the_checkpoint_that_a_run_goes_on_from_is_forgotten()
    {
        string config = Configuration("""{"passes": 4, "shift": 1}""");
        Interrupt("--config", config, "--out", _scratch.In("run"), "--checkpoint-every", "1");
        Interrupt("--resume", _scratch.In("run"));
        File.Delete(Directory.EnumerateFiles(_scratch.In("run", "checkpoints")).Max(StringComparer.Ordinal)!);

        JsonNode result = Train("--resume", _scratch.In("run"));

        (ShownRun train, _) = AssertShows(result, _scratch.In("run"), stepsPerPass: 200, batch: 1);
        Assert.Equal([201, 201], train.Starts);
    }

    [Fact]
    public void A_run_without_a_checkpoint_begins_anew_and_so_do_its_events()
    {
        string config = Configuration("""{"passes": 4}""");
        Interrupt("--config", config, "--out", _scratch.In("run"), "--checkpoint-every", "0");

        JsonNode result = Train("--resume", _scratch.In("run"));

        (ShownRun train, ShownRun test) = AssertShows(result, _scratch.In("run"), stepsPerPass: 200, batch: 1);
        Assert.Equal([0], train.Starts);
        Assert.Equal([800], test.Steps("misclassified"));
        Assert.Equal([0], train.Steps("configuration"));
    }

    [Fact]
    public void Validation_digits_are_not_called_test_digits()
    {
        JsonNode result = Train("--config", _scratch.Config, "--validation", "50", "--out", _scratch.In("run"));

        Assert.False(Directory.Exists(_scratch.In("run", "events", "test")));
        AssertCurves(result, "test", ShownRun.Read(_scratch.In("run", "events", "validation")), stepsPerPass: 200);
    }

    [Fact]
    public void What_a_run_starts_from_is_evaluated_at_step_0()
    {
        Train("--config", _scratch.Config, "--out", _scratch.In("first"));

        JsonNode result = Train("--config", _scratch.Config, "--from", _scratch.In("first"), "--out", _scratch.In("run"));

        (ShownRun train, _) = AssertShows(result, _scratch.In("run"), stepsPerPass: 200, batch: 1);
        Assert.Equal([0, 200, 400], train.Steps("loss"));
        Assert.Equal([200, 400], train.Steps("learningRate"));
    }

    [Fact]
    public void The_gradient_is_that_of_the_first_1_024_training_digits()
    {
        string config = Configuration("""{"train": 1100, "passes": 1, "shift": 1, "dropout": 0.2}""");

        Train("--config", config, "--out", _scratch.In("run"));

        float[] parameters = Safetensors.Read(_scratch.In("run", "model.safetensors")).Parameters;
        Examples digits = Digits(config).Train;
        float[] gradient = new float[Parameters.Count];
        using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
        network.Load(parameters);
        network.Gradient(digits, 0, 1024, gradient);
        double expected = Math.Sqrt(gradient.Sum(slope => (double)slope * slope));
        float shown = Assert.Single(ShownRun.Read(_scratch.In("run", "events", "train")).Scalars("gradientNorm")).Value;
        Assert.InRange(shown / expected, 1 - 1e-5, 1 + 1e-5);
    }

    [Fact]
    public void The_picture_and_the_configuration_are_those_of_the_run()
    {
        JsonNode result = Train("--config", _scratch.Config, "--out", _scratch.In("run"));

        WireMessage image = Assert.Single(ShownRun.Read(_scratch.In("run", "events", "test")).Of("misclassified")).Message(4);
        byte[] png = image.Bytes(4);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A], png[..8]);
        (int Width, int Height) size = ErrorSheet.Size((int)result["test"]!["misses"]!);
        Assert.Equal((size.Width, size.Height), (image.Int(2), image.Int(1)));
        Assert.Equal(size.Width, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)));
        Assert.Equal(size.Height, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));

        WireMessage text = Assert.Single(ShownRun.Read(_scratch.In("run", "events", "train")).Of("configuration"));
        Assert.Equal("text", text.Message(9).Message(1).Text(1));
        WireMessage tensor = text.Message(8);
        Assert.Equal(7, tensor.Int(1));
        Assert.Equal(1, tensor.Message(2).Message(2).Int(1));
        string[] lines = tensor.Text(8).Split('\n');
        Assert.All(lines, line => Assert.StartsWith("    ", line, StringComparison.Ordinal));
        Assert.Equal(
            File.ReadAllText(_scratch.In("run", "config.json")).ReplaceLineEndings("\n"),
            string.Join('\n', lines.Select(line => line[4..])));
    }

    [Fact]
    public void While_a_run_goes_on_its_evaluations_are_there_to_be_read()
    {
        List<int> seen = [];
        using LookingWriter output = new("eval: split train", () =>
        {
            if (Directory.Exists(_scratch.In("run", "events", "train")))
            {
                seen.Add(ShownRun.Read(_scratch.In("run", "events", "train")).Scalars("loss").Length);
            }
        });
        using StringWriter error = new();

        int code = TrainerCommandLine.Run(
            ["--config", Configuration("""{"passes": 4}"""), "--out", _scratch.In("run")], output, error, CancellationToken.None);

        Assert.True(code == 0, error.ToString());
        Assert.Equal([1, 2, 3], seen);
    }

    [Fact]
    public void No_events_are_written_where_none_are_wanted()
    {
        Train("--config", _scratch.Config, "--out", _scratch.In("none"), "--no-events");
        Assert.False(Directory.Exists(_scratch.In("none", "events")));

        // A run goes on as it was begun.
        string config = Configuration("""{"passes": 3}""");
        Interrupt("--config", config, "--out", _scratch.In("parts"), "--no-events");
        Train("--resume", _scratch.In("parts"));
        Assert.False(Directory.Exists(_scratch.In("parts", "events")));
    }

    [Fact]
    public void Events_change_nothing_about_the_training()
    {
        string config = Configuration("""{"passes": 2, "shift": 1, "dropout": 0.2}""");

        JsonNode with = Train("--config", config, "--out", _scratch.In("with"));
        JsonNode without = Train("--config", config, "--out", _scratch.In("without"), "--no-events");

        Assert.Equal((string)without["parametersSha256"]!, (string)with["parametersSha256"]!);
    }

    [Fact]
    public void On_a_full_disk_the_run_stops_and_says_so_and_goes_on_when_there_is_room()
    {
        string disk = Directory.CreateDirectory(_scratch.In("disk")).FullName;
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", disk) == 0,
            "A small disk cannot be mounted here; that takes Linux and root.");
        try
        {
            string run = Path.Combine(disk, "run");
            CommandRun full = CommandRun.Of(
                "--config", Configuration("""{"passes": 30}"""), "--out", run, "--checkpoint-every", "0");

            Assert.Equal(1, full.Code);
            Assert.Matches(@"events\.out\.tfevents\.\S+ could not be written: .+ --no-events does without", full.Error);
            Assert.Equal(0, Run("mount", "-o", "remount,size=4m", disk));
            JsonNode result = Train("--resume", run);

            // The record that did not fit stays torn at its file's end; what counts is in the file that was begun anew.
            string[] files = [.. Directory.EnumerateFiles(Path.Combine(run, "events", "train")).Order(StringComparer.Ordinal)];
            Assert.Equal(2, files.Length);
            File.Delete(files[0]);
            AssertCurves(result, "train", ShownRun.Read(Path.Combine(run, "events", "train")), stepsPerPass: 200);
        }
        finally
        {
            Assert.Equal(0, Run("umount", disk));
        }
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Compares all that is shown with what the run says of itself.</summary>
    private static (ShownRun Train, ShownRun Test) AssertShows(JsonNode result, string run, int stepsPerPass, int batch)
    {
        ShownRun train = ShownRun.Read(Path.Combine(run, "events", "train"));
        ShownRun test = ShownRun.Read(Path.Combine(run, "events", "test"));
        AssertCurves(result, "train", train, stepsPerPass);
        AssertCurves(result, "test", test, stepsPerPass);
        AssertSpeed(result, train, stepsPerPass, batch);

        // The last evaluation's parameters are the model's.
        float[] parameters = Safetensors.Read(Path.Combine(run, "model.safetensors")).Parameters;
        foreach (ParameterPart part in Parameters.Parts)
        {
            float[] values = [.. part.Of((ReadOnlySpan<float>)parameters)];
            WireMessage histogram = train.Of($"parameters/{part.Name}")[^1].Message(5);
            Assert.Equal(values.Min(), histogram.Double(1));
            Assert.Equal(values.Max(), histogram.Double(2));
            Assert.Equal(part.Count, histogram.Double(3));
            Assert.Equal(values.Sum(value => (double)value), histogram.Double(4));
            Assert.Equal(values.Sum(value => (double)value * value), histogram.Double(5));
            Assert.Equal(part.Count, histogram.Doubles(7).Sum());
            Assert.Equal(histogram.Doubles(6).Length, histogram.Doubles(7).Length);
            Assert.Equal(train.Steps("loss"), train.Steps($"parameters/{part.Name}"));
        }

        Assert.Equal(train.Steps("loss"), train.Steps("gradientNorm"));
        Assert.All(train.Scalars("gradientNorm"), point => Assert.InRange(point.Value, 1e-6f, 1e3f));
        Assert.StartsWith(
            "The Euclidean norm", train.Of("gradientNorm")[0].Message(9).Text(3), StringComparison.Ordinal);
        return (train, test);
    }

    private static void AssertCurves(JsonNode result, string split, ShownRun shown, int stepsPerPass)
    {
        JsonArray history = result["history"]!.AsArray();
        long[] steps = [.. history.Select(entry => StepOf(entry!, stepsPerPass))];
        foreach (string curve in s_curves)
        {
            Assert.Equal(
                history.Select((entry, index) => (steps[index], (float)(double)entry![split]![curve]!)), shown.Scalars(curve));
        }
    }

    private static void AssertSpeed(JsonNode result, ShownRun train, int stepsPerPass, int batch)
    {
        int examples = (int)result["train"]!["examples"]!;
        List<(long, float)> expected = [];
        (double presentedBefore, double secondsBefore) = (0, 0);
        foreach (JsonNode? entry in result["history"]!.AsArray())
        {
            long step = StepOf(entry!, stepsPerPass);
            double presented = step / stepsPerPass * examples + step % stepsPerPass * batch;
            double seconds = (double)entry!["seconds"]!;
            if (step > 0)
            {
                expected.Add((step, (float)((presented - presentedBefore) / (seconds - secondsBefore))));
            }

            (presentedBefore, secondsBefore) = (presented, seconds);
        }

        Assert.Equal(expected, train.Scalars("examplesPerSecond"));
    }

    private static long StepOf(JsonNode entry, int stepsPerPass) =>
        entry["pass"] is { } pass ? (long)pass * stepsPerPass : (long)entry["step"]!;

    private static bool RoughlyEqual(double expected, double actual) => Math.Abs(expected - actual) < 1e-9;

    private static LoadedData Digits(string config) => DataSets.Load(
        ConfigurationFile.Load(config).Data, DataFolder.Resolve(null), _ => { }, CancellationToken.None);

    private static JsonNode Train(params string[] arguments)
    {
        CommandRun run = CommandRun.Of([.. arguments, "--json"]);
        Assert.True(run.Code == 0, run.Error);
        return JsonNode.Parse(run.Output)!;
    }

    private static void Interrupt(params string[] arguments)
    {
        using CancellationTokenSource interruption = new();
        using CancellingWriter output = new("eval: split test", interruption);
        using StringWriter error = new();
        int code = TrainerCommandLine.Run(arguments, output, error, interruption.Token);
        Assert.True(code == 130, $"{code}: {error}");
    }

    private static int Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private string Configuration(string changes)
    {
        JsonObject configuration = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        foreach ((string key, JsonNode? value) in JsonNode.Parse(changes)!.AsObject())
        {
            configuration[key] = value?.DeepClone();
        }

        if (configuration["passes"] is null)
        {
            configuration.Remove("passes");
        }

        return _scratch.Write("changed.json", configuration);
    }

    /// <summary>Does something before a line that begins in a certain way is written.</summary>
    private sealed class LookingWriter(string trigger, Action look) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            if (value?.StartsWith(trigger, StringComparison.Ordinal) == true)
            {
                look();
            }

            base.WriteLine(value);
        }
    }
}
