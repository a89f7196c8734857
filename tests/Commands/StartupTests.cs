using System.Diagnostics;
using GpuConvnet.Tests.Data;

namespace GpuConvnet.Tests.Commands;

/// <summary>
/// What the program does not load when it does not need it: loading ILGPU, SkiaSharp, ScottPlot or Spectre.Console takes
/// longer than all else that a short command does. Here it runs in a folder that they are not in.
/// </summary>
public sealed class StartupTests : IDisposable
{
    private static readonly string[] s_own =
    [
        "trainer.dll", "trainer.runtimeconfig.json", "GpuConvnet.Model.dll", "GpuConvnet.Kernels.dll", "GpuConvnet.Formats.dll",
        "GpuConvnet.Mpi.dll", "GpuConvnet.Recognition.dll",
        "System.CommandLine.dll",
    ];

    private readonly ScratchFolder _program = new();
    private readonly ScratchExperiment _experiment = new();

    public StartupTests()
    {
        foreach (string name in s_own)
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, name), _program.In(name));
        }
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("data", "preview", "--help")]
    [InlineData("completion", "bash")]
    public void Help_and_the_like_load_neither_a_GPUs_library_nor_a_pictures_nor_a_terminals(params string[] arguments)
    {
        (int code, string output, string error) = Run(arguments);

        Assert.Equal(("", 0), (error, code));
        Assert.NotEqual("", output);
    }

    [Fact]
    public void Nor_does_training_on_the_host_into_a_pipe()
    {
        (int code, string output, string error) = Run(
            "--config", _experiment.Config, "--out", _experiment.In("out"), "--no-report", "--no-events");

        Assert.Equal(("", 0), (error, code));
        Assert.Contains("eval: split test .", output, StringComparison.Ordinal);
    }

    /// <summary>Otherwise the others would prove nothing.</summary>
    [Fact]
    public void What_needs_one_of_them_fails_there()
    {
        (int code, _, string error) = Run("devices");

        Assert.Equal(1, code);
        Assert.Contains("ILGPU", error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _program.Dispose();
        _experiment.Dispose();
    }

    private (int Code, string Output, string Error) Run(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [_program.In("trainer.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
