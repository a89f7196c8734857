using System.Diagnostics;
using System.Text.Json.Nodes;

namespace GpuConvnet.Tests.Commands;

/// <summary>
/// What the user may not read or write: said in words of its own, and one folder hides no other. Root may all, so that root's tests run
/// the program as nobody.
/// </summary>
public sealed class ForbiddenTests : IDisposable
{
    private const UnixFileMode All = (UnixFileMode)0b111_111_111;

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void One_folder_that_may_not_be_read_does_not_end_the_list()
    {
        foreach (string name in (string[])["a", "b", "c", "d"])
        {
            Assert.Equal(0, CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("runs", name), "--no-report").Code);
        }

        Chmod(_scratch.In("runs", "b"), UnixFileMode.None);
        Chmod(_scratch.In("runs", "c"), UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Chmod(_scratch.In("runs", "d", "config.json"), UnixFileMode.None);

        (int code, string output, string error) = RunAsNobody("runs", _scratch.In("runs"), "--json");

        Assert.True(code == 0, error);
        JsonNode[] runs = [.. JsonNode.Parse(output)!.AsArray().OrderBy(run => (string)run!["folder"]!, StringComparer.Ordinal)!];
        Assert.Equal(4, runs.Length);
        Assert.Equal("finished", (string?)runs[0]["state"], ignoreCase: true);
        Assert.All(runs[1..], run => Assert.Contains("denied", (string?)run["problem"], StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_that_may_not_be_read_is_refused_by_its_name()
    {
        Directory.CreateDirectory(_scratch.In("locked"));
        Chmod(_scratch.In("locked"), UnixFileMode.None);

        (int code, _, string error) = RunAsNobody("runs", _scratch.In("locked"));

        Assert.Equal(2, code);
        Assert.Contains($"{_scratch.In("locked")} cannot be looked into", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_may_not_be_written_is_not_called_in_use()
    {
        Directory.CreateDirectory(_scratch.In("locked"));
        Chmod(_scratch.In("locked"), UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        string[][] commands =
        [
            ["--config", _scratch.Config, "--out", _scratch.In("locked")],
            ["--config", _scratch.Config, "--out", _scratch.In("locked", "new")],
            ["sweep", "--config", _scratch.Config, "--validation", "20", "--set", "optimizer.learningRate=0.1,0.2", "--out", _scratch.In("locked")],
        ];
        foreach (string[] command in commands)
        {
            (int code, _, string error) = RunAsNobody(command);

            Assert.Equal(2, code);
            Assert.Contains("denied", error, StringComparison.Ordinal);
            Assert.DoesNotContain("in use", error, StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        foreach (string path in (string[])[_scratch.In("locked"), _scratch.In("runs", "b"), _scratch.In("runs", "c")])
        {
            if (Directory.Exists(path))
            {
                Chmod(path, All);
            }
        }

        _scratch.Dispose();
    }

    private static void Chmod(string path, UnixFileMode mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private (int Code, string Output, string Error) RunAsNobody(params string[] arguments)
    {
        const string Switch = "/usr/bin/setpriv";
        string[] nobody = Environment.IsPrivilegedProcess ? ["--reuid=65534", "--regid=65534", "--clear-groups"] : [];
        Assert.SkipWhen(nobody.Length > 0 && !File.Exists(Switch), "Root needs setpriv to run the program as another.");
        Assert.SkipWhen(
            nobody.Length > 0 && Run([Switch, .. nobody, "dotnet", Program, "--version"]).Code != 0, "The program is root's alone here.");
        Chmod(_scratch.In(""), All);
        return Run([.. nobody.Length > 0 ? [Switch, .. nobody] : Array.Empty<string>(), "dotnet", Program, .. arguments]);
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "trainer.dll");

    private static (int Code, string Output, string Error) Run(string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOME"] = Path.GetTempPath();
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
