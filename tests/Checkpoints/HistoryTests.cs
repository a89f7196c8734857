using GpuConvnet.Model.Optimizers;
using GpuConvnet.Tests.Data;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Checkpoints;

/// <summary>A run's evaluations: how many are kept, and how they are written down.</summary>
public sealed class HistoryTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(EvaluationHistory.Most, 1)]
    [InlineData(EvaluationHistory.Most + 1, 2)]
    [InlineData(100_000, 8)]
    [InlineData(1_000_000, 64)]
    public void Of_very_many_an_even_share_is_kept_with_the_first_and_the_last(int count, int distance)
    {
        EvaluationHistory history = Of(count);

        long[] kept = [.. history.Entries.Select(entry => entry.Step!.Value - 1)];
        Assert.Equal(count, history.Count);
        Assert.InRange(kept.Length, 1, EvaluationHistory.Most + 1);
        Assert.Equal(
            [.. Enumerable.Range(0, (count + distance - 1) / distance).Select(index => (long)index * distance), .. Last()], kept);
        Assert.Equal(1, history.First.Step);
        Assert.Equal(count, history.Last.Step);

        IEnumerable<long> Last() => (count - 1) % distance == 0 ? [] : [count - 1];
    }

    [Theory]
    [InlineData(100)]
    [InlineData(EvaluationHistory.Most)]
    [InlineData(50_001)]
    public void One_that_goes_on_keeps_what_one_without_a_break_keeps(int before)
    {
        EvaluationHistory history = Of(before).Copy();

        Add(history, before, 70_000);

        Assert.Equal(Of(70_000).Entries, history.Entries);
    }

    [Fact]
    public void A_million_evaluations_are_saved_and_read_again()
    {
        ExperimentConfiguration configuration = ConfigurationFile.Load("1989-base") with
        {
            Passes = null,
            Steps = 1_000_000,
            EvaluateEvery = 1,
            Dataset = Trainer.Setup.Data.DataSets.Builtin,
        };
        EvaluationHistory history = new();
        CheckpointFolder checkpoints = Checkpoints(configuration);
        for (int steps = 0; steps < 1_000_000; steps += 100_000)
        {
            Add(history, steps, steps + 100_000);
            checkpoints.Save(At(history));
        }

        Checkpoint read = Checkpoints(configuration).Latest(line => Assert.Fail(line))!;
        Assert.Equal(history.Count, read.History.Count);
        Assert.Equal(history.Entries, read.History.Entries);
        Assert.All(
            Directory.EnumerateFiles(_scratch.In("checkpoints")), path => Assert.InRange(new FileInfo(path).Length, 1, 4 << 20));

        RunFolder folder = RunFolder.Open(_scratch.In("run"));
        RunResult result = Fuzzing.SavedRun.Result(configuration) with { History = history.Entries, Evaluations = history.Count };
        folder.Save(configuration, result, new float[configuration.ParameterCount]);
        Assert.Equal(history.Entries, Assert.Single(folder.ReadResults()).History);
        Assert.All(Directory.EnumerateFiles(_scratch.In("run")), path => Assert.InRange(new FileInfo(path).Length, 1, 8 << 20));

        // Of many runs there are fewer each.
        folder.Save(configuration, Fuzzing.SavedRun.Results(configuration) with { Runs = [.. Enumerable.Repeat(result, 1_000)] });
        Assert.InRange(new FileInfo(_scratch.In("run", "result.json")).Length, 1, 64 << 20);
        Assert.Equal((1_000_000, 1_000_000), (folder.ReadResults()[7].Evaluations, folder.ReadResults()[7].History[^1].Step));
    }

    [Fact]
    public void A_checkpoint_adds_to_what_was_written_and_repeats_nothing()
    {
        HistoryLog log = new(_scratch.FullPath);
        EvaluationHistory history = Of(1_000);
        log.Save(history);
        byte[] before = File.ReadAllBytes(_scratch.In(HistoryLog.Name));
        Add(history, 1_000, 1_010);
        log.Save(history);

        byte[] after = File.ReadAllBytes(_scratch.In(HistoryLog.Name));
        Assert.Equal(before, after[..before.Length]);
        Assert.Equal(10, after.AsSpan(before.Length).Count((byte)'\n'));
    }

    [Fact]
    public void What_is_damaged_of_it_is_counted_and_the_rest_is_read()
    {
        new HistoryLog(_scratch.FullPath).Save(Of(100));
        byte[] bytes = File.ReadAllBytes(_scratch.In(HistoryLog.Name));
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(_scratch.In(HistoryLog.Name), bytes[..^30]);
        List<string> said = [];

        EvaluationHistory read = new HistoryLog(_scratch.FullPath).Read(Ends(100), said.Add);

        // The last one, which is torn, is in the checkpoint.
        Assert.Contains("lacks 1 of the evaluations", Assert.Single(said), StringComparison.Ordinal);
        Assert.Equal((100, 99), (read.Count, read.Entries.Count));
    }

    [Fact]
    public void What_a_checkpoint_that_is_not_there_added_is_dropped()
    {
        new HistoryLog(_scratch.FullPath).Save(Of(100));

        Assert.Equal(Of(60).Entries, new HistoryLog(_scratch.FullPath).Read(Ends(60), line => Assert.Fail(line)).Entries);
    }

    [Fact]
    public void A_file_of_an_earlier_version_holds_them_all()
    {
        EvaluationHistory all = Of(3);

        Assert.Equal(all.Entries, new HistoryLog(_scratch.FullPath).Read(all, line => Assert.Fail(line)).Entries);
    }

    [Fact]
    public void The_checkpoint_just_written_outlives_damaged_ones_of_later_steps()
    {
        ExperimentConfiguration configuration = ConfigurationFile.Load("1989-base");
        CheckpointFolder folder = Checkpoints(configuration);
        Directory.CreateDirectory(_scratch.In("checkpoints"));
        for (int step = 5_000; step < 5_005; step++)
        {
            File.WriteAllText(_scratch.In("checkpoints", $"step-000000{step}.checkpoint"), "damaged");
        }

        for (int step = 1; step <= 6; step++)
        {
            folder.Save(At(Of(step)));
        }

        Assert.Equal(6, Checkpoints(configuration).Latest(_ => { })!.Steps);
        Assert.Equal(
            ["step-0000000004.checkpoint", "step-0000000005.checkpoint", "step-0000000006.checkpoint"],
            Directory.EnumerateFiles(_scratch.In("checkpoints"), "step-0000000*.checkpoint").Select(Path.GetFileName).Order()
                .Where(name => string.CompareOrdinal(name, "step-0000005") < 0));
        Assert.Equal(5, Directory.EnumerateFiles(_scratch.In("checkpoints"), "step-000000500*").Count());
    }

    public void Dispose() => _scratch.Dispose();

    private CheckpointFolder Checkpoints(ExperimentConfiguration configuration) =>
        new(_scratch.In("checkpoints"), configuration, new CheckpointRequest(1, 3));

    private static Checkpoint At(EvaluationHistory history) => new()
    {
        Steps = history.Count,
        TrainSeconds = 1,
        EvaluateSeconds = 1,
        TotalSeconds = 2,
        History = history.Copy(),
        State = new TrainingState(new float[9760], new float[9760], new float[9760]),
    };

    private static EvaluationHistory Ends(int count) =>
        new(count, [(0, Of(count).First), (count - 1, Of(count).Last)]);

    private static EvaluationHistory Of(int count)
    {
        EvaluationHistory history = new();
        Add(history, 0, count);
        return history;
    }

    private static void Add(EvaluationHistory history, int from, int to)
    {
        for (int step = from; step < to; step++)
        {
            RunEvaluation evaluation = new(200, 0.5 + 1e-7 * step, 12.5, 25);
            history.Add(new HistoryEntry { Step = step + 1, Train = evaluation, Test = evaluation, Seconds = 1e-3 * step });
        }
    }
}
