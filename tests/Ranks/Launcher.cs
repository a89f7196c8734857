using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace GpuConvnet.Tests.Ranks;

/// <summary>The launcher of an installed MPI: Open MPI's or MPICH's mpirun.</summary>
internal sealed class Launcher
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly string _path;

    private Launcher(string name, string path)
    {
        Name = name;
        _path = path;
    }

    /// <summary>Both libraries' launchers, by Debian's names for them.</summary>
    public static TheoryData<string> Names { get; } = ["mpirun.openmpi", "mpirun.mpich"];

    /// <summary>Its name.</summary>
    public string Name { get; }

    public bool IsOpenMpi => Name == "mpirun.openmpi";

    /// <summary>An installed launcher; a test without one is skipped.</summary>
    public static Launcher Of(string name)
    {
        string path = Path.Combine("/usr/bin", name);
        Assert.SkipUnless(File.Exists(path), $"{name} is not installed (Debian: openmpi-bin, mpich).");
        return new Launcher(name, path);
    }

    /// <summary>Runs the program to its end.</summary>
    public RanksRun Run(int ranks, params string[] arguments) => Finish(Start(ranks, [], arguments));

    /// <summary>The fingerprint of what ranks trained.</summary>
    public string Sha256(int ranks, params string[] arguments)
    {
        RanksRun run = Run(ranks, [.. arguments, "--json"]);
        Assert.True(run.Code == 0, run.Error + run.Output);
        return Sha256(run.Output);
    }

    /// <summary>The fingerprint in a result's JSON, which a launcher's lines may surround.</summary>
    public static string Sha256(string output) => (string)JsonNode.Parse(
        output[output.IndexOf('{', StringComparison.Ordinal)..(output.LastIndexOf('}') + 1)])!["parametersSha256"]!;

    /// <summary>Starts the program on so many ranks.</summary>
    /// <param name="ranks">How many.</param>
    /// <param name="options">The launcher's own.</param>
    /// <param name="arguments">The program's.</param>
    /// <param name="before">What starts the launcher; nothing for itself.</param>
    public Process Start(int ranks, string[] options, string[] arguments, params string[] before)
    {
        string[] words =
        [
            .. before, _path, .. options, "-n", $"{ranks}", "dotnet", Path.Combine(AppContext.BaseDirectory, "trainer.dll"), .. arguments,
        ];
        ProcessStartInfo start = new(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };

        // Root in a container, on fewer cores than ranks.
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1";
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        start.Environment["OMPI_MCA_rmaps_base_oversubscribe"] = "1";
        return Process.Start(start)!;
    }

    /// <summary>Waits for the launcher's end; one that does not come is a failure.</summary>
    public RanksRun Finish(Process launched)
    {
        using Process process = launched;
        StringBuilder output = new();
        StringBuilder error = new();
        process.OutputDataReceived += (_, line) => Add(output, line.Data);
        process.ErrorDataReceived += (_, line) => Add(error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{Name} did not come to its end. It had said:\n{output}\n{error}");
        }

        process.WaitForExit();
        return new RanksRun(process.ExitCode, output.ToString(), error.ToString());

        static void Add(StringBuilder text, string? line)
        {
            lock (text)
            {
                text.AppendLine(line);
            }
        }
    }
}
