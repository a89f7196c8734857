using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Data;

/// <summary>A folder of the user's, and none that depends on where the program is started from.</summary>
[Collection(nameof(EnvironmentVariables))]
public sealed class UserCacheTests : IDisposable
{
    private readonly ScratchEnvironment _variables = new();

    [Fact]
    public void ARelativeFolderIsPassedOver()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no HOME.");
        _variables.Set("XDG_CACHE_HOME", "somewhere/here");
        _variables.Set("HOME", "/nowhere/at/all");

        string caches = OperatingSystem.IsMacOS() ? "/nowhere/at/all/Library/Caches" : "/nowhere/at/all/.cache";
        Assert.Equal(Path.Combine(caches, "gpuconvnet"), UserCache.FullPath);
    }

    [Fact]
    public void WhoseHomeIsNoPathHasNone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no HOME.");
        _variables.Set("XDG_CACHE_HOME", null);
        _variables.Set("HOME", "here");
        _variables.Set(DataFolder.Variable, null);

        Assert.Null(UserCache.FullPath);
        Assert.Equal(Path.Combine(Path.GetTempPath(), "gpuconvnet"), DataFolder.Resolve(null).FullPath);
    }

    public void Dispose() => _variables.Dispose();
}
