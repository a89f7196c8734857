using System.Diagnostics;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;

namespace GpuConvnet.Tests.Report;

/// <summary>Pictures are drawn by a library of the platform's. Where it is missing, all else is there, and a line says what is not.</summary>
public sealed class WithoutLibraryTests : IDisposable
{
    private const string Library = "libSkiaSharp";

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void A_run_is_whole_and_says_why_it_has_no_report()
    {
        (int code, string output, string error) = Run("--config", _scratch.Config, "--out", _scratch.In("run"), "--json");

        Assert.Equal(0, code);
        Assert.Equal(2, (int)JsonNode.Parse(output)!["passes"]!);
        Assert.True(File.Exists(_scratch.In("run", "result.json")));
        Assert.True(File.Exists(_scratch.In("run", "model.safetensors")));
        string line = Assert.Single(error.Split('\n'), line => line.StartsWith("note: there is no report.", StringComparison.Ordinal));
        Assert.Contains(Library, line, StringComparison.Ordinal);

        (int quiet, string said, _) = Run("--config", _scratch.Config, "--out", _scratch.In("quiet"), "--quiet");
        Assert.Equal(0, quiet);
        Assert.Contains("note: there is no report.", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_runs_are_whole_too()
    {
        (int code, string output, _) = Run("--config", _scratch.Config, "--out", _scratch.In("run"), "--runs", "2");

        Assert.Equal(0, code);
        Assert.Contains("note: there is no report.", output, StringComparison.Ordinal);
        Assert.True(File.Exists(_scratch.In("run", "result.json")));
    }

    [Fact]
    public void Who_wants_nothing_but_a_picture_is_told_what_is_missing()
    {
        (int code, _, string error) = Run("data", "preview", "--dataset", "builtin", "--out", _scratch.In("digits.png"));

        Assert.Equal(1, code);
        Assert.Contains(Library, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Runs the program from a folder that has all of its files but one, as links.</summary>
    private (int Code, string Output, string Error) Run(params string[] arguments)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links take rights there.");
        string program = _scratch.In("program");
        if (!Directory.Exists(program))
        {
            Directory.CreateDirectory(program);
            foreach (string path in Directory.EnumerateFileSystemEntries(AppContext.BaseDirectory))
            {
                string name = Path.GetFileName(path);
                if (name.StartsWith("trainer.", StringComparison.Ordinal))
                {
                    // What is a link is looked for where it leads to.
                    File.Copy(path, Path.Combine(program, name));
                }
                else if (name != "runtimes" && !name.StartsWith(Library, StringComparison.Ordinal))
                {
                    File.CreateSymbolicLink(Path.Combine(program, name), path);
                }
            }
        }

        ProcessStartInfo start = new("dotnet", [Path.Combine(program, "trainer.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
