using System.Globalization;
using System.Text;
using GpuConvnet.Formats.Protobuf;
using GpuConvnet.Formats.TensorBoard;
using GpuConvnet.Model;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Views.Errors;

namespace GpuConvnet.Trainer.Views.TensorBoard;

/// <summary>
/// What TensorBoard shows of a run while it goes on: a file of events for the training digits and one for those it is tested
/// on, with the same tags, so that they share a chart.
/// </summary>
/// <remarks>
/// The files are opened with the first evaluation: a run that comes to none leaves nothing. What is written is written on
/// the training thread, between two evaluations, where neither counts as time spent training.
/// </remarks>
internal sealed class RunEvents : IDisposable
{
    /// <summary>The folder of the events about training digits.</summary>
    public const string TrainName = "train";

    /// <summary>The folder of the events about test digits; about validation digits it is called by their name.</summary>
    public const string TestName = "test";

    // TensorBoard keeps as many histograms of a tag, and a run that is evaluated all the time has better things to do.
    private const int MostDistributions = 500;

    private const int MostDigitsDrawn = 200;

    private readonly string _folder;
    private readonly ExperimentConfiguration _configuration;
    private readonly LoadedData _data;
    private readonly long _firstStep;
    private readonly bool _goesOn;
    private readonly long _evaluationsBetween;
    private readonly long _evaluationsBetweenDistributions;
    private (long Steps, double Seconds) _before;
    private (EventFile Train, EventFile Test, GradientNorm GradientNorm)? _open;

    /// <summary>Prepares a run's events.</summary>
    /// <param name="folder">Where their folders are to be.</param>
    /// <param name="configuration">The configuration, everything resolved.</param>
    /// <param name="data">The digits.</param>
    /// <param name="resumed">Where the run was left before; null for one that begins.</param>
    public RunEvents(string folder, ExperimentConfiguration configuration, LoadedData data, Checkpoint? resumed)
    {
        _folder = folder;
        _configuration = configuration;
        _data = data;
        _goesOn = resumed is not null;

        // The checkpoint's own evaluation was written before it was.
        _firstStep = resumed is null ? 0 : resumed.Steps + 1;
        _before = resumed is null ? (0, 0) : (resumed.Steps, resumed.TrainSeconds);

        // A run shorter than the distance between evaluations is evaluated all the same, at its end.
        long evaluations = (configuration.TotalSteps - 1) / configuration.EvaluationSteps + 1;
        _evaluationsBetween = EvaluationHistory.DistanceOf(evaluations);
        _evaluationsBetweenDistributions = (evaluations + MostDistributions - 1) / MostDistributions;
    }

    /// <summary>Adds an evaluation; of a run of very many, each so many of them, and the last.</summary>
    /// <param name="steps">The steps of the run so far.</param>
    /// <param name="entry">What it gave.</param>
    /// <param name="parameters">The parameters that were evaluated.</param>
    /// <exception cref="RunFailedException">The disk is full or failing.</exception>
    public void Add(long steps, HistoryEntry entry, ReadOnlySpan<float> parameters)
    {
        if (steps / _configuration.EvaluationSteps % _evaluationsBetween != 0 && steps != _configuration.TotalSteps)
        {
            return;
        }

        (EventFile train, EventFile test, GradientNorm gradientNorm) = _open ??= Open();
        List<ProtobufMessage> values = Evaluation(entry.Train);
        if (steps > _before.Steps && entry.Seconds > _before.Seconds)
        {
            double rate = _configuration.LearningRateSchedule.Rate(steps - 1, _configuration.TotalSteps);
            double examples = ExamplesOf(steps) - ExamplesOf(_before.Steps);
            values.Add(SummaryValue.Scalar("learningRate", "The learning rate of the last step.", rate));
            values.Add(SummaryValue.Scalar(
                "examplesPerSecond",
                "Examples presented per second of training since the evaluation before; evaluating does not count.",
                examples / (entry.Seconds - _before.Seconds)));
        }

        if (steps / _configuration.EvaluationSteps % _evaluationsBetweenDistributions == 0 || steps == _configuration.TotalSteps)
        {
            values.Add(SummaryValue.Scalar(
                "gradientNorm",
                "The Euclidean norm of the training loss's gradient: the mean over the first 1,024 training digits, at the "
                + "parameters that were evaluated, without augmentation and dropout.",
                gradientNorm.Of(parameters)));
            foreach (ParameterPart part in _configuration.Parts)
            {
                if (Distribution.Of(part.Of(parameters)) is { } histogram)
                {
                    values.Add(SummaryValue.Of($"parameters/{part.Name}", histogram));
                }
            }
        }

        train.Add(steps, values);
        test.Add(steps, Evaluation(entry.Test));
        _before = (steps, entry.Seconds);
    }

    /// <summary>Adds, at a run's end, a picture of the digits that it gets wrong.</summary>
    /// <param name="result">What came out.</param>
    /// <param name="parameters">The trained parameters.</param>
    /// <returns>Why there is no picture; null if there is.</returns>
    /// <exception cref="RunFailedException">The disk is full or failing.</exception>
    public string? Finish(RunResult result, ReadOnlySpan<float> parameters)
    {
        if (_open is not var (_, test, _))
        {
            return null;
        }

        using IClassifier network = _configuration.CreateClassifier(parameters);
        ErrorAnalysis analysis = ErrorAnalysis.Of(network, _data.Test, _configuration.Loss);
        string digits = _data.IsValidation ? RunResult.Validation : TestName;
        string title = string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Experiment}, seed {result.Seed}, {result.Steps:N0} steps: {result.Test.Misses:N0} of "
            + $"{result.Test.Examples:N0} {digits} digits misclassified ({result.Test.ErrorPercent:F2}%)");
        byte[] png = [];
        if (Drawing.Attempt(() => png = ErrorSheet.Png(title, analysis, _data.Test, MostDigitsDrawn)) is { } why)
        {
            return why;
        }

        int drawn = Math.Min(MostDigitsDrawn, analysis.Misclassified.Count);
        test.Add(result.Steps, [SummaryValue.Image("misclassified", ErrorSheet.Size(drawn), png)]);
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_open is var (train, test, gradientNorm))
        {
            train.Dispose();
            test.Dispose();
            gradientNorm.Dispose();
        }
    }

    private (EventFile Train, EventFile Test, GradientNorm GradientNorm) Open()
    {
        EventFile train = EventFile.Create(Path.Combine(_folder, TrainName), _firstStep);
        try
        {
            if (!_goesOn)
            {
                train.Add(0, [SummaryValue.Text("configuration", CodeBlock(ConfigurationFile.Serialize(_configuration)))]);
            }

            string tested = _data.IsValidation ? RunResult.Validation : TestName;
            EventFile test = EventFile.Create(Path.Combine(_folder, tested), _firstStep);
            return (train, test, new GradientNorm(_configuration, _data.Train));
        }
        catch
        {
            train.Dispose();
            throw;
        }
    }

    private static List<ProtobufMessage> Evaluation(RunEvaluation evaluation) =>
    [
        SummaryValue.Scalar("loss", "The mean loss over the split.", evaluation.Loss),
        SummaryValue.Scalar("errorPercent", "The misclassified digits, in percent of the split.", evaluation.ErrorPercent),
        SummaryValue.Scalar("misses", "How many digits are misclassified.", evaluation.Misses),
    ];

    /// <summary>How many examples were presented in a run's first steps.</summary>
    private double ExamplesOf(long steps)
    {
        long passes = Math.DivRem(steps, _configuration.StepsPerPass, out long rest);
        return (double)passes * _configuration.Train + (double)rest * _configuration.Batch.Of(_configuration.Train);
    }

    private static string CodeBlock(byte[] json) =>
        string.Join('\n', Encoding.UTF8.GetString(json).ReplaceLineEndings("\n").Split('\n').Select(line => "    " + line));
}
