namespace GpuConvnet.Tests.Peers;

/// <summary>
/// The programs of bench/peers that ours is timed against compute what ours does: they pass their own golden check.
/// </summary>
public sealed class PeerGoldenTests
{
    [Theory]
    [InlineData("pytorch", "import numpy, torch")]
    [InlineData("jax", "import numpy")]
    public void A_peer_computes_what_it_should(string peer, string imports)
    {
        string? root = Root();
        Assert.SkipWhen(root is null, "The tests do not run within the repository, which has bench/peers.");
        string python = Python.With(imports);

        (int code, string output) = Python.Run(python, Path.Combine(root, "bench", "peers", "golden.py"), peer);

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
}
