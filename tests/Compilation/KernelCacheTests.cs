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
            folder.Add(Name(number), s_code);
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

    public void Dispose() => _scratch.Dispose();

    private static string Name(int number) => $"Some.Kernel-{number:x64}.ptx";

    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
