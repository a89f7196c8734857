namespace GpuConvnet.Model.Schedules;

/// <summary>A learning rate for each step.</summary>
/// <param name="Kind">How it falls.</param>
/// <param name="LearningRate">The peak rate.</param>
/// <param name="FinalLearningRate">The rate that linear and cosine reach with the last step.</param>
/// <param name="WarmupSteps">Steps over which the rate first rises in a straight line to the peak.</param>
/// <param name="SpanSteps">Steps that share a rate: 1, or those of a pass. With more than one there is no warm-up.</param>
internal sealed record LearningRateSchedule(
    ScheduleKind Kind, double LearningRate, double FinalLearningRate = 0, int WarmupSteps = 0, int SpanSteps = 1)
{
    /// <summary>The rate of one step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="steps">How many steps the whole run has.</param>
    public double Rate(long step, long steps)
    {
        if (step < WarmupSteps)
        {
            return LearningRate * (step + 1) / WarmupSteps;
        }

        long falling = (steps - WarmupSteps + SpanSteps - 1) / SpanSteps;
        long fallen = (step - WarmupSteps) / SpanSteps;
        double progress = falling <= 1 ? 0 : Math.Min(1, (double)fallen / (falling - 1));
        double share = Kind switch
        {
            ScheduleKind.Constant => 1,
            ScheduleKind.Linear => 1 - progress,
            ScheduleKind.Cosine => (1 + Math.Cos(Math.PI * progress)) / 2,
            _ => throw new NotSupportedException($"There is no schedule '{Kind}'."),
        };
        return FinalLearningRate + (LearningRate - FinalLearningRate) * share;
    }
}
