using System.Globalization;
using GpuConvnet.Model.Losses;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>
/// The paper's mean squared errors (LeCun et al., 1989), and ours on the same scale: half the mean over the ten outputs. The
/// half is our reading, which fits the paper's figures of both splits; docs/paper.md says more.
/// </summary>
/// <param name="TrainMse">The paper's, of the training digits.</param>
/// <param name="TestMse">The paper's, of the test digits.</param>
internal sealed record PaperErrors(double TrainMse, double TestMse)
{
    private const double Outputs = 10;

    /// <summary>An error as the paper writes it, such as 2.5e-3.</summary>
    public static string Text(double mse) => mse.ToString("0.0#e-0", CultureInfo.InvariantCulture);

    /// <summary>The means over seeds on the paper's scale; null for a loss that is no squared error.</summary>
    public static PaperErrors? Of(ExperimentConfiguration configuration, IReadOnlyList<RunResult> results) =>
        ScaleOf(configuration) is { } scale
            ? new PaperErrors(
                scale * results.Average(result => result.Train.Loss), scale * results.Average(result => result.Test.Loss))
            : null;

    /// <summary>What a configuration's loss has to be multiplied with; null for a loss that is no squared error.</summary>
    public static double? ScaleOf(ExperimentConfiguration configuration) =>
        configuration.Loss == Loss.Of<HalfSquaredError>() ? 1 / Outputs
        : configuration.Loss == Loss.Of<SquaredError>() ? 0.5
        : null;
}
