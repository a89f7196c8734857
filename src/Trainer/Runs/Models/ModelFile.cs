using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model;
using GpuConvnet.Model.Losses;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Runs.Models;

/// <summary>A saved model that was read, whole and undamaged: one network, or an ensemble of several.</summary>
internal sealed class ModelFile
{
    private const int LongestName = 200;

    private readonly ExperimentConfiguration? _named;

    private ModelFile(string path, SavedModel saved, SavedEnsemble? ensemble, ExperimentConfiguration? named)
    {
        Path = path;
        Saved = saved;
        Ensemble = ensemble;
        _named = named;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What it holds: of an ensemble the tensors of all members.</summary>
    public SavedModel Saved { get; }

    /// <summary>The ensemble; null for a single network.</summary>
    public SavedEnsemble? Ensemble { get; }

    /// <summary>The experiment that the model says it comes from.</summary>
    public string? Experiment => Saved.Metadata.GetValueOrDefault("experiment") is { } name ? Excerpt.Of(name, LongestName) : null;

    /// <summary>The fingerprint of its parameters, of an ensemble of all members' in order.</summary>
    public string ParametersSha256 => ParameterBytes.Sha256(Saved.Parameters);

    /// <summary>What its outputs are read by.</summary>
    /// <exception cref="BadInputException">The model says too little, and no experiment was named.</exception>
    public Loss Loss => Ensemble?.Averaging.Loss ?? Describe().Loss;

    /// <summary>What a user calls it: a run by its folder.</summary>
    private string Source =>
        System.IO.Path.GetFileName(Path) == RunFolder.ModelName && System.IO.Path.GetDirectoryName(Path) is { Length: > 0 } folder
            ? folder
            : Path;

    /// <summary>Reads a model.</summary>
    /// <param name="runOrModel">A run's folder, or a model's file.</param>
    /// <param name="named">The experiment that was named with it; null where the model must speak for itself.</param>
    /// <exception cref="BadInputException">It is missing or cannot be read.</exception>
    public static ModelFile Read(string runOrModel, ExperimentConfiguration? named)
    {
        string path = RunFolder.ModelOf(runOrModel);
        SavedModel saved = ModelMetadata.Read(path, metadata => metadata.ContainsKey(ModelMetadata.EnsembleKey)
            ? SavedEnsemble.PartsOf(metadata, path)
            : ModelMetadata.PartsOf(metadata, named, path));
        SavedEnsemble? ensemble = saved.Metadata.ContainsKey(ModelMetadata.EnsembleKey) ? SavedEnsemble.Of(saved, path) : null;
        return new ModelFile(path, saved, ensemble, named);
    }

    /// <summary>
    /// The configuration of the network and of the digits that it was trained with. Of an ensemble it is the first member's, with the
    /// digits of the experiment that was named, and says nothing of the other members' networks, nor of <see cref="Loss"/>.
    /// </summary>
    /// <exception cref="BadInputException">The model says too little, and no experiment was named.</exception>
    public ExperimentConfiguration Describe() => Ensemble is null
        ? ModelMetadata.Describe(Saved.Metadata, _named, Path)
        : _named is null ? Ensemble.Digits
        : Ensemble.Digits.OnDigitsOf(_named);

    /// <summary>The networks that it holds: one, or an ensemble's members.</summary>
    /// <exception cref="BadInputException">The model says too little, and no experiment was named.</exception>
    public IReadOnlyList<ModelMember> Members() =>
        Ensemble?.Members ?? [new ModelMember(Source, Describe(), Saved.Metadata, Saved.Parameters)];

    /// <summary>What classifies; to be disposed.</summary>
    /// <exception cref="BadInputException">The model says too little, and no experiment was named.</exception>
    public IClassifier CreateClassifier() =>
        Ensemble is null ? Describe().CreateClassifier(Saved.Parameters) : Ensemble.CreateClassifier();
}
