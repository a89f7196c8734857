using System.Diagnostics;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;

namespace GpuConvnet.Tests.Ranks;

/// <summary>Ranks on two machines: namespaces with a network and a name of their own, and a wire between them.</summary>
public sealed class MachinesTests : IDisposable
{
    private const string First = "10.77.0.1";
    private const string Second = "10.77.0.2";

    private readonly ScratchExperiment _scratch = new();
    private readonly string[] _names = [$"gcn{Environment.ProcessId}a", $"gcn{Environment.ProcessId}b"];

    [Theory]
    [MemberData(nameof(Launcher.Names), MemberType = typeof(Launcher))]
    public void Two_machines_train_the_bits_of_one_process(string name)
    {
        Launcher launcher = Launcher.Of(name);
        string? problem = Connect();
        Assert.SkipWhen(problem is not null, $"Two machines cannot be made of namespaces here; that takes root and iproute2. {problem}");
        string config = _scratch.Write("shared.json", new JsonObject
        {
            ["experiment"] = "shared",
            ["dataset"] = "builtin",
            ["train"] = 600,
            ["test"] = 100,
            ["batch"] = "full",
            ["optimizer"] = new JsonObject { ["kind"] = "adamw", ["learningRate"] = 0.003 },
            ["steps"] = 4,
        });
        string agent = WriteAgent();
        string[] options = launcher.IsOpenMpi
            ? ["--mca", "plm_rsh_agent", agent, "--host", $"{First}:2,{Second}:2"]
            : ["-launcher", "ssh", "-launcher-exec", agent, "-hosts", $"{First},{Second}"];

        RanksRun shared = launcher.Finish(launcher.Start(
            3, options, ["--config", config, "-a", "host", "--no-save"], "ip", "netns", "exec", _names[0], "unshare", "-u", agent,
            First));

        Assert.True(shared.Code == 0, shared.All);
        Assert.Contains("ranks: 3 on 2 machines", shared.All, StringComparison.Ordinal);
        CommandRun alone = CommandRun.Of("--config", config, "-a", "host", "--no-save");
        string fingerprint = alone.Output.Split('\n').Single(line => line.StartsWith("parameters: ", StringComparison.Ordinal));
        Assert.Contains(fingerprint, shared.All, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        foreach (string name in _names)
        {
            _ = Run("ip", "netns", "del", name);
        }

        _scratch.Dispose();
    }

    /// <summary>What a launcher takes for ssh: it enters the machine of an address, gives it its name, and runs the rest.</summary>
    private string WriteAgent()
    {
        string path = _scratch.In("agent");
        File.WriteAllText(path, $"""
            #!/bin/sh
            while [ "${"{1#-}"}" != "$1" ]; do shift; done
            case "$1" in *{First}) machine={_names[0]};; *) machine={_names[1]};; esac
            shift
            if [ "$(ip netns identify)" = "$machine" ]; then hostname $machine; exec "$@"; fi
            exec ip netns exec $machine unshare -u sh -c "hostname $machine; $*"

            """);
        Assert.Null(Run("chmod", "u+x", path));
        return path;
    }

    /// <summary>Makes the machines and the wire.</summary>
    /// <returns>What does not go; null where all does.</returns>
    private string? Connect()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "This is not Linux.";
        }

        string[] commands =
        [
            $"netns add {_names[0]}",
            $"netns add {_names[1]}",
            $"-n {_names[0]} link add wire type veth peer name wire netns {_names[1]}",
            $"-n {_names[0]} addr add {First}/24 dev wire",
            $"-n {_names[1]} addr add {Second}/24 dev wire",
            $"-n {_names[0]} link set wire up",
            $"-n {_names[1]} link set wire up",
            $"-n {_names[0]} link set lo up",
            $"-n {_names[1]} link set lo up",
        ];
        return commands.Select(command => Run("ip", command.Split(' '))).FirstOrDefault(error => error is not null);
    }

    /// <summary>Runs a program.</summary>
    /// <returns>What it says is wrong; null for nothing.</returns>
    private static string? Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : error.Trim();
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return missing.Message;
        }
    }
}
