using GpuConvnet.Model.Schedules;

namespace GpuConvnet.Tests.Training;

public sealed class LearningRateScheduleTests
{
    /// <summary>The most steps of a run are those of 294,537 passes and a little; a pass more than them must not overflow.</summary>
    [Fact]
    public void A_rate_per_pass_falls_to_the_end_of_the_longest_run()
    {
        LearningRateSchedule schedule = new(ScheduleKind.Linear, 0.03, FinalLearningRate: 0.01, SpanSteps: 7291);

        Assert.Equal(0.03, schedule.Rate(0, int.MaxValue));
        Assert.Equal(0.02, schedule.Rate(int.MaxValue / 2, int.MaxValue), 1e-6);
        Assert.Equal(0.01, schedule.Rate(int.MaxValue - 1, int.MaxValue), 1e-6);
    }
}
