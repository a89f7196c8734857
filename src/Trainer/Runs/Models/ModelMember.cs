using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Runs.Models;

/// <summary>A trained network that is, or becomes, one of an ensemble.</summary>
/// <param name="Source">Where it comes from, for the user: a file, or a place in an ensemble's.</param>
/// <param name="Configuration">Which network it is, and which digits it was trained on.</param>
/// <param name="Metadata">What its file says of it.</param>
/// <param name="Parameters">Its parameters, in the order of the configuration's parts.</param>
internal sealed record ModelMember(
    string Source, ExperimentConfiguration Configuration, IReadOnlyDictionary<string, string> Metadata, float[] Parameters)
{
    /// <summary>The fingerprint of its parameters.</summary>
    public string ParametersSha256 => ParameterBytes.Sha256(Parameters);

    /// <summary>The seed that it was trained from, where its file says it.</summary>
    public string? Seed => Metadata.GetValueOrDefault("seed");

    /// <summary>
    /// What the file of an ensemble says of it: what its own says, what was named for it where that says nothing, and the fingerprint
    /// of the parameters in place of that of the file.
    /// </summary>
    public IReadOnlyDictionary<string, string> Description
    {
        get
        {
            Dictionary<string, string> description = ModelMetadata.Of(Configuration);
            foreach ((string key, string value) in Metadata)
            {
                description[key] = value;
            }

            description.Remove("format");
            description.Remove(ModelMetadata.ContentKey);
            description[EnsembleDescription.ParametersKey] = ParametersSha256;
            return description;
        }
    }
}
