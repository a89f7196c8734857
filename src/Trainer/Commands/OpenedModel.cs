using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Commands;

/// <summary>A saved model that a command was given, and the experiment that was named with it.</summary>
internal sealed class OpenedModel
{
    private const int LongestName = 200;

    private readonly ExperimentConfiguration? _named;

    /// <summary>Reads the model, and the experiment if one is named.</summary>
    /// <param name="runOrModel">A run's folder, or a model's file.</param>
    /// <param name="config">The name or the file of an experiment; null where the model must speak for itself.</param>
    /// <param name="error">Takes a line if the file is not as this program writes it.</param>
    /// <exception cref="BadInputException">One of them is missing or cannot be read.</exception>
    public OpenedModel(string runOrModel, string? config, TextWriter error)
    {
        Path = RunFolder.ModelOf(runOrModel);
        _named = config is null ? null : ConfigurationFile.Load(config);
        Saved = ModelMetadata.Read(Path, _named);
        if (Saved.Note is { } note)
        {
            error.WriteLine($"note: {Path}: {note}.");
        }
    }

    /// <summary>The model's file.</summary>
    public string Path { get; }

    /// <summary>What it holds.</summary>
    public SavedModel Saved { get; }

    /// <summary>The experiment that the model says it comes from.</summary>
    public string? Experiment => Saved.Metadata.GetValueOrDefault("experiment") is { } name ? Excerpt.Of(name, LongestName) : null;

    /// <summary>The fingerprint of its parameters.</summary>
    public string ParametersSha256 => ParameterBytes.Sha256(Saved.Parameters);

    /// <summary>The configuration whose network and digits the model was trained with.</summary>
    /// <exception cref="BadInputException">The model says too little, and no experiment was named.</exception>
    public ExperimentConfiguration Describe() => ModelMetadata.Describe(Saved.Metadata, _named, Path);

    /// <summary>The trained network; to be disposed.</summary>
    /// <param name="configuration">What <see cref="Describe"/> said.</param>
    public IClassifier CreateNetwork(ExperimentConfiguration configuration) =>
        configuration.CreateClassifier(Saved.Parameters);
}
