using GpuConvnet.Kernels.Choosing;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Tests.Data;

namespace GpuConvnet.Tests.Choosing;

/// <summary>Choices that are made once: by threads, by programs, and from one start to the next.</summary>
public sealed class ChoiceFolderTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [Fact]
    public void AChoiceIsMadeOnce()
    {
        ChoiceFolder folder = new(_scratch.In("new", "kept"));
        ChosenKernels made = folder.Of(Name(1), () => Choice(KernelChoice.Tensor));

        Assert.Equal((KernelChoice.Tensor, true, null), (made.Kernels, made.IsNew, made.Problem));
        Assert.Same(made, folder.Of(Name(1), NotAgain));

        ChosenKernels later = new ChoiceFolder(_scratch.In("new", "kept")).Of(Name(1), NotAgain);
        Assert.Equal((KernelChoice.Tensor, false, null), (later.Kernels, later.IsNew, later.Problem));
        Assert.Equivalent(Choice(KernelChoice.Tensor), later.Choice);
        Assert.True(folder.Of(Name(2), () => Choice(KernelChoice.Fused)).IsNew);
    }

    [Fact]
    public void OneThatIsNotAsItWasWrittenIsMadeAgainAndThatIsSaid()
    {
        new ChoiceFolder(_scratch.In("kept")).Of(Name(1), () => Choice(KernelChoice.Tensor));
        string path = _scratch.In("kept", Name(1));
        string whole = File.ReadAllText(path);
        foreach (string damaged in new[]
        {
            "", whole[..^1], whole + " ", whole.Replace("Tensor", "Layers", StringComparison.Ordinal), "{}", "\n", "// gpuconvnet 2 \n",
        })
        {
            File.WriteAllText(path, damaged);
            ChosenKernels again = new ChoiceFolder(_scratch.In("kept")).Of(Name(1), () => Choice(KernelChoice.Fused));

            Assert.Equal((KernelChoice.Fused, true), (again.Kernels, again.IsNew));
            Assert.Equal("what was kept of it was damaged", again.Problem);
            Assert.False(new ChoiceFolder(_scratch.In("kept")).Of(Name(1), NotAgain).IsNew);
        }
    }

    /// <summary>What another version of the program wrote, with the folder's own key.</summary>
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"kernels":"Fused"}""")]
    [InlineData("""{"kernels":"Abacus","date":"2026-11-29T00:00:00Z","device":"","step":"","rounds":3,"times":[],"refused":[]}""")]
    [InlineData("""{"kernels":"Fused","date":"2026-11-29T00:00:00Z","device":"","step":"","rounds":3,"times":null,"refused":[]}""")]
    [InlineData("not JSON")]
    public void OneThatSaysSomethingElseIsMadeAgain(string text)
    {
        new SealedFolder(_scratch.In("kept")).Add(Name(1), "choice", text);

        ChosenKernels again = new ChoiceFolder(_scratch.In("kept")).Of(Name(1), () => Choice(KernelChoice.Tensor));

        Assert.Equal((KernelChoice.Tensor, true), (again.Kernels, again.IsNew));
        Assert.Equal(KernelChoice.Tensor, new ChoiceFolder(_scratch.In("kept")).Of(Name(1), NotAgain).Kernels);
    }

    [Fact]
    public void WhereNothingCanBeWrittenItIsMadeAtEachStartAndThatIsSaid()
    {
        File.WriteAllText(_scratch.In("file"), "not a folder");
        ChoiceFolder folder = new(_scratch.In("file"));

        ChosenKernels made = folder.Of(Name(1), () => Choice(KernelChoice.Tensor));

        Assert.Equal((KernelChoice.Tensor, true), (made.Kernels, made.IsNew));
        Assert.Contains("the next start times them again: ", made.Problem, StringComparison.Ordinal);
        Assert.Contains(_scratch.In("file"), made.Problem, StringComparison.Ordinal);
        Assert.Same(made, folder.Of(Name(1), NotAgain));
        Assert.Equal(
            KernelChoice.Fused, new ChoiceFolder(_scratch.In("file")).Of(Name(1), () => Choice(KernelChoice.Fused)).Kernels);
        Assert.Equal("not a folder", File.ReadAllText(_scratch.In("file")));
    }

    [Fact]
    public void WhereNothingIsToBeKeptNothingIsTimedAndThatIsSaid()
    {
        ChosenKernels chosen = new ChoiceFolder(path: null).Of(Name(1), NotAgain);

        Assert.Equal((KernelChoice.Auto, null), (chosen.Kernels, chosen.Choice));
        Assert.Contains("nothing is kept between starts", chosen.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void OfTwoProgramsThatChooseAtTheSameTimeTheFirstDecides()
    {
        ChosenKernels first = new(KernelChoice.Auto);
        ChosenKernels second = new ChoiceFolder(_scratch.In("kept")).Of(Name(1), () =>
        {
            first = new ChoiceFolder(_scratch.In("kept")).Of(Name(1), () => Choice(KernelChoice.Tensor));
            return Choice(KernelChoice.Fused);
        });

        Assert.True(first.IsNew);
        Assert.Equal((KernelChoice.Tensor, false, null), (second.Kernels, second.IsNew, second.Problem));
    }

    [Fact]
    public void OfManyThreadsOneChooses()
    {
        ChoiceFolder folder = new(_scratch.In("kept"));
        int made = 0;
        ChosenKernels[] chosen = new ChosenKernels[8];
        Parallel.For(0, chosen.Length, thread => chosen[thread] = folder.Of(
            Name(1), () => Choice(Interlocked.Increment(ref made) == 1 ? KernelChoice.Tensor : KernelChoice.Fused)));

        Assert.Equal(1, made);
        Assert.All(chosen, one => Assert.Equal(KernelChoice.Tensor, one.Kernels));
    }

    [Fact]
    public void WhereThereIsNothingToChooseNothingIsKept()
    {
        ChosenKernels chosen = new ChoiceFolder(_scratch.In("kept")).Of(Name(1), () => null);

        Assert.Equal((KernelChoice.Auto, null, null), (chosen.Kernels, chosen.Choice, chosen.Problem));
        Assert.False(Directory.Exists(_scratch.In("kept")));
    }

    [Fact]
    public void ItIsItsUsersAlone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no modes.");
            return;
        }

        new ChoiceFolder(_scratch.In("kept")).Of(Name(1), () => Choice(KernelChoice.Tensor));
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Own | UnixFileMode.UserExecute, File.GetUnixFileMode(_scratch.In("kept")));
        Assert.Equal(Own, File.GetUnixFileMode(_scratch.In("kept", Name(1))));

        File.SetUnixFileMode(_scratch.In("kept"), File.GetUnixFileMode(_scratch.In("kept")) | UnixFileMode.OtherWrite);
        ChosenKernels again = new ChoiceFolder(_scratch.In("kept")).Of(Name(1), () => Choice(KernelChoice.Fused));

        Assert.Equal(KernelChoice.Fused, again.Kernels);
        Assert.Contains("others can write", again.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void OfTooManyTheOldestGoAndNoKernels()
    {
        string path = _scratch.In("kept");
        KernelCache kernels = new(path);
        string kernel = $"Some.Kernel-{1:x64}.ptx";
        kernels.Add(kernel, new GeneratedCode("a text", 0, HasDynamicMemory: false));
        File.SetLastWriteTimeUtc(Path.Combine(path, kernel), DateTime.UnixEpoch);
        for (int number = 0; number < ChoiceFolder.MostFiles + 2; number++)
        {
            File.WriteAllText(Path.Combine(path, Name(number)), "");
            File.SetLastWriteTimeUtc(Path.Combine(path, Name(number)), DateTime.UnixEpoch.AddDays(number));
        }

        new ChoiceFolder(path).Of(Name(9999), () => Choice(KernelChoice.Tensor));

        string[] left = [.. Directory.EnumerateFiles(path, "*-*").Select(file => Path.GetFileName(file))];
        Assert.Equal(ChoiceFolder.MostFiles + 1, left.Length);
        Assert.Contains(kernel, left);
        Assert.Contains(Name(9999), left);
        Assert.DoesNotContain(Name(2), left);
        Assert.Contains(Name(3), left);
    }

    public void Dispose() => _scratch.Dispose();

    private static KeptChoice Choice(KernelChoice kernels) => new(
        kernels, new DateTime(2026, 11, 29, 13, 0, 0, DateTimeKind.Utc), "a GPU", "tanh; 7291 examples", Rounds: 9,
        [new KernelTime(KernelChoice.Fused, 97.5e-6), new KernelTime(KernelChoice.Tensor, 61e-6)],
        [new KernelRefusal(KernelChoice.Layers, "they are slow")]);

    private static KeptChoice NotAgain() => throw new InvalidOperationException("It has been made, or is not to be.");

    private static string Name(int number) => $"Step.Choice-{number:x64}.json";
}
