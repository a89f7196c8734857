using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Commands;

namespace GpuConvnet.Tests.Checkpoints;

/// <summary>A run goes on with what it was begun with, or says what has changed.</summary>
public sealed class PinnedInputsTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new(passes: 6);

    private string Run => _scratch.In("run");

    [Fact]
    public void Another_configuration_is_named_and_taken_only_if_that_is_wanted()
    {
        Interrupt("--config", _scratch.Config, "--out", Run);
        string path = Path.Combine(Run, "config.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"learningRate\": 0.03", "\"learningRate\": 0.05", StringComparison.Ordinal));

        CommandRun refused = CommandRun.Of("--resume", Run);
        Assert.Equal(2, refused.Code);
        Assert.Contains("The configuration is not the one that the run was begun with.", refused.Error, StringComparison.Ordinal);

        CommandRun accepted = CommandRun.Of("--resume", Run, "--accept-changes");
        Assert.True(accepted.Code == 0, accepted.Error);
        Assert.Contains("The run goes on all the same, as asked for.", accepted.Output, StringComparison.Ordinal);

        // It is what the run is made with from now on, and that stays on record.
        Assert.Equal(0, CommandRun.Of("--resume", Run).Code);
        Assert.Contains("The configuration is not the one", File.ReadAllText(Path.Combine(Run, "environment.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_fingerprint_is_told_from_another_input_by_its_copy()
    {
        Interrupt("--config", _scratch.Config, "--out", Run);
        string path = Path.Combine(Run, "order.json");
        string data = (string)JsonNode.Parse(File.ReadAllText(path))!["pins"]![0]!["data"]!;
        File.WriteAllText(path, File.ReadAllText(path).Replace(data, "0" + data[1..^1] + "x", StringComparison.Ordinal));

        CommandRun resumed = CommandRun.Of("--resume", Run);

        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Contains("order.json is damaged", resumed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_configuration_of_the_stage_before_is_named()
    {
        JsonNode second = JsonNode.Parse(File.ReadAllText(_scratch.Config))!;
        second["from"] = _scratch.Config;
        Interrupt("--config", _scratch.Write("second.json", second), "--out", Run);
        JsonNode first = JsonNode.Parse(File.ReadAllText(_scratch.Config))!;
        first["passes"] = 7;
        first["optimizer"]!["learningRate"] = 0.01;
        _scratch.Write("small.json", first);

        CommandRun refused = CommandRun.Of("--resume", Run);

        Assert.Equal(2, refused.Code);
        Assert.Contains("The configuration of stage 1 is not the one", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_saved_model_to_start_from_is_named()
    {
        foreach ((string name, string seed) in new[] { ("one", "1"), ("two", "2") })
        {
            Assert.Equal(0, CommandRun.Of("--config", _scratch.Config, "--seed", seed, "--out", _scratch.In(name), "--no-report").Code);
        }

        Interrupt("--config", _scratch.Config, "--from", _scratch.In("one"), "--out", Run);
        Directory.Move(_scratch.In("one"), _scratch.In("three"));
        Directory.Move(_scratch.In("two"), _scratch.In("one"));

        CommandRun refused = CommandRun.Of("--resume", Run);

        Assert.Equal(2, refused.Code);
        Assert.Contains("The saved model is not the one that the run started from.", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_digits_are_named()
    {
        string usps = _scratch.In("usps");
        Directory.CreateDirectory(usps);
        Digits("zip.train", 240, shade: 0.5);
        Digits("zip.test", 60, shade: 0.5);
        JsonNode configuration = JsonNode.Parse(File.ReadAllText(_scratch.Config))!;
        configuration["dataset"] = "usps";
        string config = _scratch.Write("usps.json", configuration);
        Interrupt("--config", config, "--data", _scratch.In(), "--out", Run);
        Digits("zip.test", 60, shade: 0.75);

        CommandRun refused = CommandRun.Of("--resume", Run, "--data", _scratch.In());

        Assert.Equal(2, refused.Code);
        Assert.Contains("The digits are not those that the run was begun with.", refused.Error, StringComparison.Ordinal);

        void Digits(string name, int count, double shade) => File.WriteAllLines(
            Path.Combine(usps, name),
            Enumerable.Range(0, count).Select(digit => FormattableString.Invariant($"{digit % 10} ") + string.Join(
                ' ', Enumerable.Range(0, 256).Select(pixel => pixel % 16 is > 5 and < 10 && pixel / 16 is > 2 and < 13
                    ? FormattableString.Invariant($"{(pixel == 100 ? 1 : shade)}") : "-1"))));
    }

    [Fact]
    public void Other_vectors_are_named()
    {
        Interrupt("--config", _scratch.Config, "-a", "host", "--out", Run);
        string engine = (string)JsonNode.Parse(File.ReadAllText(Path.Combine(Run, "order.json")))!["pins"]![0]!["engine"]!;
        foreach (string path in (string[])[Path.Combine(Run, "order.json"), Path.Combine(Run, "environment.json")])
        {
            File.WriteAllText(path, File.ReadAllText(path).Replace(engine, "host, SSE2", StringComparison.Ordinal));
        }

        CommandRun refused = CommandRun.Of("--resume", Run);

        Assert.StartsWith("host, ", engine, StringComparison.Ordinal);
        Assert.Equal(2, refused.Code);
        Assert.Contains($"What trains was host, SSE2, and is {engine} now", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_an_earlier_version_has_no_pins_and_goes_on()
    {
        string whole = Sha256(CommandRun.Of("--config", _scratch.Config, "--no-save", "--json"));
        Interrupt("--config", _scratch.Config, "--out", Run);
        JsonNode order = JsonNode.Parse(File.ReadAllText(Path.Combine(Run, "order.json")))!;
        order.AsObject().Remove("pins");
        File.WriteAllText(Path.Combine(Run, "order.json"), order.ToJsonString());

        Assert.Equal(whole, Sha256(CommandRun.Of("--resume", Run, "--json")));
    }

    [Fact]
    public void Changes_are_accepted_of_a_run_that_goes_on_alone()
    {
        CommandRun refused = CommandRun.Of("--config", _scratch.Config, "--accept-changes");

        Assert.Equal(2, refused.Code);
        Assert.Contains("Give it with --resume", refused.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private static string Sha256(CommandRun run)
    {
        Assert.True(run.Code == 0, run.Error);
        return (string)JsonNode.Parse(run.Output)!["parametersSha256"]!;
    }

    private static void Interrupt(params string[] arguments)
    {
        using CancellationTokenSource interruption = new();
        using CancellingWriter output = new("eval: split test", interruption);
        using StringWriter error = new();
        int code = TrainerCommandLine.Run(arguments, output, error, interruption.Token);
        Assert.True(code == 130, $"{code}: {error}");
    }
}
