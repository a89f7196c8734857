using GpuConvnet.Tests.Commands;

namespace GpuConvnet.Tests.TensorBoard;

/// <summary>The reader that the other tests trust refuses what is not written as it should be.</summary>
public sealed class RecordReaderTests : IDisposable
{
    private const int Mutations = 4_000;

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void Every_file_with_other_bytes_in_a_record_is_refused()
    {
        byte[] file = Written();
        Random random = new(1989);
        for (int mutation = 0; mutation < Mutations; mutation++)
        {
            byte[] mutated = [.. file];
            for (int change = random.Next(4); change >= 0; change--)
            {
                mutated[random.Next(file.Length)] = (byte)random.Next(256);
            }

            if (!mutated.AsSpan().SequenceEqual(file))
            {
                Assert.Throws<InvalidDataException>(() => RecordReader.Read(mutated));
            }
        }
    }

    [Fact]
    public void A_file_is_whole_only_where_a_record_ends()
    {
        byte[] file = Written();
        HashSet<int> ends = [0];
        foreach (byte[] record in RecordReader.Read(file))
        {
            ends.Add(ends.Max() + 16 + record.Length);
        }

        foreach (int length in Enumerable.Range(0, file.Length + 1).Where(length => length % 61 == 0 || IsNear(length)))
        {
            byte[] beginning = file[..length];
            if (ends.Contains(length))
            {
                RecordReader.Read(beginning);
            }
            else
            {
                Assert.Throws<InvalidDataException>(() => RecordReader.Read(beginning));
            }
        }

        bool IsNear(int length) => ends.Any(end => Math.Abs(end - length) < 20);
    }

    public void Dispose() => _scratch.Dispose();

    private byte[] Written()
    {
        CommandRun run = CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("run"));
        Assert.True(run.Code == 0, run.Error);
        byte[] file = File.ReadAllBytes(
            Assert.Single(Directory.EnumerateFiles(_scratch.In("run", "events", "train"))));
        Assert.NotEmpty(RecordReader.Read(file));
        return file;
    }
}
