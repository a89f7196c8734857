using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Tests.Results;

public sealed class RunClaimTests : IDisposable
{
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("gpuconvnet-");

    [Fact]
    public void A_folder_that_does_not_exist_is_created_with_those_above_it()
    {
        using RunClaim claim = RunClaim.New(In("a", "b"));

        Assert.Equal(In("a", "b"), claim.Folder.FullPath);
        Assert.Equal([".claimed", ".lock"], Directory.EnumerateFileSystemEntries(In("a", "b")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void An_empty_folder_is_taken()
    {
        using RunClaim claim = RunClaim.New(_scratch.FullName);

        Assert.Equal(_scratch.FullName, claim.Folder.FullPath);
    }

    [Fact]
    public void A_folder_that_holds_a_run_is_refused_and_left_as_it_was()
    {
        File.WriteAllText(In("result.json"), "{}");

        Assert.Contains("already holds a run", Refusal(_scratch.FullName), StringComparison.Ordinal);
        Assert.Equal(["result.json"], _scratch.EnumerateFileSystemInfos().Select(entry => entry.Name));
    }

    [Fact]
    public void A_folder_that_holds_anything_else_is_refused_too()
    {
        File.WriteAllText(In("thesis.tex"), "");

        Assert.Contains("it holds thesis.tex", Refusal(_scratch.FullName), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_refused()
    {
        File.WriteAllText(In("file"), "");

        Assert.Contains("is a file", Refusal(In("file")), StringComparison.Ordinal);
        Assert.Contains("cannot be written", Refusal(In("file", "below")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "--out is empty")]
    [InlineData("a\0b", "cannot be written")]
    public void A_path_that_is_none_is_refused(string path, string why) =>
        Assert.Contains(why, Refusal(path), StringComparison.Ordinal);

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused()
    {
        // Nobody, not even root, writes there.
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is Linux's.");

        Assert.Contains("cannot be written", Refusal("/proc/gpuconvnet"), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        // A claim of it that came to nothing has removed it.
        if (Directory.Exists(_scratch.FullName))
        {
            _scratch.Delete(recursive: true);
        }
    }

    private string In(params string[] names) => Path.Combine([_scratch.FullName, .. names]);

    private static string Refusal(string path) => Assert.Throws<BadInputException>(() => RunClaim.New(path)).Message;
}
