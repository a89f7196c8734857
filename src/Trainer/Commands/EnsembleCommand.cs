using System.CommandLine;
using System.Text.Json;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Models;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer ensemble RUN...</c>: makes one model of several trained networks.</summary>
internal sealed class EnsembleCommand
{
    private const string ModelExtension = ".safetensors";

    private static readonly string[] s_examples =
    [
        "trainer ensemble runs/ten                       all seeds of a run of several ('trainer --runs 10 --out runs/ten')",
        "trainer ensemble runs/a runs/b runs/wide --out runs/three",
        "    networks of any kind that were trained on the same kind of digits; then 'trainer eval runs/three', 'predict', 'export' ...",
        "trainer ensemble runs/ten --average logits --out ten.safetensors",
    ];

    private readonly ExperimentOptions _experiment = new();

    private readonly Argument<string[]> _runs = new("RUN")
    {
        Description = "Runs' folders, of one seed or several, or models: two networks or more. An ensemble stands for its members",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _average = new Option<string>("--average")
    {
        Description = "What is averaged: the probabilities that the members give each digit, or, after cross entropy, their logits",
        DefaultValueFactory = _ => AverageNames.All.Names[0],
    }.OneOf(AverageNames.All.Names);

    private readonly OutputFileOptions _file = new(
        $"The folder to save it in, which must not hold anything, or the model's file, called *{ModelExtension}; otherwise a new folder in "
        + $"{RunFolder.DefaultParent}/",
        $"DIR|FILE{ModelExtension}", "a model's file");

    private readonly Option<bool> _noReport = new("--no-report") { Description = "Save no report.html and no pictures" };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        EnsembleCommand ensemble = new();
        return new CommandWithExamples(
            "ensemble", "Make one model of several trained networks, whose outputs are averaged, and say how it does beside them.", s_examples,
            ensemble.Execute)
        {
            ensemble._runs,
            ensemble._average,
            ensemble._file.Out,
            ensemble._file.Force,
            ensemble._noReport,
            ensemble._experiment.Config,
            ensemble._experiment.Dataset,
            ensemble._experiment.Validation,
            ensemble._experiment.Data,
            ensemble._experiment.Json,
        };
    }

    private int Execute(ParseResult arguments, CancellationToken interruption)
    {
        bool json = arguments.GetValue(_experiment.Json);
        InvocationConfiguration streams = arguments.InvocationConfiguration;
        TextWriter talk = json ? streams.Error : streams.Output;

        string? config = arguments.GetValue(_experiment.Config);
        ExperimentConfiguration? named = config is null ? null : ConfigurationFile.Load(config);
        OutputAverage average = AverageNames.All[arguments.GetValue(_average)!];
        SavedEnsemble ensemble = new([.. arguments.GetValue(_runs)!.SelectMany(run => Members(run, named, streams.Error))], average);
        string? file = arguments.GetValue(_file.Out) is { } path && path.EndsWith(ModelExtension, StringComparison.OrdinalIgnoreCase)
            ? _file.Path(arguments, "")
            : null;
        using RunClaim? claim = file is null ? Claim(arguments.GetValue(_file.Out), ensemble.Name) : null;
        if (ensemble.Note is { } note)
        {
            streams.Error.WriteLine($"note: {note}");
        }

        ExperimentConfiguration digits = ensemble.Digits;
        if (named is not null)
        {
            digits = digits.OnDigitsOf(named);
        }

        using EnsembleClassifier network = ensemble.CreateClassifier();
        ReportedEnsemble reported = Evaluate(
            ensemble, network, _experiment.WithDigits(arguments, digits), _experiment.Folder(arguments), talk, streams.Error, interruption);
        interruption.ThrowIfCancellationRequested();

        SavedModel model = ensemble.ToModel();
        string saved = file ?? claim!.Folder.ModelPath;
        AtomicFile.Write(saved, stream => Safetensors.Write(stream, model));
        ModelEvaluation evaluation = reported.Evaluation with { Model = Path.GetFullPath(saved) };
        if (claim is not null)
        {
            claim.Folder.Save(evaluation);
            Report(reported, claim.Folder.FullPath, network, arguments.GetValue(_noReport), talk);
        }

        talk.WriteLine($"saved: {claim?.Folder.FullPath ?? evaluation.Model}");
        if (json)
        {
            streams.Output.WriteLine(JsonSerializer.Serialize(evaluation, ResultJson.Relaxed.ModelEvaluation));
        }

        return ExitCode.Done;
    }

    /// <summary>The page about it. The model is safe by then, and does not depend on it.</summary>
    private static void Report(ReportedEnsemble reported, string folder, EnsembleClassifier network, bool isUnwanted, TextWriter talk)
    {
        string? why = isUnwanted ? null : Drawing.Attempt(
            () => RunReport.Write(folder, reported.Test is { } test ? reported.With(test, network) : reported));
        if (why is not null)
        {
            talk.WriteLine($"note: there is no report. {why} 'trainer report {folder}' makes it.");
        }
    }

    private static RunClaim Claim(string? path, string name)
    {
        if (path is not null)
        {
            return RunClaim.ForOther(path, "another program");
        }

        RunClaim claim = RunClaim.Named(name);
        claim.Confirm();
        return claim;
    }

    /// <summary>The networks that a path stands for.</summary>
    private static IEnumerable<ModelMember> Members(string run, ExperimentConfiguration? named, TextWriter error)
    {
        foreach (string path in RunFolder.ModelsOf(run))
        {
            ModelFile file = ModelFile.Read(path, named);
            if (file.Saved.Note is { } note)
            {
                error.WriteLine($"note: {path}: {note}.");
            }

            if (file.Ensemble is { } inner)
            {
                error.WriteLine($"note: {path} is an ensemble; its {inner.Members.Count} members are taken, each with the weight of the others.");
            }

            foreach (ModelMember member in file.Members())
            {
                yield return member;
            }
        }
    }

    private static ReportedEnsemble Evaluate(
        SavedEnsemble ensemble, EnsembleClassifier network, ExperimentConfiguration digits, DataFolder folder, TextWriter talk,
        TextWriter error, CancellationToken interruption)
    {
        ModelEvaluation evaluation = new()
        {
            Experiment = ensemble.Name,
            Dataset = digits.Dataset.Name,
            Ensemble = ensemble.Summarize(null, null),
            ParametersSha256 = ensemble.ParametersSha256,
        };
        LoadedData data;
        try
        {
            data = digits.Dataset.WhyNotAtHand(folder) is { } why
                ? throw new BadInputException(why)
                : DataSets.Load(digits.Data, folder, talk.WriteLine, interruption);
        }
        catch (BadInputException failure)
        {
            // What the digits would tell can be had later; the model needs none.
            error.WriteLine($"note: the ensemble is not evaluated. {failure.Message}");
            Print(evaluation.Ensemble, "");
            return new ReportedEnsemble { Ensemble = ensemble, Evaluation = evaluation, WithoutDigits = failure.Message };
        }

        interruption.ThrowIfCancellationRequested();
        talk.WriteLine(ReportLines.Data(data));
        EnsembleEvaluation test = EnsembleEvaluation.Of(network, data.Test);
        evaluation = evaluation with
        {
            Dataset = data.Dataset.Name,
            TestedOn = data.IsValidation ? RunResult.Validation : null,
            Test = RunEvaluation.Of(test.Whole),
            Ensemble = ensemble.Summarize(null, test),
        };
        Print(evaluation.Ensemble, data.IsValidation ? RunResult.Validation : "test");
        talk.WriteLine($"{ensemble.Name}, {evaluation.Ensemble.Average} averaged:");
        talk.WriteLine(ReportLines.Test(evaluation.Test, data.IsValidation));
        return new ReportedEnsemble { Ensemble = ensemble, Evaluation = evaluation, Test = data.Test };

        void Print(EnsembleSummary members, string tested)
        {
            foreach (string line in EnsembleLines.Of(members, tested))
            {
                talk.WriteLine(line);
            }
        }
    }
}
