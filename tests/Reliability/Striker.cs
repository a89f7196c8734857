using System.Diagnostics;
using GpuConvnet.Tests.Data;

namespace GpuConvnet.Tests.Reliability;

/// <summary>The program under <c>strike.c</c>, built by the C compiler that is here.</summary>
public sealed class Striker : IDisposable
{
    private const int NotHere = 125;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly ScratchFolder _folder = new();
    private readonly string? _obstacle;
    private int _runs;

    public Striker() => _obstacle = Build() ?? Try();

    private string Tool => _folder.In("strike");

    /// <summary>Skips a test on a machine that has no compiler or lets no program watch another's calls.</summary>
    public void Require() => Assert.SkipWhen(_obstacle is not null, _obstacle ?? "");

    /// <summary>Runs the program.</summary>
    /// <param name="plan">Where and how it is struck, as strike.c says.</param>
    /// <param name="folder">The folder whose calls count.</param>
    /// <param name="arguments">The program's.</param>
    internal StruckRun Run(string plan, string folder, params string[] arguments)
    {
        Require();
        return Start(plan, folder, ["dotnet", Path.Combine(AppContext.BaseDirectory, "trainer.dll"), .. arguments]);
    }

    public void Dispose() => _folder.Dispose();

    private StruckRun Start(string plan, string folder, string[] command)
    {
        string log = _folder.In($"log-{Interlocked.Increment(ref _runs)}");
        ProcessStartInfo start = new(Tool, [plan, folder, log, .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{plan} {string.Join(' ', command)} did not come to its end.");
        }

        process.WaitForExit();
        (IReadOnlyList<WatchedCall> calls, WatchedCall? struck) = process.ExitCode == NotHere
            ? ([], null)
            : WatchedCall.ReadLog(log, plan == "record");
        File.Delete(log);
        return new StruckRun(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult(), calls, struck);
    }

    private string? Build()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "Calls are watched by a means of Linux.";
        }

        string[] places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (places.Select(place => Path.Combine(place, "cc")).FirstOrDefault(File.Exists) is not { } compiler)
        {
            return "There is no C compiler ('cc') here, which would build what strikes the program.";
        }

        string source = Path.Combine(AppContext.BaseDirectory, "Reliability", "strike.c");
        using Process process = Process.Start(new ProcessStartInfo(compiler, ["-O1", "-Wall", "-Wextra", "-Werror", "-o", Tool, source])
        {
            RedirectStandardError = true,
        })!;
        string complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : throw new InvalidOperationException($"{compiler} {source}: {complaint}");
    }

    /// <summary>A container may forbid it, and a kernel be too old.</summary>
    private string? Try()
    {
        StruckRun run = Start("list", _folder.In("nothing"), ["true"]);
        return run.Code == 0 ? null : $"No program can watch another's calls here: {run.Error.Trim()}";
    }
}
