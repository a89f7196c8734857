using System.CommandLine;
using System.Text.Json;
using GpuConvnet.Model;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer eval MODEL</c>: how well a saved model does.</summary>
internal sealed class EvalCommand
{
    private const string Both = "both";
    private const string TrainSplit = "train";
    private const string TestSplit = "test";
    private const string ValidationSplit = "validation";

    private static readonly string[] s_examples =
    [
        "trainer eval runs/base/model.safetensors",
        "trainer eval runs/base/model.safetensors --dataset usps --split test",
        "trainer eval runs/base --split test --reject    how many digits to reject, the most doubtful first, for 1% errors on the rest",
        "trainer eval runs/base --split test --reject --reject-below 0.5",
        "    what a threshold does that was chosen on other digits, such as a run's of --validation by --split validation",
    ];

    private readonly ExperimentOptions _experiment = new();
    private readonly RejectionOptions _rejection = new();

    private readonly Argument<string> _model = new("MODEL")
    {
        Description = "A model.safetensors, or the run's or the ensemble's folder with one in it, as --out saves them",
    };

    private readonly Option<string> _split = new Option<string>("--split")
    {
        Description = "The digits to evaluate on; both: those that the model was trained and tested with",
        DefaultValueFactory = _ => Both,
    }.OneOf(TrainSplit, TestSplit, ValidationSplit, Both);

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        EvalCommand eval = new();
        Command command = new CommandWithExamples(
            "eval", "Evaluate a saved model, by default on the digits it was trained and tested with.",
            s_examples, eval.Execute)
        {
            eval._model,
            eval._split,
            eval._experiment.Config,
            eval._experiment.Dataset,
            eval._experiment.Validation,
            eval._experiment.Data,
            eval._experiment.Json,
        };
        eval._rejection.AddTo(command);
        return command;
    }

    private int Execute(ParseResult arguments, CancellationToken interruption)
    {
        string split = arguments.GetValue(_split)!;
        bool json = arguments.GetValue(_experiment.Json);
        InvocationConfiguration streams = arguments.InvocationConfiguration;
        TextWriter talk = json ? streams.Error : streams.Output;

        OpenedModel model = new(
            arguments.GetValue(_model)!, arguments.GetValue(_experiment.Config), arguments.InvocationConfiguration.Error);
        ExperimentConfiguration configuration = _experiment.WithDigits(arguments, model.Describe());
        if (split == TestSplit)
        {
            // Asked for by name, the test split is the test split, whatever the model was chosen on.
            configuration = configuration with { Validation = 0 };
        }

        if (split == ValidationSplit && !configuration.IsValidation)
        {
            throw new BadInputException(
                $"{model.Path} was not trained with a validation split. Say how many digits with --validation N; they are those "
                + "of the training split that follow the digits it was trained on.");
        }

        LoadedData data =
            DataSets.Load(configuration.Data, _experiment.Folder(arguments), talk.WriteLine, interruption);
        interruption.ThrowIfCancellationRequested();
        RejectionOptions.Request? rejection = _rejection.Read(
            arguments, configuration.Experiment, model.Loss, $"rejection-{data.Dataset}{(split == Both ? "" : $"-{split}")}");
        talk.WriteLine(ReportLines.Data(data));

        using IClassifier network = model.CreateNetwork();
        string tested = data.IsValidation ? ValidationSplit : TestSplit;
        Examples? trainDigits = split is Both or TrainSplit ? data.Train : null;
        Examples? testDigits = split == Both || split == tested ? data.Test : null;
        EnsembleEvaluation? Members(Examples? examples) =>
            network is EnsembleClassifier ensemble && examples is not null ? EnsembleEvaluation.Of(ensemble, examples) : null;
        EnsembleEvaluation? ofTrain = Members(trainDigits);
        EnsembleEvaluation? ofTest = Members(testDigits);
        RunEvaluation? Evaluate(EnsembleEvaluation? members, Examples? examples) =>
            examples is null ? null : RunEvaluation.Of(members?.Whole ?? network.Evaluate(examples));
        RunEvaluation? train = Evaluate(ofTrain, trainDigits);
        RunEvaluation? test = Evaluate(ofTest, testDigits);
        if (train is not null)
        {
            talk.WriteLine(ReportLines.Train(train));
        }

        if (test is not null)
        {
            talk.WriteLine(ReportLines.Test(test, data.IsValidation));
        }

        EnsembleSummary? ensemble = model.Ensemble?.Summarize(ofTrain, ofTest);
        foreach (string line in EnsembleLines.Of(ensemble, tested))
        {
            talk.WriteLine(line);
        }

        ModelRejection? rejected =
            rejection?.Show(network, data.Dataset.DisplayName, trainDigits, testDigits, tested, talk);
        if (json)
        {
            ModelEvaluation evaluation = new()
            {
                Experiment = model.Experiment,
                Dataset = data.Dataset.Name,
                TestedOn = test is not null && data.IsValidation ? RunResult.Validation : null,
                Train = train,
                Test = test,
                Ensemble = ensemble,
                Rejection = rejected,
                ParametersSha256 = model.ParametersSha256,
            };
            streams.Output.WriteLine(JsonSerializer.Serialize(evaluation, ResultJson.Relaxed.ModelEvaluation));
        }

        return ExitCode.Done;
    }
}
