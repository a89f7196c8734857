using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model;
using GpuConvnet.Model.Losses;
using GpuConvnet.Trainer.Runs.Models;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Commands;

/// <summary>A saved model that a command was given, one network or an ensemble, and the experiment that was named with it.</summary>
internal sealed class OpenedModel
{
    private readonly ModelFile _file;

    /// <summary>Reads the model, and the experiment if one is named.</summary>
    /// <param name="runOrModel">A run's folder, or a model's file.</param>
    /// <param name="config">The name or the file of an experiment; null where the model must speak for itself.</param>
    /// <param name="error">Takes a line if the file is not as this program writes it.</param>
    /// <exception cref="BadInputException">One of them is missing or cannot be read.</exception>
    public OpenedModel(string runOrModel, string? config, TextWriter error)
    {
        _file = ModelFile.Read(runOrModel, config is null ? null : ConfigurationFile.Load(config));
        if (Saved.Note is { } note)
        {
            error.WriteLine($"note: {Path}: {note}.");
        }
    }

    /// <summary>The model's file.</summary>
    public string Path => _file.Path;

    /// <summary>What it holds.</summary>
    public SavedModel Saved => _file.Saved;

    /// <summary>The ensemble; null for a single network.</summary>
    public SavedEnsemble? Ensemble => _file.Ensemble;

    /// <inheritdoc cref="ModelFile.Experiment"/>
    public string? Experiment => _file.Experiment;

    /// <inheritdoc cref="ModelFile.ParametersSha256"/>
    public string ParametersSha256 => _file.ParametersSha256;

    /// <inheritdoc cref="ModelFile.Loss"/>
    public Loss Loss => _file.Loss;

    /// <inheritdoc cref="ModelFile.Describe"/>
    public ExperimentConfiguration Describe() => _file.Describe();

    /// <summary>What classifies; to be disposed.</summary>
    public IClassifier CreateNetwork() => _file.CreateClassifier();
}
