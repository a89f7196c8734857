using GpuConvnet.Model;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Trainer.Runs.Models;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Views.Errors;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>An ensemble as a report shows it.</summary>
internal sealed record ReportedEnsemble
{
    /// <summary>The ensemble.</summary>
    public required SavedEnsemble Ensemble { get; init; }

    /// <summary>How it did when it was made, and what its members were called then; with its digits at hand, how it does.</summary>
    public required ModelEvaluation Evaluation { get; init; }

    /// <summary>The digits that it is examined on; null where they are not at hand.</summary>
    public Examples? Test { get; init; }

    /// <summary>What it gets wrong of them; null likewise.</summary>
    public ErrorAnalysis? Errors { get; init; }

    /// <summary>Why there are no digits; null where there are.</summary>
    public string? WithoutDigits { get; init; }

    /// <summary>What digits it was tested on, in a word.</summary>
    public string Tested => Evaluation.TestedOn ?? "test";

    /// <summary>Reads an ensemble.</summary>
    /// <param name="path">Its folder, as <c>trainer ensemble</c> wrote it.</param>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static ReportedEnsemble Read(string path)
    {
        RunFolder folder = new(path);
        ModelFile model = ModelFile.Read(folder.ModelPath, named: null);
        SavedEnsemble ensemble = model.Ensemble
            ?? throw new BadInputException($"{model.Path} is the model of a single network, and no ensemble's as the file beside it says.");
        ModelEvaluation evaluation = folder.ReadEnsemble();
        return evaluation.ParametersSha256 == ensemble.ParametersSha256 && evaluation.Ensemble!.Members.Count == ensemble.Members.Count
            ? new ReportedEnsemble { Ensemble = ensemble, Evaluation = evaluation }
            : throw new BadInputException(
                $"{path} holds the model of one ensemble and the result of another. Make it again with 'trainer ensemble'.");
    }

    /// <summary>The ensemble with the digits that it is examined on, if they are at hand; nothing is downloaded.</summary>
    /// <param name="folder">Where they are looked for.</param>
    public ReportedEnsemble WithDigits(DataFolder folder)
    {
        ExperimentConfiguration digits = Ensemble.Digits;
        if (ConfigurationNames.Dataset.TryParse(Evaluation.Dataset, out DataSet? dataset) && dataset != digits.Dataset)
        {
            digits = digits with { Dataset = dataset, Files = null };
        }

        digits = Evaluation.TestedOn is null ? digits with { Validation = 0 } : digits;
        if (digits.Dataset.WhyNotAtHand(folder) is { } why)
        {
            return this with { WithoutDigits = why };
        }

        try
        {
            return Examined(DataSets.Load(digits.Data, folder, _ => { }, CancellationToken.None).Test);
        }
        catch (BadInputException failure)
        {
            return this with { WithoutDigits = failure.Message };
        }
    }

    /// <summary>The ensemble with the digits that its evaluation is about.</summary>
    /// <param name="test">The digits.</param>
    /// <param name="network">The ensemble.</param>
    public ReportedEnsemble With(Examples test, EnsembleClassifier network) =>
        this with { Test = test, Errors = ErrorAnalysis.Of(network, test, Ensemble.Averaging.Loss) };

    private ReportedEnsemble Examined(Examples test)
    {
        using EnsembleClassifier network = Ensemble.CreateClassifier();
        EnsembleEvaluation members = EnsembleEvaluation.Of(network, test);
        EnsembleSummary known = Evaluation.Ensemble!;
        EnsembleSummary found = Ensemble.Summarize(null, members);
        return With(test, network) with
        {
            Evaluation = Evaluation with
            {
                Test = RunEvaluation.Of(members.Whole),
                Ensemble = found with
                {
                    // The file of the model does not say where its members came from.
                    Members = [.. found.Members.Zip(known.Members, (member, made) => member with { Source = made.Source })],
                },
            },
        };
    }
}
