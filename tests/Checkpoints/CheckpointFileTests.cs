using System.Diagnostics;
using System.Security.Cryptography;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Tests.Checkpoints;

/// <summary>The format: all of it comes back, and nothing that was changed does.</summary>
public class CheckpointFileTests
{
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_written_is_read(bool isNormalized)
    {
        Checkpoint checkpoint = Random(isNormalized);

        Checkpoint read = CheckpointFile.Read(new MemoryStream(Bytes(checkpoint)), "it", Parameters.Count);

        Assert.Equal(checkpoint.Steps, read.Steps);
        Assert.Equal(checkpoint.Configuration, read.Configuration);
        Assert.Equal(checkpoint.Kernels, read.Kernels);
        Assert.Equal(
            (checkpoint.TrainSeconds, checkpoint.EvaluateSeconds, checkpoint.TotalSeconds),
            (read.TrainSeconds, read.EvaluateSeconds, read.TotalSeconds));
        Assert.Equal(checkpoint.History.Entries, read.History.Entries);
        Assert.Equal(checkpoint.State.Parameters, read.State.Parameters);
        Assert.Equal(checkpoint.State.States, read.State.States);
        Assert.Equal(checkpoint.State.Directions, read.State.Directions);
        Assert.Equal(checkpoint.State.Lengths, read.State.Lengths);
    }

    [Fact]
    public void Ten_thousand_damaged_ones_are_refused()
    {
        byte[] good = Bytes(Random(isNormalized: false));
        Random random = new(1);
        long started = Stopwatch.GetTimestamp();
        int tried = 0;
        for (; tried < 10_000 && Stopwatch.GetElapsedTime(started) < s_time; tried++)
        {
            byte[] bad = Damage(random, good);
            Assert.Throws<BadInputException>(() => CheckpointFile.Read(new MemoryStream(bad), "it", Parameters.Count));
        }

        Assert.InRange(tried, 1_000, 10_000);
    }

    /// <summary>Whoever can write the sum can write anything: the content is checked all the same.</summary>
    [Fact]
    public void With_their_sum_made_good_they_are_read_or_refused_and_nothing_else_happens()
    {
        byte[] good = Bytes(Random(isNormalized: true))[..^SHA256.HashSizeInBytes];
        int header = 12 + BitConverter.ToInt32(good, 8);
        Random random = new(2);
        long started = Stopwatch.GetTimestamp();
        int refused = 0;
        for (int tried = 0; tried < 10_000 && Stopwatch.GetElapsedTime(started) < s_time; tried++)
        {
            byte[] bad = [.. good];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                bad[random.Next(header)] = (byte)random.Next(256);
            }

            byte[] summed = [.. bad, .. SHA256.HashData(bad)];
            try
            {
                CheckpointFile.Read(new MemoryStream(summed), "it", Parameters.Count);
            }
            catch (BadInputException)
            {
                refused++;
            }
        }

        Assert.NotEqual(0, refused);
    }

    [Fact]
    public void A_file_of_a_gigabyte_is_refused_unread()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.OpenWrite(path))
            {
                file.SetLength(1L << 30);
            }

            long before = GC.GetTotalAllocatedBytes();
            BadInputException refusal = Assert.Throws<BadInputException>(() => CheckpointFile.Read(path, Parameters.Count));
            Assert.Contains("more than any checkpoint", refusal.Message, StringComparison.Ordinal);
            Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 256 << 20);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] Damage(Random random, byte[] good)
    {
        byte[] bad = [.. good];
        switch (random.Next(4))
        {
            case 0:
                return bad[..random.Next(bad.Length)];
            case 1:
                bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
                return bad;
            case 2:
                random.NextBytes(bad.AsSpan(random.Next(bad.Length - 8), 8));
                return bad;
            default:
                return [.. bad, (byte)random.Next(256)];
        }
    }

    private static byte[] Bytes(Checkpoint checkpoint)
    {
        using MemoryStream stream = new();
        CheckpointFile.Write(stream, checkpoint);
        return stream.ToArray();
    }

    private static Checkpoint Random(bool isNormalized)
    {
        Random random = new(3);
        RunEvaluation evaluation = new(240, 0.5, 1.25, 3);
        return new Checkpoint
        {
            Steps = 500,
            Configuration = "abc",
            TrainSeconds = 1.5,
            EvaluateSeconds = 0.25,
            TotalSeconds = 2,
            History = new EvaluationHistory(
            [
                new HistoryEntry { Pass = 1, Train = evaluation, Test = evaluation, Seconds = 0.75 },
                new HistoryEntry { Step = 500, Train = evaluation, Test = evaluation, Seconds = 1.5 },
            ]),
            Kernels = KernelChoice.Tensor,
            State = new TrainingState(Floats(Parameters.Count), Floats(Parameters.Count), Floats(Parameters.Count))
            {
                Directions = isNormalized ? Floats(Parameters.Count) : null,
                Lengths = isNormalized ? Floats(3 * UnitWeights.All.Count) : null,
            },
        };

        float[] Floats(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
