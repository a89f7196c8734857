using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Data;

/// <summary>What has arrived of downloads that come and go at the same time.</summary>
public sealed class PartialFileTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    /// <summary>Between two looks at the folder others take files over, give them new names and delete them.</summary>
    [Fact]
    public void Files_that_others_take_while_the_folder_is_looked_at_are_theirs()
    {
        string target = Path.Combine(Directory.CreateDirectory(_scratch.In("mnist")).FullName, "digits.gz");

        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            for (int round = 0; round < 100; round++)
            {
                // Half of them leave something, so that there are always files to take over and to delete.
                using PartialFile file = PartialFile.Open(target);
                file.Content.SetLength((worker + round) % 2 * 10);
            }
        });

        Assert.All(Directory.GetFiles(_scratch.In("mnist")), file => Assert.EndsWith(".part", file, StringComparison.Ordinal));
        using PartialFile last = PartialFile.Open(target);
        Assert.InRange(last.Content.Length, 0, 10);
        Assert.Single(Directory.GetFiles(_scratch.In("mnist")));
    }

    public void Dispose() => _scratch.Dispose();
}
