using System.Diagnostics;
using System.Text.Json.Nodes;

namespace GpuConvnet.Tests.Commands;

/// <summary>What only a process of its own shows: exit codes, signals, broken pipes.</summary>
public sealed class ProgramTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void Done_is_0_and_bad_input_is_2_without_a_stack_trace()
    {
        using Process good = Start("--config", _scratch.Config, "--quiet");
        using Process bad = Start("--config", "nowhere.json");
        string output = good.StandardOutput.ReadToEnd();
        string error = bad.StandardError.ReadToEnd();

        Assert.Equal(0, ExitCodeOf(good));
        Assert.Equal(2, output.Trim().Split('\n').Length);
        Assert.Equal(2, ExitCodeOf(bad));
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public void A_model_is_exported_to_standard_output_byte_for_byte()
    {
        Assert.Equal(0, CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("run")).Code);
        foreach (string format in (string[])["onnx", "csv"])
        {
            string file = _scratch.In($"model.{format}");
            Assert.Equal(0, CommandRun.Of("export", _scratch.In("run"), "-f", format, "-o", file).Code);

            using Process process = Start("export", _scratch.In("run"), "-f", format, "-o", "-");
            using MemoryStream output = new();
            process.StandardOutput.BaseStream.CopyTo(output);

            Assert.Equal(0, ExitCodeOf(process));
            Assert.Equal(File.ReadAllBytes(file), output.ToArray());
        }

        Assert.False(File.Exists("-"));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public void A_signal_ends_after_the_pass_saves_and_exits_with_130(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        using ScratchExperiment endless = new(passes: 1_000_000);
        using Process process = Start("--config", endless.Config, "--out", endless.In("out"));
        WaitForEvaluation(process);

        Signal(process, signal);
        process.StandardOutput.ReadToEnd();

        Assert.Equal(130, ExitCodeOf(process));
        JsonNode result = JsonNode.Parse(File.ReadAllText(endless.In("out", "result.json")))!;
        Assert.True((bool)result["interrupted"]!);
        Assert.True(File.Exists(endless.In("out", "model.safetensors")));
    }

    [Fact]
    public void A_second_signal_ends_at_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        using ScratchExperiment slow = new(passes: 1, train: 20_000_000);
        using Process process = Start("--config", slow.Config, "--out", slow.In("out"));
        ReadTo(process, "accelerator:");
        Signal(process, "INT");

        // Evaluations may come in between.
        Assert.NotNull(ReadTo(process, "Interrupted:"));
        Signal(process, "INT");

        Assert.Equal(130, ExitCodeOf(process));
        Assert.False(File.Exists(slow.In("out", "result.json")));
    }

    [Fact]
    public void A_reader_that_goes_away_does_no_harm()
    {
        using Process process = Start("--config", _scratch.Config, "--out", _scratch.In("out"));
        process.StandardOutput.ReadLine();
        process.StandardOutput.Close();

        Assert.Equal("", process.StandardError.ReadToEnd());
        Assert.Equal(0, ExitCodeOf(process));
        Assert.True(File.Exists(_scratch.In("out", "result.json")));
    }

    [Fact]
    public void A_hang_up_that_the_caller_has_switched_off_stays_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        using Process process = Shell("trap '' HUP; exec \"$@\"", "--config", _scratch.Config, "--out", _scratch.In("out"), "--passes", "500");
        WaitForEvaluation(process);

        Signal(process, "HUP");
        string output = process.StandardOutput.ReadToEnd();

        Assert.Equal(0, ExitCodeOf(process));
        Assert.DoesNotContain("Interrupted", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("predict", "-", "--model", "run")]
    [InlineData("predict", "pipe.png", "--model", "run")]
    [InlineData("verify")]
    public void The_first_signal_ends_what_has_nothing_to_save(params string[] command)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        Assert.Equal(0, CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("run"), "--no-report").Code);
        using (Process make = Process.Start("mkfifo", [_scratch.In("pipe.png")]))
        {
            make.WaitForExit();
        }

        using Process process = Shell($"cd '{_scratch.In("")}' && exec \"$@\"", command);
        Thread.Sleep(600);
        Stopwatch clock = Stopwatch.StartNew();
        Signal(process, "TERM");
        string error = process.StandardError.ReadToEnd();

        Assert.Equal(130, ExitCodeOf(process));
        Assert.Contains("Interrupted", error, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    [Theory]
    [InlineData("2>&-")]
    [InlineData("2>/dev/full")]
    [InlineData("2>&- <&-")]
    public void An_error_that_nobody_can_be_told_is_an_exit_code_all_the_same(string redirection)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux has /dev/full.");
        using Process process = Shell($"exec \"$@\" {redirection}", "--config", "nowhere.json");

        Assert.Equal(2, ExitCodeOf(process));
    }

    [Theory]
    [InlineData(">/dev/full", "standard output is full")]
    [InlineData(">&-", "standard output is closed")]
    public void An_output_that_cannot_be_written_is_named_and_what_is_saved_is_whole(string redirection, string expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux has /dev/full.");
        using Process process = Shell($"exec \"$@\" {redirection}", "--config", _scratch.Config, "--out", _scratch.In("out"));
        string error = process.StandardError.ReadToEnd();

        Assert.Equal(1, ExitCodeOf(process));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        Assert.Null(JsonNode.Parse(File.ReadAllText(_scratch.In("out", "result.json")))!["interrupted"]);

        using Process nothing = Shell($"exec \"$@\" {redirection} 2>&-", "runs", _scratch.In("out"));
        Assert.Equal(1, ExitCodeOf(nothing));
        using Process export = Shell($"exec \"$@\" {redirection}", "export", _scratch.In("out"), "-f", "onnx", "-o", "-");
        Assert.Contains(expected, export.StandardError.ReadToEnd(), StringComparison.Ordinal);
        Assert.Equal(1, ExitCodeOf(export));
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Reads on to a line that begins so; null if none comes.</summary>
    private static string? ReadTo(Process process, string beginning)
    {
        string? line;
        do
        {
            line = process.StandardOutput.ReadLine();
        }
        while (line?.StartsWith(beginning, StringComparison.Ordinal) == false);

        return line;
    }

    private static Process Start(params string[] arguments) => Start(Host, [], arguments);

    /// <summary>A shell that runs the program, its "$@".</summary>
    private static Process Shell(string script, params string[] arguments) =>
        Start("/bin/sh", ["-c", script, "sh", Host], arguments);

    private static string Host =>
        Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";

    private static Process Start(string program, string[] first, string[] arguments)
    {
        ProcessStartInfo start = new(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in first)
        {
            start.ArgumentList.Add(argument);
        }

        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "trainer.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static void WaitForEvaluation(Process process)
    {
        while (process.StandardOutput.ReadLine() is { } line && !line.StartsWith("eval:", StringComparison.Ordinal))
        {
        }
    }

    private static void Signal(Process process, string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, process.Id.ToString(provider: null)]);
        kill.WaitForExit();
    }

    private static int ExitCodeOf(Process process)
    {
        if (!process.WaitForExit(s_patience))
        {
            process.Kill();
            Assert.Fail("The program does not end.");
        }

        return process.ExitCode;
    }
}
