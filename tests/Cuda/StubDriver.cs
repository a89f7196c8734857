using System.Diagnostics;
using GpuConvnet.Tests.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Tests.Cuda;

/// <summary>
/// The program on a machine whose CUDA driver runs nothing (<c>driver.c</c>), built by the C compiler that is here. What the
/// kernels compute is for the interpreters of <c>Ptx</c> and <c>Sass</c>; this is all the rest of a run on CUDA.
/// </summary>
public sealed class StubDriver : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly string? _obstacle;
    private int _runs;

    public StubDriver() => _obstacle = Build();

    /// <summary>Runs the program.</summary>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="kernels">The folder of kept kernels, or "none"; null for that of all tests.</param>
    /// <param name="refuses">A function of the driver that is to fail; null for none.</param>
    /// <param name="devices">How many GPUs the driver says that there are.</param>
    /// <param name="init">What the driver answers when it is first asked; 0 for success.</param>
    /// <param name="capability">The GPUs' compute capability, times ten.</param>
    /// <param name="slow">A kernel, the threads of its blocks and the microseconds that a launch takes; null where all take none.</param>
    /// <param name="breaks">A kernel and the threads of its blocks: a launch of it, and all that is asked afterwards, fails; null for none.</param>
    /// <param name="refusesText">
    /// What the driver refuses to load where it is in a module's text, behind the code that it answers with, if that is to be a certain one;
    /// null for nothing.
    /// </param>
    /// <param name="before">What starts the program; nothing for itself.</param>
    /// <returns>Its exit code, what it printed, and the driver's log.</returns>
    public (int Code, string Output, string Error, string[] Log) Run(
        string[] arguments, string? kernels = null, string? refuses = null, int devices = 1, int init = 0,
        int capability = 90, string? slow = null, string? breaks = null, string? refusesText = null, params string[] before)
    {
        Assert.SkipWhen(_obstacle is not null, _obstacle ?? "");
        string log = _folder.In($"log-{_runs++}");
        string[] words = [.. before, "dotnet", Path.Combine(AppContext.BaseDirectory, "trainer.dll"), .. arguments];
        ProcessStartInfo start = new(words[0], words[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["LD_LIBRARY_PATH"] = _folder.In(),
                ["STUB_LOG"] = log,
                ["STUB_REFUSES"] = refuses ?? "",
                ["STUB_DEVICES"] = $"{devices}",
                ["STUB_INIT"] = $"{init}",
                ["STUB_CAPABILITY"] = $"{capability}",
                ["STUB_SLOW"] = slow ?? "",
                ["STUB_BREAKS"] = breaks ?? "",
                ["STUB_REFUSES_TEXT"] = refusesText ?? "",
            },
        };
        if (kernels is not null)
        {
            start.Environment[KernelCacheLocation.Variable] = kernels;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult(), File.Exists(log) ? File.ReadAllLines(log) : []);
    }

    public void Dispose() => _folder.Dispose();

    private string? Build()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "The CUDA driver that runs nothing is a Linux library.";
        }

        string[] places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (places.Select(place => Path.Combine(place, "cc")).FirstOrDefault(File.Exists) is not { } compiler)
        {
            return "There is no C compiler ('cc') here, which would build a CUDA driver that runs nothing.";
        }

        string source = Path.Combine(AppContext.BaseDirectory, "Cuda", "driver.c");
        using Process process = Process.Start(new ProcessStartInfo(
            compiler,
            ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-o", _folder.In("libcuda.so.1"), source])
        {
            RedirectStandardError = true,
        })!;
        string complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : throw new InvalidOperationException($"{compiler} {source}: {complaint}");
    }
}
