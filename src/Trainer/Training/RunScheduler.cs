namespace GpuConvnet.Trainer.Training;

/// <summary>
/// Who trains when. On the CPU a run is one core's work and shares nothing but the digits, so that runs side by side give the
/// same bits as runs one after the other. Their times do not: cores share memory and clock. A device trains one run after the
/// other, with kernels compiled once.
/// </summary>
internal static class RunScheduler
{
    /// <summary>Trains runs, begun in their order: those on the CPU, then those on devices.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="plan">How they are shared out.</param>
    /// <param name="train">
    /// Trains one: which it is, and the run, ready to be executed. Called from several threads. What it throws first is thrown
    /// here, when the runs under way have ended; none is begun after that.
    /// </param>
    /// <param name="say">Hears where saved runs go on, and what a user should know about how a device trains.</param>
    /// <exception cref="RunFailedException">A device failed, or its memory is too small.</exception>
    public static void Train(
        IReadOnlyList<PlannedRun> runs, LanePlan plan, Action<int, LaneRun> train, Action<string>? say = null)
    {
        ILookup<bool, int> isSideBySide = Enumerable.Range(0, runs.Count)
            .ToLookup(index => (plan.OwnJobs > 1 || plan.Workers is not null) && runs[index].Choice.RunsInParallel);
        Train(isSideBySide[true], plan.OwnJobs);
        Train(isSideBySide[false], isSideBySide[false].Select(index => runs[index].Choice.Each.Count).Append(1).Max());

        void Train(IEnumerable<int> indices, int most)
        {
            int[] items = [.. indices];
            ILane[] lanes =
            [
                .. Enumerable.Range(0, most).Select(number => new LocalLane(number, plan.OwnThreads, number == 0 ? say : null)),
                .. items.Length > 0 && plan.Workers is { } workers
                    ? workers.Lanes([.. items.Select(index => runs[index].Choice).Distinct()])
                    : [],
            ];
            try
            {
                ParallelWork.Share(items, [.. lanes.Take(items.Length)], (index, lane) =>
                {
                    LaneRun run = lane.Take(runs[index]);
                    run.Said += say;
                    train(index, run);
                });
            }
            finally
            {
                Array.ForEach(lanes, lane => lane.Dispose());
            }
        }
    }

    /// <summary>Trains the runs of a study, which are dropped when it is interrupted, and not finished.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="plan">How they are shared out.</param>
    /// <param name="train">Trains one, as above.</param>
    /// <param name="interruption">Drops them.</param>
    /// <returns>Whether all came to their end.</returns>
    /// <exception cref="RunFailedException">A device failed, or its memory is too small.</exception>
    public static bool TryTrain(
        IReadOnlyList<PlannedRun> runs, LanePlan plan, Action<int, LaneRun> train, CancellationToken interruption)
    {
        try
        {
            Train(runs, plan, (index, run) =>
            {
                interruption.ThrowIfCancellationRequested();
                run.Drop = interruption;
                train(index, run);
            });
            return true;
        }
        catch (OperationCanceledException) when (interruption.IsCancellationRequested)
        {
            return false;
        }
    }
}
