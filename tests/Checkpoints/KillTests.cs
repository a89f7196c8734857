using System.Diagnostics;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;

namespace GpuConvnet.Tests.Checkpoints;

/// <summary>The program itself, killed without warning.</summary>
public sealed class KillTests : IDisposable
{
    private const int Kills = 20;

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    [Trait("Speed", "Slow")]
    public void Killed_twenty_times_it_ends_with_the_same_bits()
    {
        string config = _scratch.Write("long.json", new JsonObject
        {
            ["experiment"] = "long",
            ["dataset"] = "builtin",
            ["train"] = 1500,
            ["test"] = 50,
            ["optimizer"] = new JsonObject { ["kind"] = "adamw", ["learningRate"] = 0.001 },
            ["shift"] = 1,
            ["dropout"] = 0.25,
            ["passes"] = 300,
        });
        CommandRun whole = CommandRun.Of("--config", config, "--no-save", "--json");
        Assert.Equal(0, whole.Code);
        string run = _scratch.In("run");
        Random random = new();
        List<long> left = [];
        for (int kill = 0; kill < Kills; kill++)
        {
            string[] arguments = File.Exists(Path.Combine(run, "order.json"))
                ? ["--resume", run]
                : ["--config", config, "--out", run, "--checkpoint-every", "1"];
            if (arguments[0] == "--config" && Directory.Exists(run))
            {
                // Killed before it had said what it is: such a folder is no run yet.
                Directory.Delete(run, recursive: true);
            }

            using Process process = Start(arguments);
            long before = Steps(run);
            if (kill % 2 == 0)
            {
                // Half of them die whenever it is, starting or half-way through a file, ...
                process.WaitForExit(random.Next(100, 600));
            }
            else
            {
                // ... the others when they have got on, however slow the machine is.
                SpinWait.SpinUntil(() => process.WaitForExit(10) || Steps(run) > before, TimeSpan.FromMinutes(1));
                process.WaitForExit(random.Next(0, 100));
            }

            process.Kill();
            process.WaitForExit();
            left.Add(Steps(run));
        }

        // Killing never loses what was there.
        Assert.Equal(left.Order(), left);
        Assert.NotEqual(0, left[^1]);
        CommandRun resumed = CommandRun.Of("--resume", run, "--json");

        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Equal(
            (string)JsonNode.Parse(whole.Output)!["parametersSha256"]!,
            (string)JsonNode.Parse(resumed.Output)!["parametersSha256"]!);
    }

    [Fact]
    public void On_a_full_disk_it_stops_says_so_and_the_checkpoints_stay_good()
    {
        string disk = Directory.CreateDirectory(_scratch.In("disk")).FullName;
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=320k", "tmpfs", disk) == 0,
            "A small disk cannot be mounted here; that takes Linux and root.");
        try
        {
            string config = _scratch.Write("long.json", new JsonObject
            {
                ["experiment"] = "long",
                ["dataset"] = "builtin",
                ["train"] = 200,
                ["test"] = 50,
                ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 0.03 },
                ["passes"] = 8,
            });
            string run = Path.Combine(disk, "run");

            CommandRun full = CommandRun.Of("--config", config, "--out", run, "--checkpoint-every", "1");

            Assert.Equal(1, full.Code);
            Assert.Contains("The checkpoint could not be written", full.Error, StringComparison.Ordinal);
            Assert.Contains("The last good one is", full.Error, StringComparison.Ordinal);
            Assert.Equal(0, Run("mount", "-o", "remount,size=4m", disk));
            CommandRun resumed = CommandRun.Of("--resume", run);
            Assert.True(resumed.Code == 0, resumed.Error);
            Assert.Contains("goes on after 400 of 1,600 steps", resumed.Output, StringComparison.Ordinal);
        }
        finally
        {
            Assert.Equal(0, Run("umount", disk));
        }
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>The steps of the newest checkpoint, by its name; the run's end counts as more than any.</summary>
    private static long Steps(string run)
    {
        string checkpoints = Path.Combine(run, "checkpoints");
        return File.Exists(Path.Combine(run, "result.json")) ? long.MaxValue
            : !Directory.Exists(checkpoints) ? 0
            : Directory.EnumerateFiles(checkpoints, "*.checkpoint")
                .Select(path => long.Parse(Path.GetFileNameWithoutExtension(path)["step-".Length..], provider: null))
                .DefaultIfEmpty().Max();
    }

    private static Process Start(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "trainer.dll"));
        start.ArgumentList.Add("--quiet");
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static int Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
