using System.Diagnostics;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Tests.Results;

/// <summary>A file of a run that is damaged is found out, hides nothing of the others, and is made again from them.</summary>
public sealed class DamagedRunTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    private string Run => _scratch.In("run");

    [Fact]
    public void A_bit_anywhere_in_the_model_is_found_out_by_all_who_read_it()
    {
        Train();
        string model = _scratch.In("run", "model.safetensors");
        byte[] good = File.ReadAllBytes(model);
        int data = good.Length - (9760 * sizeof(float));
        foreach (int place in new[] { 8, 40, data / 2, data - 9, data, data + 4001, good.Length - 1 })
        {
            byte[] bad = [.. good];
            bad[place] ^= 0x10;
            File.WriteAllBytes(model, bad);

            Assert.Equal(2, CommandRun.Of("eval", Run).Code);
            Assert.Equal(2, CommandRun.Of("eval", model).Code);
            Assert.Equal(2, CommandRun.Of("export", Run, "-o", _scratch.In("it.onnx")).Code);
            Assert.Equal(2, CommandRun.Of("report", Run).Code);
            Assert.Equal(2, CommandRun.Of("--config", _scratch.Config, "--from", Run, "--no-save").Code);
        }

        string refusal = CommandRun.Of("eval", Run).Error;
        Assert.Contains("model.safetensors is damaged: it does not hold what was saved", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_an_earlier_versions_model_what_the_run_recorded_is_compared()
    {
        Train();
        string model = _scratch.In("run", "model.safetensors");
        byte[] bytes = File.ReadAllBytes(model);
        int place = bytes.AsSpan().IndexOf("contentSha256"u8);
        "contentXha256"u8.CopyTo(bytes.AsSpan(place));
        File.WriteAllBytes(model, bytes);
        Assert.Equal(0, CommandRun.Of("eval", Run).Code);
        bytes[^1] ^= 0x10;
        File.WriteAllBytes(model, bytes);

        CommandRun refused = CommandRun.Of("eval", Run);

        Assert.Equal(2, refused.Code);
        Assert.Contains("does not hold the parameters that the run beside it recorded", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("result.json")]
    public void What_is_damaged_is_kept_and_made_again_by_resume(string name)
    {
        string sha256 = Train();
        string path = _scratch.In("run", name);
        byte[] bad = File.ReadAllBytes(path)[..^20];
        File.WriteAllBytes(path, bad);

        CommandRun resumed = CommandRun.Of("--resume", Run, "--json");

        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Contains($"It is kept as {name}.damaged, and made again.", resumed.Error, StringComparison.Ordinal);
        Assert.Equal(sha256, (string)JsonNode.Parse(resumed.Output)!["parametersSha256"]!);
        Assert.Equal(bad, File.ReadAllBytes(path + ".damaged"));
        Assert.Equal(0, CommandRun.Of("eval", Run).Code);
    }

    [Fact]
    public void A_run_with_a_damaged_result_is_made_longer_all_the_same()
    {
        Train();
        File.WriteAllText(_scratch.In("run", "result.json"), "{");

        CommandRun longer = CommandRun.Of("--resume", Run, "--passes", "3", "--json");

        Assert.True(longer.Code == 0, longer.Error);
        Assert.Contains("It is kept as result.json.damaged", longer.Error, StringComparison.Ordinal);
        Assert.Equal(3, (int)JsonNode.Parse(longer.Output)!["passes"]!);
    }

    [Theory]
    [InlineData("result.json")]
    [InlineData("model.safetensors")]
    [InlineData("history.csv")]
    public void A_folder_in_the_place_of_a_file_is_set_aside(string name)
    {
        string sha256 = Train();
        File.Delete(_scratch.In("run", name));
        Directory.CreateDirectory(_scratch.In("run", name, "something"));

        CommandRun resumed = CommandRun.Of("--resume", Run, "--json");

        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Equal(sha256, (string)JsonNode.Parse(resumed.Output)!["parametersSha256"]!);
        Assert.True(Directory.Exists(_scratch.In("run", $"{name}.damaged", "something")));
    }

    [Fact]
    public void A_model_that_is_missing_is_made_again_by_resume()
    {
        string sha256 = Train();
        File.Delete(_scratch.In("run", "model.safetensors"));

        CommandRun resumed = CommandRun.Of("--resume", Run, "--json");

        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Contains("It is made again.", resumed.Error, StringComparison.Ordinal);
        Assert.Equal(sha256, (string)JsonNode.Parse(resumed.Output)!["parametersSha256"]!);
    }

    [Theory]
    [InlineData("result.json")]
    [InlineData("environment.json")]
    [InlineData("order.json")]
    public void The_list_of_runs_names_it_and_says_what_is_known(string name)
    {
        Train();
        File.WriteAllText(_scratch.In("run", name), "{");

        string line = CommandRun.Of("runs", Run).Output.Split('\n')[1];

        Assert.Contains("small", line, StringComparison.Ordinal);
        Assert.Contains("400", line, StringComparison.Ordinal);
        Assert.Contains(name, line, StringComparison.Ordinal);
        Assert.DoesNotContain("elete", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_order_is_taken_from_the_environment()
    {
        string sha256 = Train();
        File.Delete(_scratch.In("run", "result.json"));
        File.WriteAllText(_scratch.In("run", "order.json"), "{");

        CommandRun resumed = CommandRun.Of("--resume", Run, "--json");

        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Contains("The order is taken from environment.json.", resumed.Error, StringComparison.Ordinal);
        Assert.Equal(sha256, (string)JsonNode.Parse(resumed.Output)!["parametersSha256"]!);
    }

    [Theory]
    [InlineData("result.json")]
    [InlineData("config.json")]
    [InlineData("environment.json")]
    [InlineData("model.safetensors")]
    public void A_pipe_or_a_device_in_its_place_is_not_waited_for(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files.");
        Train();
        File.Delete(_scratch.In("run", name));
        using (Process pipe = Process.Start("mkfifo", _scratch.In("run", name)))
        {
            pipe.WaitForExit();
        }

        Assert.Contains(name, CommandRun.Of(name.EndsWith(".json", StringComparison.Ordinal) ? "runs" : "eval", Run) switch
        {
            { Code: 0 } listed => listed.Output,
            { } refused => refused.Error,
        }, StringComparison.Ordinal);
        File.Delete(_scratch.In("run", name));
        File.CreateSymbolicLink(_scratch.In("run", name), "/dev/zero");

        Assert.Contains(name, CommandRun.Of(name.EndsWith(".json", StringComparison.Ordinal) ? "runs" : "eval", Run) switch
        {
            { Code: 0 } listed => listed.Output,
            { } refused => refused.Error,
        }, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_out_of_the_folder_is_not_followed()
    {
        Train();
        File.Move(_scratch.In("run", "result.json"), _scratch.In("elsewhere.json"));
        File.CreateSymbolicLink(_scratch.In("run", "result.json"), _scratch.In("elsewhere.json"));

        Assert.Contains("result.json is a link to a file outside of the run's folder", CommandRun.Of("runs", Run).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_programs_left_that_were_killed_is_cleared_when_the_run_goes_on()
    {
        Train();
        string dead = _scratch.In("run", $"result.json.{Environment.MachineName}.{int.MaxValue}.part");
        string other = _scratch.In("run", $"result.json.another.{int.MaxValue}.part");
        string alive = _scratch.In("run", "checkpoints", $"x.{Environment.MachineName}.{Environment.ProcessId}.part");
        Array.ForEach([dead, other, alive], path => File.WriteAllText(path, ""));

        Assert.Equal(0, CommandRun.Of("--resume", Run).Code);

        Assert.Equal((false, true, true), (File.Exists(dead), File.Exists(other), File.Exists(alive)));
    }

    [Theory]
    [InlineData(".claimed")]
    [InlineData(".claimed", "environment.json")]
    [InlineData(".claimed", "environment.json", "config.json", "order.json.somewhere.7.part")]
    public void A_program_that_was_killed_before_the_order_was_written_leaves_a_folder_that_can_be_taken(params string[] names)
    {
        Directory.CreateDirectory(Run);
        foreach (string name in names)
        {
            File.WriteAllText(Path.Combine(Run, name), "{");
        }

        Assert.NotEqual("", Train());
        Assert.DoesNotContain(Directory.EnumerateFiles(Run), path => path.EndsWith(".part", StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(Run, ".claimed")));
    }

    [Fact]
    public void Of_two_programs_that_take_a_folder_at_once_one_gets_it()
    {
        for (int round = 0; round < 50; round++)
        {
            string path = _scratch.In($"round-{round}");
            int taken = 0;
            Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
            {
                try
                {
                    using RunClaim claim = RunClaim.New(path);
                    Interlocked.Increment(ref taken);
                    File.WriteAllText(Path.Combine(path, "order.json"), "");
                }
                catch (BadInputException)
                {
                    // Another one has it.
                }
            });

            Assert.Equal(1, taken);
        }
    }

    public void Dispose() => _scratch.Dispose();

    private string Train()
    {
        CommandRun run = CommandRun.Of("--config", _scratch.Config, "--out", Run, "--no-report", "--json");
        Assert.True(run.Code == 0, run.Error);
        return (string)JsonNode.Parse(run.Output)!["parametersSha256"]!;
    }
}
