using System.Diagnostics;
using System.Text.RegularExpressions;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Tour;

/// <summary>Every command of docs/tour.md does what it says, in its order, in an empty folder.</summary>
public sealed partial class TourTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpuconvnet-tour-");

    [Fact]
    public void Every_command_runs_and_ends_at_the_figures_of_its_step()
    {
        DataFolder data = DataFolder.Resolve(null);
        Assert.SkipUnless(Directory.Exists(data.Mnist) && Directory.Exists(data.Usps), $"MNIST and USPS are not in {data.FullPath}.");
        string tour = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "tour.md"));
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "samples"));
        File.Copy(
            Path.Combine(AppContext.BaseDirectory, "seven.png"), Path.Combine(_folder.FullName, "samples", "seven.png"));

        int commands = 0;
        int figures = 0;
        foreach (string section in tour.Split("\n## ").Skip(1))
        {
            // A file is saved where the tour says so, and nothing is there before: a reader's clone has no folder of runs.
            foreach (Match step in Step().Matches(section))
            {
                if (step.Groups["json"].Success)
                {
                    File.WriteAllText(Path.Combine(_folder.FullName, step.Groups["file"].Value), step.Groups["json"].Value);
                    continue;
                }

                string said = Run(step.Groups["words"].Value);
                commands++;
                if (char.IsAsciiDigit(section[0]) && Figure(said) is { } figure)
                {
                    Assert.Matches($@"(?<![\d.]){Regex.Escape(figure)}(?![\d.]*\d)", section);
                    figures++;
                }
            }
        }

        Assert.True(commands > 15 && figures > 10, $"{commands} commands, {figures} figures");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The test misses that a command ends at, as the tour writes them; null where it says none, or a GPU's.</summary>
    private static string? Figure(string said) =>
        said.Contains("accelerator: ", StringComparison.Ordinal) && !said.Contains("accelerator: host", StringComparison.Ordinal) ? null
        : Seeds().Match(said) is { Success: true } seeds ? $"{seeds.Groups["mean"].Value} ± {seeds.Groups["sd"].Value}"
        : Misses().Matches(said) is [.., Match last] ? last.Groups["misses"].Value
        : null;

    private string Run(string command)
    {
        long started = Stopwatch.GetTimestamp();
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "trainer.dll"), .. command.Split(' ')])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> said = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"'{command}' takes longer than {s_patience.TotalMinutes} minutes.");
        }

        output.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s: {command}");
        Assert.True(process.ExitCode == 0, $"'{command}': {error.Result}{said.Result}");
        return said.Result;
    }

    /// <summary>A command, or "Save this as `FILE`" and what.</summary>
    [GeneratedRegex(
        @"^    \./trainer (?<words>.+)$|Save this as `(?<file>[^`]+)`[^`]*```json\n(?<json>[^`]+)```", RegexOptions.Multiline)]
    private static partial Regex Step();

    [GeneratedRegex(@"^eval: split test .*misses: (?<misses>\d+)", RegexOptions.Multiline)]
    private static partial Regex Misses();

    [GeneratedRegex(@"^test misses: +mean (?<mean>[\d.]+), sd (?<sd>[\d.]+)", RegexOptions.Multiline)]
    private static partial Regex Seeds();
}
