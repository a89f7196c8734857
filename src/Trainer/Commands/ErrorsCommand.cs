using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;
using GpuConvnet.Trainer.Views.Errors;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer errors RUN</c>: which digits a saved model gets wrong.</summary>
internal sealed class ErrorsCommand
{
    private const string TrainSplit = "train";
    private const string TestSplit = "test";
    private const int DefaultCount = 200;
    private const int ConfusionsListed = 5;

    private static readonly string[] s_examples =
    [
        "trainer errors runs/base                        its test errors as a picture, errors-mnist-test.png",
        "trainer errors runs/base --split train --out train-errors.png --force",
        "trainer errors runs/base --json > errors.json   every misclassified digit and its outputs, as JSON",
    ];

    private readonly ExperimentOptions _experiment = new();

    private readonly Argument<string> _run = new("RUN")
    {
        Description = "A run's folder, or a model.safetensors, as --out saves them",
    };

    private readonly Option<string> _split = new Option<string>("--split")
    {
        Description = "The digits to look for errors in",
        DefaultValueFactory = _ => TestSplit,
    }.OneOf(TrainSplit, TestSplit);

    private readonly Option<long?> _count = NumberOption.Create(
        "--count", 1, 1000, $"The most digits to draw, of the most confident mistakes ({DefaultCount} unless told)");

    private readonly OutputFileOptions _file = new(
        "The picture to write (errors-DATASET-SPLIT.png in this folder unless told)", "FILE.png", "a picture");

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        ErrorsCommand errors = new();
        return new CommandWithExamples(
            "errors", "Draw the digits that a saved model gets wrong, and count which it takes for which.",
            s_examples, errors.Execute)
        {
            errors._run,
            errors._split,
            errors._count,
            errors._file.Out,
            errors._file.Force,
            errors._experiment.Config,
            errors._experiment.Dataset,
            errors._experiment.Data,
            errors._experiment.Json,
        };
    }

    private int Execute(ParseResult arguments, CancellationToken interruption)
    {
        string split = arguments.GetValue(_split)!;
        bool json = arguments.GetValue(_experiment.Json);
        InvocationConfiguration streams = arguments.InvocationConfiguration;
        TextWriter talk = json ? streams.Error : streams.Output;

        OpenedModel model = new(
            arguments.GetValue(_run)!, arguments.GetValue(_experiment.Config), arguments.InvocationConfiguration.Error);

        // By its name the test split is the test split, whatever the model was chosen on.
        ExperimentConfiguration configuration = _experiment.WithDigits(arguments, model.Describe()) with { Validation = 0 };
        LoadedData data =
            DataSets.Load(configuration.Data, _experiment.Folder(arguments), talk.WriteLine, interruption);
        interruption.ThrowIfCancellationRequested();
        string picture = _file.Path(arguments, $"errors-{data.Dataset}-{split}.png");

        Examples examples = split == TrainSplit ? data.Train : data.Test;
        using IClassifier network = model.CreateNetwork();
        ErrorAnalysis analysis = ErrorAnalysis.Of(network, examples, model.Loss);
        RunEvaluation evaluation = analysis.Evaluation;
        string title = string.Create(
            CultureInfo.InvariantCulture,
            $"{configuration.Experiment}: {evaluation.Misses:N0} of {evaluation.Examples:N0} {data.Dataset.DisplayName} "
            + $"{(split == TrainSplit ? "training" : "test")} digits misclassified ({evaluation.ErrorPercent:F2}%)");
        int most = (int)(arguments.GetValue(_count) ?? DefaultCount);
        AtomicFile.Write(picture, ErrorSheet.Png(title, analysis, examples, most));

        talk.WriteLine(ReportLines.Data(data));
        talk.WriteLine(split == TrainSplit ? ReportLines.Train(evaluation) : ReportLines.Test(evaluation, isValidation: false));
        talk.WriteLine();
        talk.WriteLine("confusion matrix: a row a true digit, a column a prediction");
        foreach (string line in analysis.Confusion.Lines())
        {
            talk.WriteLine(line);
        }

        talk.WriteLine();
        if (analysis.Misclassified.Count > 0)
        {
            talk.WriteLine($"most often: {string.Join(", ", MostOften(analysis))}");
        }

        string fullPath = Path.GetFullPath(picture);
        int drawn = Math.Min(most, analysis.Misclassified.Count);
        talk.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{fullPath}: {drawn:N0} of {evaluation.Misses:N0} misclassified digits"));
        if (json)
        {
            ErrorReport report = new()
            {
                Experiment = model.Experiment,
                Dataset = data.Dataset.Name,
                Split = split,
                Evaluation = evaluation,
                Misclassified = analysis.Misclassified,
                Confusion = analysis.Confusion.Rows,
                Picture = fullPath,
                ParametersSha256 = model.ParametersSha256,
            };
            streams.Output.WriteLine(JsonSerializer.Serialize(report, ErrorJson.Relaxed.ErrorReport));
        }

        return ExitCode.Done;
    }

    private static IEnumerable<string> MostOften(ErrorAnalysis analysis) => analysis.Misclassified
        .GroupBy(digit => (digit.Label, digit.Predicted))
        .OrderByDescending(confusion => confusion.Count())
        .ThenBy(confusion => confusion.Key)
        .Take(ConfusionsListed)
        .Select(confusion => string.Create(
            CultureInfo.InvariantCulture, $"{confusion.Key.Label} as {confusion.Key.Predicted} ({confusion.Count()})"));
}
