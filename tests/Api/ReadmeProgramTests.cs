using GpuConvnet.Tests.Architecture;

namespace GpuConvnet.Tests.Api;

/// <summary>A package's README shows a whole program, which .ci/samples runs against the package: as short as it is said to be.</summary>
public sealed class ReadmeProgramTests
{
    [Theory]
    [InlineData("Model")]
    [InlineData("Kernels")]
    [InlineData("Recognition")]
    public void ItsFirstProgramIsTenLines(string project)
    {
        string[] readme = File.ReadAllLines(Path.Combine(SourceLayoutTests.Root, "src", project, "README.md"));

        string[] program = [.. readme.SkipWhile(line => line != "```csharp").Skip(1).TakeWhile(line => line != "```")];
        int lines = program.Count(line => line.Length > 0 && !(line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=')));

        Assert.InRange(lines, 1, 10);
    }
}
