using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;

namespace GpuConvnet.Tests.Ranks;

/// <summary>The program itself under mpirun, of both libraries.</summary>
public sealed class MpirunTests : IDisposable
{
    // Long enough to be interrupted half-way: two ranks take seconds.
    private const int LongSteps = 200;
    private const int LongTrain = 1500;

    /// <summary>Fingerprints of trainings by one process, each trained once; by the text of the configuration.</summary>
    private static readonly ConcurrentDictionary<string, string> s_alone = new();

    private readonly ScratchExperiment _scratch = new();
    private readonly string _config;

    public MpirunTests() => _config = Write("shared.json", steps: 6, evaluateEvery: 2);

    public static TheoryData<string, int> LaunchersAndRanks { get; } = new(
        from name in Launcher.Names.Select(row => row.Data)
        from ranks in (int[])[1, 2, 3, 5]
        select (name, ranks));

    [Theory]
    [MemberData(nameof(LaunchersAndRanks))]
    public void Any_number_of_ranks_trains_the_bits_of_one_process(string name, int ranks)
    {
        Launcher launcher = Launcher.Of(name);

        Assert.Equal(Alone(_config), launcher.Sha256(ranks, "--config", _config, "-a", "host", "--no-save"));
    }

    [Theory]
    [MemberData(nameof(Launcher.Names), MemberType = typeof(Launcher))]
    public void On_the_accelerator_of_a_processor_too(string name)
    {
        Launcher launcher = Launcher.Of(name);
        string config = Write("device.json", steps: 2, evaluateEvery: 2, train: 96);
        CommandRun alone = CommandRun.Of("--config", config, "-a", "cpu", "--no-save", "--json");

        Assert.Equal(Launcher.Sha256(alone.Output), launcher.Sha256(2, "--config", config, "-a", "cpu", "--no-save"));
    }

    [Theory]
    [MemberData(nameof(Launcher.Names), MemberType = typeof(Launcher))]
    public void The_first_rank_alone_prints_and_saves(string name)
    {
        Launcher launcher = Launcher.Of(name);
        string run = _scratch.In("run");

        RanksRun shared = launcher.Run(3, "--config", _config, "-a", "host", "--out", run, "--no-report");

        Assert.True(shared.Code == 0, shared.All);
        Assert.Equal(3, Count(shared.All, "eval: split test"));
        Assert.Equal(1, Count(shared.All, "ranks: 3 on one machine"));
        Assert.DoesNotContain("\u001b", shared.All, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "result.json")));
    }

    [Theory]
    [MemberData(nameof(Launcher.Names), MemberType = typeof(Launcher))]
    public void What_no_rank_can_do_is_said_once_with_exit_code_2(string name)
    {
        Launcher launcher = Launcher.Of(name);

        Assert.All(
            (string[][])
            [
                ["--config", "nope", "--no-save"],
                ["--config", "1989-base", "--dataset", "builtin", "--no-save"],
                ["--config", _config, "--passes", "0"],
                ["--config", _config, "-a", "opencl", "--kernels", "fused", "--no-save"],
            ],
            arguments =>
            {
                RanksRun refused = launcher.Run(3, arguments);
                Assert.Equal((2, 1), (refused.Code, Count(refused.All, "error: ")));
            });
    }

    [Theory]
    [MemberData(nameof(Launcher.Names), MemberType = typeof(Launcher))]
    public void What_the_first_rank_alone_cannot_do_ends_all(string name)
    {
        Launcher launcher = Launcher.Of(name);

        // The folder is the first rank's affair; the others hear of it, and do not wait.
        RanksRun refused = launcher.Run(2, "--config", _config, "-a", "host", "--out", Path.GetDirectoryName(_config)!);

        Assert.Equal((2, 1), (refused.Code, Count(refused.All, "error: ")));
        Assert.Contains("is not empty", refused.All, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Launcher.Names), MemberType = typeof(Launcher))]
    public void Ranks_of_different_configurations_are_refused_and_say_which(string name)
    {
        Launcher launcher = Launcher.Of(name);
        string other = Write("other.json", steps: 5, evaluateEvery: 2);

        // The second rank is given another file.
        string program = Path.Combine(AppContext.BaseDirectory, "trainer.dll");
        RanksRun refused = launcher.Finish(launcher.Start(
            1, [], ["--config", _config, "-a", "host", "--no-save", ":", "-n", "1", "dotnet", program, "--config", other, "-a", "host",
                "--no-save"]));

        Assert.Equal((2, 1), (refused.Code, Count(refused.All, "error: ")));
        Assert.Contains("rank 1 on ", refused.All, StringComparison.Ordinal);
        Assert.Contains("another one here than on rank 0", refused.All, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Launcher.Names), MemberType = typeof(Launcher))]
    public void A_command_that_ranks_do_not_share_is_done_once(string name)
    {
        Launcher launcher = Launcher.Of(name);

        RanksRun listed = launcher.Run(2, "devices");

        Assert.True(listed.Code == 0, listed.All);
        Assert.Equal(1, Count(listed.All, "host: "));
    }

    [Theory]
    [MemberData(nameof(Launcher.Names), MemberType = typeof(Launcher))]
    public void Interrupted_all_stop_at_one_step_and_any_number_of_ranks_goes_on_to_the_same_bits(string name)
    {
        Launcher launcher = Launcher.Of(name);
        string config = Write("long.json", LongSteps, evaluateEvery: 5, LongTrain);
        foreach (string signal in (string[])["-INT", "-TERM"])
        {
            string run = _scratch.In("run" + signal);
            Process process = launcher.Start(2, [], ["--config", config, "-a", "host", "--out", run, "--checkpoint-every", "10"]);
            WaitForCheckpoint(run, process);
            Assert.Equal(0, Run("kill", signal, $"{process.Id}"));

            RanksRun stopped = launcher.Finish(process);

            // MPICH's launcher ends with 0 now and then, whatever its ranks end with.
            Assert.True(stopped.Code != 0 || !launcher.IsOpenMpi, stopped.All);
            Assert.Contains("Interrupted: all ranks end after the step that they are in.", stopped.All, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(run, "result.json")), stopped.All);
            int left = Checkpoints(run).Max();
            Assert.Equal(left, (int)JsonNode.Parse(File.ReadAllText(Path.Combine(run, "result.json")))!["steps"]!);
            RanksRun resumed = launcher.Run(3, "--resume", run, "--json", "--no-report");
            Assert.True(resumed.Code == 0, resumed.All);
            Assert.Contains($"goes on after {left} of {LongSteps} steps", resumed.All, StringComparison.Ordinal);
            Assert.Equal(Alone(config), Launcher.Sha256(resumed.Output));
        }
    }

    [Theory]
    [MemberData(nameof(Launcher.Names), MemberType = typeof(Launcher))]
    public void When_a_rank_is_killed_the_job_ends_and_one_process_goes_on_to_the_same_bits(string name)
    {
        Launcher launcher = Launcher.Of(name);
        string config = Write("long.json", LongSteps, evaluateEvery: 5, LongTrain);
        string run = _scratch.In("run");
        Process process = launcher.Start(2, [], ["--config", config, "-a", "host", "--out", run, "--checkpoint-every", "10"]);
        WaitForCheckpoint(run, process);
        long begun = Stopwatch.GetTimestamp();
        using (Process find = Process.Start(new ProcessStartInfo("pgrep", ["-nf", $"trainer.dll.*{run}"]) { RedirectStandardOutput = true })!)
        {
            // The newest process of these arguments is the last rank.
            Assert.Equal(0, Run("kill", "-9", find.StandardOutput.ReadToEnd().Trim()));
            find.WaitForExit();
        }

        RanksRun killed = launcher.Finish(process);

        Assert.NotEqual(0, killed.Code);
        Assert.InRange(Stopwatch.GetElapsedTime(begun).TotalSeconds, 0, 20);
        CommandRun resumed = CommandRun.Of("--resume", run, "--json", "--no-report");
        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Equal(Alone(config), Launcher.Sha256(resumed.Output));
    }

    [Theory]
    [MemberData(nameof(Launcher.Names), MemberType = typeof(Launcher))]
    public void When_the_first_ranks_disk_is_full_all_end_and_it_says_so(string name)
    {
        Launcher launcher = Launcher.Of(name);
        string disk = Directory.CreateDirectory(_scratch.In("disk")).FullName;
        Assert.SkipUnless(
            Run("mount", "-t", "tmpfs", "-o", "size=320k", "tmpfs", disk) == 0, "A small disk cannot be mounted here; that takes root.");
        try
        {
            string config = Write("long.json", steps: 400, evaluateEvery: 5);

            RanksRun full = launcher.Run(
                2, "--config", config, "-a", "host", "--out", Path.Combine(disk, "run"), "--checkpoint-every", "5");

            Assert.Equal(1, full.Code);
            Assert.Equal(1, Count(full.All, "error: The checkpoint could not be written"));
        }
        finally
        {
            Assert.Equal(0, Run("umount", disk));
        }
    }

    [Fact]
    public void Without_a_library_the_first_rank_says_what_to_install()
    {
        // The environment of a launcher's second and first process, and a library that is not there.
        Assert.All((int[])[1, 0], rank =>
        {
            ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "trainer.dll"), "--no-save"])
            {
                RedirectStandardError = true,
                Environment = { ["PMI_RANK"] = $"{rank}", ["PMI_SIZE"] = "2", ["GPUCONVNET_MPI"] = "libnothing.so" },
            };
            using Process process = Process.Start(start)!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();

            Assert.Equal(2, process.ExitCode);
            Assert.Equal(rank == 0, error.Contains("libnothing.so", StringComparison.Ordinal));
            Assert.Equal(rank == 0, error.Contains("Install it", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void The_times_of_ranks_need_ranks()
    {
        CommandRun refused = CommandRun.Of("bench", "--ranks");

        Assert.Equal(2, refused.Code);
        Assert.Contains("mpirun -n 2 trainer bench --ranks", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Launcher.Names), MemberType = typeof(Launcher))]
    public void A_steps_exchange_is_timed_beside_its_arithmetic(string name)
    {
        Launcher launcher = Launcher.Of(name);

        RanksRun timed = launcher.Run(2, "bench", "--ranks", "--config", _config, "-a", "host", "--repeats", "2", "--json");

        Assert.True(timed.Code == 0, timed.All);
        JsonNode result = JsonNode.Parse(timed.Output[timed.Output.IndexOf('{', StringComparison.Ordinal)..])!;
        Assert.Equal((2, 1), ((int)result["ranks"]!, (int)result["machines"]!));
        Assert.All(
            (string[])["arithmetic", "moving", "update"], part => Assert.InRange((double)result["seconds"]![part]!, 1e-7, 10));
        Assert.Equal(22, result["predictions"]!.AsArray().Count);
    }

    public void Dispose() => _scratch.Dispose();

    private static int Count(string text, string word) => text.Split(word).Length - 1;

    private static int[] Checkpoints(string run)
    {
        string folder = Path.Combine(run, "checkpoints");
        return !Directory.Exists(folder) ? [] :
        [
            .. Directory.EnumerateFiles(folder, "*.checkpoint")
                .Select(path => int.Parse(Path.GetFileNameWithoutExtension(path)["step-".Length..], provider: null)),
        ];
    }

    private static void WaitForCheckpoint(string run, Process process) => Assert.True(
        SpinWait.SpinUntil(() => Checkpoints(run).Length > 0, TimeSpan.FromMinutes(1)) && !process.HasExited,
        "No checkpoint came.");

    private static int Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>The fingerprint of a training by this process alone.</summary>
    private static string Alone(string config) => s_alone.GetOrAdd(File.ReadAllText(config), _ =>
    {
        CommandRun alone = CommandRun.Of("--config", config, "-a", "host", "--no-save", "--json");
        Assert.True(alone.Code == 0, alone.Error);
        return Launcher.Sha256(alone.Output);
    });

    private string Write(string name, int steps, int evaluateEvery, int train = 1500) => _scratch.Write(name, new JsonObject
    {
        ["experiment"] = "shared",
        ["dataset"] = "builtin",
        ["train"] = train,
        ["test"] = 100,
        ["batch"] = "full",
        ["optimizer"] = new JsonObject { ["kind"] = "adamw", ["learningRate"] = 0.003 },
        ["shift"] = 1,
        ["dropout"] = 0.25,
        ["steps"] = steps,
        ["evaluateEvery"] = evaluateEvery,
    });
}
