using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;

namespace GpuConvnet.Tests.Reliability;

/// <summary>A command that fills a folder, what it should leave there, and how a user goes on after a mishap.</summary>
internal sealed class Scenario : IDisposable
{
    // One of the commands that draw it is enough.
    private const string NoReport = "--no-report";

    private readonly ScratchExperiment _scratch = new(passes: 4);
    private readonly Striker _striker;
    private readonly string[] _fresh;
    private readonly string? _begun;
    private IReadOnlyList<WatchedCall>? _changes;
    private int _folders;

    /// <summary>Prepares one: it is carried out undisturbed, and looked at.</summary>
    /// <param name="striker">What strikes.</param>
    /// <param name="name">Its name, one of <see cref="Names"/>.</param>
    public Scenario(Striker striker, string name)
    {
        Name = name;
        _striker = striker;
        _fresh = name switch
        {
            "run" => ["--config", _scratch.Config, "--checkpoint-every", "1"],
            "resume" => ["--config", _scratch.Config, "--checkpoint-every", "1", NoReport],
            "runs" => ["--config", _scratch.Config, "--checkpoint-every", "1", "--runs", "2", NoReport],
            "sweep" =>
            [
                "sweep", "--config", _scratch.Config, "--set", "optimizer.learningRate=0.02,0.04", "--runs", "2", "--validation", "50",
                "--jobs", "1",
            ],
            "reproduction" =>
            [
                "reproduce", "--only", "softmax", "--engine", "per-example", "--dataset", "builtin", "--python", SlowPyTorch(),
            ],
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such scenario."),
        };
        string whole = NewFolder();
        CommandRun undisturbed = CommandRun.Of(Fresh(whole));
        Assert.True(undisturbed.Code == 0, undisturbed.Error);
        Expected = Left(whole);
        Assert.NotEmpty(Expected);
        if (name == "resume")
        {
            // Killed when half is done.
            string begun = NewFolder();
            StruckRun killed = _striker.Run($"kill:{CallsToHalf()}", Watched(begun), Fresh(begun));
            Assert.NotNull(killed.Struck);
            _begun = begun;
        }
    }

    /// <summary>All of them; the last one trains for seconds, and is for long tests.</summary>
    public static IReadOnlyList<string> Names { get; } = ["run", "resume", "runs", "sweep", "reproduction"];

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it leaves that has to be the same whatever happens: fingerprints of parameters and evaluations, by file.</summary>
    public IReadOnlyList<string> Expected { get; }

    /// <summary>Whether it takes so long that it is tried less often.</summary>
    public bool IsLong => Name == Names[^1];

    /// <summary>The calls that change its folder, when nothing happens.</summary>
    public IReadOnlyList<WatchedCall> Changes => _changes ??= Calls("list", NewFolder());

    /// <summary>A path for the command to fill: of a run that goes on, what was left there when it was killed.</summary>
    public string NewFolder()
    {
        string folder = EmptyFolder();
        if (_begun is not null)
        {
            CopyFolder(_begun, folder);
        }

        return folder;
    }

    /// <summary>A path at which nothing is, in a folder of its own.</summary>
    public string EmptyFolder()
    {
        string folder = _scratch.In($"{Name}-{++_folders}", "out");
        Directory.CreateDirectory(Watched(folder));
        return folder;
    }

    /// <summary>What is watched: the folder in which the command's lies, so that its name is seen to be made.</summary>
    public static string Watched(string folder) => Path.GetDirectoryName(folder)!;

    /// <summary>The command.</summary>
    public string[] Command(string folder) => _begun is not null ? Resumption(folder) : Fresh(folder);

    /// <summary>What a user types to go on: <c>--resume</c> where there is a run, and what was typed before where there is not.</summary>
    public string[] Again(string folder) =>
        _fresh[0].StartsWith('-') && File.Exists(Path.Combine(folder, "order.json")) ? Resumption(folder) : Fresh(folder);

    /// <summary>The calls of the command when nothing happens.</summary>
    /// <param name="plan">"list", "list-reads" or "record".</param>
    /// <param name="folder">Where; a new folder.</param>
    public IReadOnlyList<WatchedCall> Calls(string plan, string folder)
    {
        StruckRun run = _striker.Run(plan, Watched(folder), Command(folder));
        Assert.True(run.Code == 0, run.Error);
        Assert.Equal(Expected, Left(folder));
        return run.Calls;
    }

    /// <summary>The command, struck.</summary>
    /// <param name="plan">Where and how.</param>
    /// <param name="folder">Its folder.</param>
    public StruckRun Strike(string plan, string folder) => _striker.Run(plan, Watched(folder), Command(folder));

    /// <summary>What is in a folder that must be the same whatever happens.</summary>
    public static IReadOnlyList<string> Left(string folder)
    {
        List<string> left = [];
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(folder, path);
            if (path.EndsWith(".json", StringComparison.Ordinal))
            {
                left.AddRange(Fingerprints(JsonNode.Parse(File.ReadAllText(path))).Select(value => $"{name}: {value}"));
            }
            else if (Path.GetFileName(path) == "history.csv")
            {
                // All but the time, which is the last column.
                left.AddRange(File.ReadLines(path).Select(line => $"{name}: {line[..line.LastIndexOf(',')]}"));
            }
        }

        return left;
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Copies a folder with all that is in it.</summary>
    public static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string inner in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, inner)));
        }

        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }

    private static IEnumerable<string> Fingerprints(JsonNode? node) => node switch
    {
        JsonObject fields => fields.SelectMany(field => field.Key == "parametersSha256" ? [$"{field.Value}"] : Fingerprints(field.Value)),
        JsonArray items => items.SelectMany(Fingerprints),
        _ => [],
    };

    private string[] Fresh(string folder) => [.. _fresh, "--out", folder];

    private string[] Resumption(string folder) => ["--resume", folder, .. _fresh.Where(argument => argument == NoReport)];

    /// <summary>The number of a call in the middle of a checkpoint.</summary>
    private int CallsToHalf() => Calls("list", NewFolder())
        .First(call => call.Name == "rename" && call.Other.Contains("step-0000000600", StringComparison.Ordinal)).Number;

    /// <summary>What stands for a Python with PyTorch, so that none is looked for and timed.</summary>
    private string SlowPyTorch()
    {
        string path = _scratch.In("python");
        File.WriteAllText(
            path, "#!/bin/sh\ncat > /dev/null\necho '{\"version\": \"9.9\", \"plain\": 0.001, \"modern\": 0.002}'\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return path;
    }
}
