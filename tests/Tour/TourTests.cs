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
    public void Every_command_runs()
    {
        DataFolder data = DataFolder.Resolve(null);
        Assert.SkipUnless(Directory.Exists(data.Mnist) && Directory.Exists(data.Usps), $"MNIST and USPS are not in {data.FullPath}.");
        string tour = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "tour.md"));
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "samples"));
        File.Copy(
            Path.Combine(AppContext.BaseDirectory, "seven.png"), Path.Combine(_folder.FullName, "samples", "seven.png"));
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "runs", "tour"));
        File.WriteAllText(
            Path.Combine(_folder.FullName, "runs", "tour", "my-network.json"), Block().Match(tour).Groups["json"].Value);

        string[] commands = [.. Command().Matches(tour).Select(match => match.Groups["words"].Value)];
        Assert.True(commands.Length > 15, $"{commands.Length} commands");
        foreach (string command in commands)
        {
            Run(command);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private void Run(string command)
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
    }

    [GeneratedRegex(@"^    \./trainer (?<words>.+)$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"```json\n(?<json>.+?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
