using System.Diagnostics;
using GpuConvnet.Tests.Data;
using GpuConvnet.Tests.Errors;

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

    [Fact]
    public void A_page_alone_needs_ASP_NET_Core_and_finds_it_itself()
    {
        Assert.DoesNotContain("AspNetCore", File.ReadAllText(_program.In("trainer.runtimeconfig.json")), StringComparison.Ordinal);
        (int code, string output, string error) = Run(
            "--config", _experiment.Config, "--out", _experiment.In("live"), "--no-report", "--no-events", "--live", "--live-port", "0");

        Assert.Equal(("", 0), (error, code));
        Assert.StartsWith("live: http://127.0.0.1:", output, StringComparison.Ordinal);
    }

    /// <summary>Otherwise the others would prove nothing.</summary>
    [Fact]
    public void What_needs_one_of_them_fails_there()
    {
        (int code, _, string error) = Run("devices");

        Assert.Equal(1, code);
        Assert.Contains("ILGPU", error, StringComparison.Ordinal);
    }

    /// <summary>As on a platform that the package of SkiaSharp has no native library for.</summary>
    [Fact]
    public void Without_its_native_library_predict_alone_fails_and_says_so()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "SkiaSharp.dll"), _program.In("SkiaSharp.dll"));
        string model = _experiment.In("model.safetensors");
        KnownModel.Save(model, "tanh", "mse", KnownModel.Parameters(1), test: 10);

        (int code, _, string error) = Run(
            "predict", Path.Combine(AppContext.BaseDirectory, "pictures", "5_box.png"), "--model", model);
        (int otherCode, _, string otherError) = Run("eval", model, "--help");

        Assert.Equal(2, code);
        Assert.Contains("SkiaSharp, which reads pictures, has no native library here", error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (otherCode, otherError));
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
