using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Commands;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Teaching;

/// <summary><c>"teacher"</c> in a configuration: a run that learns from another one, from the command line.</summary>
public sealed class TaughtRunTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new(passes: 6);

    private string Run => _scratch.In("run");

    [Theory]
    [InlineData(1, "host")]
    [InlineData(50, "host")]
    [InlineData(50, "cpu")]
    public void It_learns_and_says_from_what(int batch, string accelerator)
    {
        TrainTeachers("wide");
        JsonObject taught = Taught("wide", temperature: 2);
        taught["batch"] = batch;
        taught["passes"] = 1;
        taught["shift"] = 1;

        CommandRun run = CommandRun.Of(
            "--config", _scratch.Write("taught.json", taught), "--accelerator", accelerator, "--out", Run, "--no-report");

        Assert.True(run.Code == 0, run.Error);
        Assert.Contains($"teacher: {_scratch.In("wide")} (9,760 parameters), temperature 2, labels' share 0.1", run.Output, StringComparison.Ordinal);
        JsonNode result = JsonNode.Parse(File.ReadAllText(Path.Combine(Run, "result.json")))!;
        Assert.Equal(_scratch.In("wide"), (string)result["teacher"]!);
        Assert.Equal(Sha256(_scratch.In("wide")), (string)result["teacherSha256"]!);
    }

    [Fact]
    public void It_learns_from_an_ensemble()
    {
        TrainTeachers("one", "two");
        Assert.Equal(0, CommandRun.Of("ensemble", _scratch.In("one"), _scratch.In("two"), "--out", _scratch.In("both")).Code);

        CommandRun run = CommandRun.Of("--config", _scratch.Write("taught.json", Taught("both", 2)), "--out", Run, "--no-report");

        Assert.True(run.Code == 0, run.Error);
        Assert.Contains("(2 networks, 19,520 parameters)", run.Output, StringComparison.Ordinal);
    }

    /// <summary>The folder of a run of several seeds is the ensemble of them, to the fingerprint.</summary>
    [Fact]
    public void It_learns_from_all_seeds_of_a_run()
    {
        string config = _scratch.Write("teacher.json", Logits());
        Assert.Equal(0, CommandRun.Of("--config", config, "--runs", "2", "--out", _scratch.In("seeds"), "--no-report").Code);
        CommandRun ensemble = CommandRun.Of("ensemble", _scratch.In("seeds"), "--json", "--out", _scratch.In("both"));
        Assert.True(ensemble.Code == 0, ensemble.Error);
        string fingerprint = (string)JsonNode.Parse(ensemble.Output)!["parametersSha256"]!;

        CommandRun seeds = CommandRun.Of("--config", _scratch.Write("taught.json", Taught("seeds", 2)), "--out", Run, "--no-report");
        CommandRun both = CommandRun.Of(
            "--config", _scratch.Write("taught.json", Taught("both", 2)), "--out", _scratch.In("other"), "--no-report");

        Assert.True(seeds.Code == 0, seeds.Error);
        Assert.True(both.Code == 0, both.Error);
        Assert.Contains($"{_scratch.In("seeds")} (2 networks, 19,520 parameters)", seeds.Output, StringComparison.Ordinal);
        Assert.Equal(Sha256(_scratch.In("other")), Sha256(Run));
        Assert.Equal((fingerprint, fingerprint), (TeacherSha256(Run), TeacherSha256(_scratch.In("other"))));

        // A seed that is not trained to its end will be another network once it is.
        string last = Path.Combine(_scratch.In("seeds"), "seed-1338");
        string finished = File.ReadAllText(Path.Combine(last, "result.json"));
        JsonNode cut = JsonNode.Parse(finished)!;
        cut["interrupted"] = true;
        File.WriteAllText(Path.Combine(last, "result.json"), cut.ToJsonString());
        RefusesSeeds("not all are trained to their end");
        File.WriteAllText(Path.Combine(last, "result.json"), finished);
        Directory.Move(last, _scratch.In("elsewhere"));
        RefusesSeeds("not all are trained to their end");
        Directory.Move(_scratch.In("elsewhere"), last);

        // One that diverged is no teacher, and cannot be gone on with.
        File.WriteAllText(Path.Combine(last, "diverged.json"), """{ "steps": 20, "message": "The training diverged." }""");
        RefusesSeeds("seed-1338: The training diverged. Name a seed that did not");
        File.Delete(Path.Combine(last, "diverged.json"));

        // A seed that is there twice would count twice.
        File.Copy(
            Path.Combine(_scratch.In("seeds"), "seed-1337", "model.safetensors"),
            Path.Combine(_scratch.In("seeds"), "seed-1338", "model.safetensors"), overwrite: true);
        RefusesSeeds("it would count twice");

        void RefusesSeeds(string why)
        {
            CommandRun refused = CommandRun.Of("--config", _scratch.Write("taught.json", Taught("seeds", 2)), "--out", _scratch.In("third"));
            Assert.Equal(2, refused.Code);
            Assert.Contains(why, refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Another_teacher_is_named_when_it_goes_on()
    {
        TrainTeachers("one", "two");
        using (CancellationTokenSource interruption = new())
        using (CancellingWriter output = new("eval: split test", interruption))
        using (StringWriter error = new())
        {
            Assert.Equal(130, TrainerCommandLine.Run(
                ["--config", _scratch.Write("taught.json", Taught("one", 2)), "--out", Run, "--no-report"], output, error, interruption.Token));
        }

        Directory.Move(_scratch.In("one"), _scratch.In("three"));
        Directory.Move(_scratch.In("two"), _scratch.In("one"));
        CommandRun refused = CommandRun.Of("--resume", Run);
        Assert.Equal(2, refused.Code);
        Assert.Contains("The teacher is not the one that the run was begun with.", refused.Error, StringComparison.Ordinal);

        Directory.Move(_scratch.In("one"), _scratch.In("two"));
        Directory.Move(_scratch.In("three"), _scratch.In("one"));
        Assert.Equal(0, CommandRun.Of("--resume", Run).Code);
        Assert.Equal(0, CommandRun.Of("--config", _scratch.In("taught.json"), "--out", _scratch.In("whole"), "--no-report").Code);
        Assert.Equal(Sha256(_scratch.In("whole")), Sha256(Run));
    }

    [Fact]
    public void What_comes_with_the_program_learns_from_a_path_that_stays_the_same()
    {
        // Written into the run's folder, a path from where the user was would count from there.
        Assert.Equal(Path.GetFullPath("runs/teacher-7291"), ConfigurationFile.Load("taught-7291").Teacher);
    }

    [Fact]
    public void A_teacher_of_digits_that_lie_otherwise_is_refused()
    {
        TrainTeachers("wide");
        JsonObject taught = Taught("wide", 2);
        taught["dataset"] = "usps";

        CommandRun run = CommandRun.Of("--config", _scratch.Write("taught.json", taught), "--out", Run);

        Assert.Equal(2, run.Code);
        Assert.True(
            run.Error.Contains("lie otherwise in their images", StringComparison.Ordinal) || run.Error.Contains("USPS", StringComparison.Ordinal),
            run.Error);
    }

    [Fact]
    public void A_teacher_that_is_not_there_is_missed_before_anything_is_trained()
    {
        string config = _scratch.Write("taught.json", Taught("nobody", 2));

        CommandRun run = CommandRun.Of("--config", config, "--out", Run);
        CommandRun sweep = CommandRun.Of("sweep", "--config", config, "--set", "optimizer.learningRate=0.01,0.02", "--validation", "50", "--runs", "1");

        Assert.Equal((2, 2), (run.Code, sweep.Code));
        Assert.Contains("where there is no trained model. Train it first", run.Error, StringComparison.Ordinal);
        Assert.Contains("where there is no trained model. Train it first", sweep.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Run, "order.json")));
    }

    [Theory]
    [InlineData("""{ "distillation": { "temperature": 2 } }""", "$.distillation: says how to learn from a teacher, and there is none")]
    [InlineData("""{ "teacher": "wide", "distillation": { "temperature": 0.5 } }""", "$.distillation.temperature: expected a number from 1 to 100, found 0.5")]
    [InlineData("""{ "teacher": "wide", "distillation": { "labelShare": 1 } }""", "$.distillation.labelShare: expected a number from 0 to below 1, found 1")]
    [InlineData("""{ "teacher": "a\u0000b" }""", "$.teacher: expected a run's folder or a saved model, found a character that no path has")]
    [InlineData("""{ "teacher": "wide", "weightNormalization": true }""", "$.weightNormalization: goes without a teacher")]
    [InlineData("""{ "teacher": " " }""", "$.teacher: expected a run's folder or a saved model, found an empty text")]
    [InlineData("""{ "teacher": "wide", "shift": 1, "randomNumbers": "article" }""", "$.randomNumbers: a teacher is shown each digit")]
    [InlineData("""{ "teacher": "wide" }""", "a temperature softens probabilities, and mse has none: the temperature must be 1")]
    [InlineData("""{ "teacher": "wide", "batch": 50 }""", "kernels that are cut for the network of 1989 know no teacher", "--accelerator", "cpu", "--kernels", "layers")]
    [InlineData("""{ "teacher": "wide", "batch": 50 }""", "--kernels tensor cannot train small: kernels that are cut", "--accelerator", "cpu", "--kernels", "tensor")]
    public void What_cannot_be_is_refused(string changes, string expected, params string[] options)
    {
        TrainTeachers("wide");
        JsonObject configuration = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        foreach ((string key, JsonNode? value) in JsonNode.Parse(changes)!.AsObject())
        {
            configuration[key] = value!.DeepClone();
        }

        CommandRun run = CommandRun.Of(["--config", _scratch.Write("changed.json", configuration), .. options, "--out", Run]);

        Assert.Equal(2, run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private static string Sha256(string run) => Result(run, "parametersSha256");

    private static string TeacherSha256(string run) => Result(run, "teacherSha256");

    private static string Result(string run, string key) =>
        (string)JsonNode.Parse(File.ReadAllText(Path.Combine(run, "result.json")))![key]!;

    /// <summary>A configuration of logits that learns from a run beside it.</summary>
    private JsonObject Taught(string teacher, double temperature)
    {
        JsonObject configuration = Logits();
        configuration["teacher"] = teacher;
        configuration["distillation"] = new JsonObject { ["temperature"] = temperature };
        return configuration;
    }

    private JsonObject Logits()
    {
        JsonObject configuration = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        configuration["output"] = "linear";
        configuration["loss"] = "crossEntropy";
        return configuration;
    }

    private void TrainTeachers(params string[] names)
    {
        string config = _scratch.Write("teacher.json", Logits());
        for (int seed = 0; seed < names.Length; seed++)
        {
            Assert.Equal(0, CommandRun.Of("--config", config, "--seed", $"{seed + 1}", "--out", _scratch.In(names[seed]), "--no-report").Code);
        }
    }
}
