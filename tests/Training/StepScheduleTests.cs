using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;

namespace GpuConvnet.Tests.Training;

/// <summary>The steps of a run, by their numbers.</summary>
public class StepScheduleTests
{
    private static readonly Perturbation s_distorting = new(0, 0, 2, 0.1f, new Distortion(rotate: 5, scale: 0, elastic: 0.3));

    [Theory]
    [InlineData(0, 20)]
    [InlineData(0.05, 19)]
    [InlineData(0.5, 10)]
    [InlineData(1, 0)]
    public void The_last_steps_show_images_that_are_rolled_alone(double share, int distorted)
    {
        StepSchedule schedule = Schedule(share);
        BatchStep[] steps = [.. schedule.Steps(0, 20)];

        Assert.Equal(distorted, steps.Count(step => step.Perturbation.Distorts));
        Assert.All(steps.Take(distorted), step => Assert.True(step.Perturbation.Distorts));
        Assert.All(steps, step =>
        {
            Assert.Equal(2, step.Perturbation.MaximumShift);
            Assert.True(step.Perturbation.Drops);
        });

        // A run that goes on asks for its last steps alone.
        Assert.Equal(distorted > 18, schedule.Steps(18, 1)[0].Perturbation.Distorts);
    }

    /// <summary>What a step draws is its own: neither shifts nor dropped units change with the images that are not distorted.</summary>
    [Fact]
    public void What_is_left_is_drawn_as_it_was()
    {
        Perturbation distorted = Schedule(0).Steps(19, 1)[0].Perturbation;
        Perturbation undistorted = Schedule(0.5).Steps(19, 1)[0].Perturbation;

        for (int example = 0; example < 50; example++)
        {
            distorted.Shift(example, out int rows, out int columns);
            undistorted.Shift(example, out int otherRows, out int otherColumns);
            Assert.Equal((rows, columns), (otherRows, otherColumns));
            distorted.KeepFactors(example, 7, out float first, out _, out _, out float last);
            undistorted.KeepFactors(example, 7, out float otherFirst, out _, out _, out float otherLast);
            Assert.Equal((first, last), (otherFirst, otherLast));
        }
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void What_is_no_share_is_refused(double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule(share));

    private static StepSchedule Schedule(double undistorted) =>
        new(new OptimizerOptions(Optimizer.Of<Sgd>(), 0.1), 20, examples: 100, batch: 10, s_distorting, seed: 4, undistorted: undistorted);
}
