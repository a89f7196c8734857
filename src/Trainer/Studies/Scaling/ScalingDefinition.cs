using System.Text.Json.Nodes;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>
/// What decides the numbers of all points: a folder holds the runs of one definition. The grid is no part of it, so that it can
/// grow.
/// </summary>
internal sealed record ScalingDefinition
{
    /// <summary>The base experiment without what points differ in.</summary>
    public required JsonNode Configuration { get; init; }

    /// <summary>The digits; never <c>auto</c>.</summary>
    public required string Dataset { get; init; }

    /// <summary>What trains.</summary>
    public required string Accelerator { get; init; }

    /// <summary>The definition of an experiment.</summary>
    /// <param name="configuration">The base experiment.</param>
    /// <param name="dataset">The digits that were found for it.</param>
    /// <param name="accelerator">What was chosen to train it.</param>
    public static ScalingDefinition Of(ExperimentConfiguration configuration, string dataset, string accelerator)
    {
        byte[] serialized = ConfigurationFile.Serialize(configuration with { Schema = null, Description = null });
        JsonObject json = JsonNode.Parse(serialized)!.AsObject();
        foreach (string key in (string[])["dataset", "train", "seed", "evaluateEvery"])
        {
            json.Remove(key);
        }

        return new ScalingDefinition { Configuration = json, Dataset = dataset, Accelerator = accelerator };
    }
}
