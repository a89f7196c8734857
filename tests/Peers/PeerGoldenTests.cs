using System.ComponentModel;
using System.Diagnostics;

namespace GpuConvnet.Tests.Peers;

/// <summary>
/// The programs of bench/peers that ours is timed against compute what ours does: they pass their own golden check.
/// </summary>
public sealed class PeerGoldenTests
{
    private static readonly string[] s_pythons = ["python3", "/usr/bin/python3", "python"];

    [Theory]
    [InlineData("pytorch", "import numpy, torch")]
    [InlineData("jax", "import numpy")]
    public void A_peer_computes_what_it_should(string peer, string imports)
    {
        string? root = Root();
        Assert.SkipWhen(root is null, "The tests do not run within the repository, which has bench/peers.");
        string? python = s_pythons.FirstOrDefault(python => Run(python, "-c", imports).Code == 0);
        Assert.SkipWhen(python is null, $"No Python here can '{imports}'.");

        (int code, string output) = Run(python, Path.Combine(root, "bench", "peers", "golden.py"), peer);

        Assert.True(code == 0, output);
        Assert.Contains("relu: loss: within", output, StringComparison.Ordinal);
        Assert.Contains($"{peer} computes what it should", output, StringComparison.Ordinal);
    }

    private static string? Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "GpuConvnet.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName;
    }

    private static (int Code, string Output) Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, ["-B", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.Result);
        }
        catch (Win32Exception failure)
        {
            return (-1, failure.Message);
        }
    }
}
