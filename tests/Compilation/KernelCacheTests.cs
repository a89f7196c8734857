using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Tests.Data;

namespace GpuConvnet.Tests.Compilation;

/// <summary>What is kept between runs, and what is not taken for it.</summary>
public sealed class KernelCacheTests : IDisposable
{
    private static readonly GeneratedCode s_code = new(".version 7.0\n.target sm_80\n", 40_656, HasDynamicMemory: false);

    private readonly ScratchFolder _scratch = new();

    [Fact]
    public void WhatIsKeptIsFoundByAnother()
    {
        string name = Name(1);
        GeneratedCode dynamic = new("a text\r\nof two lines", 0, HasDynamicMemory: true);
        KernelCache folder = new(_scratch.In("new", "folder"));

        Assert.Null(folder.Find(name));
        folder.Add(name, s_code);
        folder.Add(Name(2), dynamic);

        KernelCache later = new(_scratch.In("new", "folder"));
        Assert.Equal(s_code, later.Find(name));
        Assert.Equal(dynamic, later.Find(Name(2)));
        Assert.Null(folder.Failure);
        Assert.Equal([name, Name(2)], Files(_scratch.In("new", "folder")));
    }

    [Fact]
    public void AFileThatIsNotAsItWasWrittenIsNone()
    {
        KernelCache folder = new(_scratch.In("kept"));
        folder.Add(Name(1), s_code);
        string path = _scratch.In("kept", Name(1));
        string whole = File.ReadAllText(path);

        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllText(path, whole[..length]);
            Assert.Null(folder.Find(Name(1)));
        }

        for (int place = 0; place < whole.Length; place++)
        {
            File.WriteAllText(path, $"{whole[..place]}{(whole[place] == '7' ? '8' : '7')}{whole[(place + 1)..]}");
            Assert.Null(folder.Find(Name(1)));
        }

        File.WriteAllText(path, whole + "\n");
        Assert.Null(folder.Find(Name(1)));
        File.WriteAllText(_scratch.In("kept", Name(2)), whole);
        Assert.Null(folder.Find(Name(2)));
        folder.Add(Name(1), s_code);
        Assert.Equal(s_code, folder.Find(Name(1)));
    }

    [Fact]
    public void OfTooManyTheOldestGoAndNothingElse()
    {
        string path = _scratch.In("kept");
        KernelCache folder = new(path);
        Directory.CreateDirectory(path);
        string[] others = ["notes.txt", "kernel.cl", "Mine.Kernel-12.ptx"];
        foreach (string other in others)
        {
            File.WriteAllText(Path.Combine(path, other), "the user's own");
            File.SetLastWriteTimeUtc(Path.Combine(path, other), DateTime.UnixEpoch);
        }

        string torn = $"{Name(0)}.{new string('a', 32)}.part";
        File.WriteAllText(Path.Combine(path, torn), "of a run that was killed");
        File.SetLastWriteTimeUtc(Path.Combine(path, torn), DateTime.UnixEpoch);
        for (int number = 1; number <= KernelCache.MostFiles + 2; number++)
        {
            // Only the last are more than may be; what was kept before them needs no content.
            if (number < KernelCache.MostFiles)
            {
                File.WriteAllText(Path.Combine(path, Name(number)), "");
            }
            else
            {
                folder.Add(Name(number), s_code);
            }

            File.SetLastWriteTimeUtc(Path.Combine(path, Name(number)), DateTime.UnixEpoch.AddDays(number));
        }

        Assert.Null(folder.Failure);
        Assert.Equal(
            [.. others.Concat(Enumerable.Range(3, KernelCache.MostFiles).Select(Name)).Order(StringComparer.Ordinal)],
            Files(path));
    }

    [Fact]
    public void AFolderThatCannotBeWrittenIsSaidAndDoesNoHarm()
    {
        File.WriteAllText(_scratch.In("file"), "not a folder");
        KernelCache folder = new(_scratch.In("file"));

        folder.Add(Name(1), s_code);

        Assert.Contains(_scratch.In("file"), folder.Failure, StringComparison.Ordinal);
        Assert.DoesNotContain(".part", folder.Failure, StringComparison.Ordinal);
        Assert.Null(folder.Find(Name(1)));
        Assert.Equal("not a folder", File.ReadAllText(_scratch.In("file")));

        folder.Add(Name(2), s_code);
        File.Delete(_scratch.In("file"));
        folder.Add(Name(1), s_code);
        Assert.NotNull(folder.Failure);
        folder.Add(Name(2), s_code);
        Assert.Null(folder.Failure);
        Assert.Equal(s_code, folder.Find(Name(1)));
    }

    [Fact]
    public void WhatIsKeptIsItsUsersAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        string path = _scratch.In("new", "kept");

        new KernelCache(path).Add(Name(1), s_code);

        Assert.Equal("700", Mode(path));
        Assert.All(Directory.GetFiles(path), file => Assert.Equal("600", Mode(file)));
        Assert.Equal(2, Directory.GetFiles(path).Length);
    }

    [Fact]
    public void WhatWasSealedWithAnotherKeyIsNone()
    {
        KernelCache one = new(_scratch.In("one"));
        KernelCache other = new(_scratch.In("other"));
        one.Add(Name(1), s_code);
        other.Add(Name(2), s_code);
        File.Copy(_scratch.In("one", Name(1)), _scratch.In("other", Name(1)));

        Assert.Null(other.Find(Name(1)));
        File.Copy(_scratch.In("one", CacheKey.FileName), _scratch.In("other", CacheKey.FileName), overwrite: true);
        Assert.Equal(s_code, other.Find(Name(1)));
    }

    [Theory]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void AFolderThatOthersCanWriteToIsNeitherReadNorWrittenAndThatIsSaid(UnixFileMode mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        string path = _scratch.In("kept");
        KernelCache folder = new(path);
        folder.Add(Name(1), s_code);
        Chmod(path, ModeOf(path) | mode);

        Assert.Null(folder.Find(Name(1)));
        folder.Add(Name(2), s_code);

        Assert.Contains("others can write", folder.Failure, StringComparison.Ordinal);
        Assert.Contains($"chmod go-w {path}", folder.Failure, StringComparison.Ordinal);
        Assert.Equal([Name(1)], Files(path));

        // As the message says.
        Chmod(path, ModeOf(path) & ~mode);
        Assert.Equal(s_code, folder.Find(Name(1)));
    }

    [Fact]
    public void AFolderOfAnOlderVersionThatOthersCouldWriteToIsClosedAndNothingInItTrusted()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        string path = _scratch.In("kept");
        Directory.CreateDirectory(path);
        Chmod(path, (UnixFileMode)0b111_111_111);
        File.WriteAllText(Path.Combine(path, Name(1)), "// gpuconvnet 1 40656 False 00\n.version 7.0\n");
        KernelCache folder = new(path);

        Assert.Null(folder.Find(Name(1)));
        Assert.Equal("700", Mode(path));
        folder.Add(Name(1), s_code);
        Assert.Null(folder.Failure);
        Assert.Equal(s_code, folder.Find(Name(1)));
    }

    [Fact]
    public void AKeyThatOthersCanReadIsNone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        KernelCache folder = new(_scratch.In("kept"));
        folder.Add(Name(1), s_code);
        string key = _scratch.In("kept", CacheKey.FileName);
        Chmod(key, ModeOf(key) | UnixFileMode.OtherRead);

        Assert.Null(folder.Find(Name(1)));
        folder.Add(Name(2), s_code);

        Assert.Contains(key, folder.Failure, StringComparison.Ordinal);
        Assert.Equal([Name(1)], Files(_scratch.In("kept")));
    }

    [Fact]
    public void AFolderOfAnotherUsersIsNeitherReadNorWritten()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root gives files away.");
        string path = _scratch.In("kept");
        KernelCache folder = new(path);
        folder.Add(Name(1), s_code);
        using (System.Diagnostics.Process give = System.Diagnostics.Process.Start("chown", ["65534", path]))
        {
            give.WaitForExit();
        }

        Assert.Null(folder.Find(Name(1)));
        folder.Add(Name(2), s_code);

        Assert.Contains("another user", folder.Failure, StringComparison.Ordinal);
        Assert.Equal([Name(1)], Files(path));
    }

    [Fact]
    public void ADamagedKeyIsMadeAnew()
    {
        KernelCache folder = new(_scratch.In("kept"));
        folder.Add(Name(1), s_code);
        using (FileStream key = File.OpenWrite(_scratch.In("kept", CacheKey.FileName)))
        {
            key.SetLength(7);
        }

        Assert.Null(folder.Find(Name(1)));
        folder.Add(Name(1), s_code);
        Assert.Null(folder.Failure);
        Assert.Equal(s_code, folder.Find(Name(1)));
    }

    [Fact]
    public void ManyThatBeginAtTheSameTimeHaveOneKey()
    {
        Parallel.For(1, 9, number => new KernelCache(_scratch.In("kept")).Add(Name(number), s_code));

        KernelCache later = new(_scratch.In("kept"));
        Assert.All(Enumerable.Range(1, 8), number => Assert.Equal(s_code, later.Find(Name(number))));
        Assert.Equal(8, Files(_scratch.In("kept")).Length);
    }

    public void Dispose() => _scratch.Dispose();

    private static string Mode(string path) => Convert.ToString((int)ModeOf(path), 8);

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);

    private static void Chmod(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static string Name(int number) => $"Some.Kernel-{number:x64}.ptx";

    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path))
            .Where(name => name != CacheKey.FileName).Order(StringComparer.Ordinal)];
}
