using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>Describes runs to a page.</summary>
internal static class LiveSubjects
{
    /// <summary>What does not change about a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="samples">Digits to try.</param>
    public static LiveSubject Of(LiveRun run, IReadOnlyList<LiveDigit> samples)
    {
        ExperimentConfiguration configuration = run.Configuration;
        ArticleRow? article = ArticleRow.Of(configuration);
        int train = configuration.Train;
        int test = configuration.IsValidation ? configuration.Validation : run.Test?.Count ?? configuration.Test;
        string? without = run.Order.WithoutNetwork ?? PagePad.WhyNone(run.Order.Name, configuration);
        return new LiveSubject
        {
            Run = run.Number,
            Edition = run.Edition,
            Name = run.Order.Name,
            Description = configuration.Description,
            Device = run.Order.Device,
            Loss = configuration.Loss.Name,
            Frame = PagePad.FrameOf(configuration.Dataset),
            ParameterCount = configuration.ParameterCount,
            Layers = without is null ? PageLayer.Of(configuration.Layers.Chain.Layers) : null,
            WithoutPad = without,
            Tested = configuration.IsValidation ? RunResult.Validation : "test",
            Axis = configuration.CountsPasses ? "pass" : "step",
            End = run.PlaceOf(configuration.TotalSteps),
            Total = configuration.TotalSteps,
            Batch = configuration.Batch.Of(train),
            Train = train,
            ErrorFigures = ArticleFigure.Errors(article, train, test),
            LossFigures = ArticleFigure.Losses(article),
            Samples = samples,
            WithoutDigits = run.Order.Digits.Value.WhyNot,
        };
    }
}
