using System.Text.Json.Nodes;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>One configuration of a sweep.</summary>
/// <param name="Number">Its number in the sweep, from 1.</param>
/// <param name="Settings">What it sets, by JSON path.</param>
/// <param name="Configuration">The experiment with these settings.</param>
internal sealed record SweepPoint(int Number, JsonObject Settings, ExperimentConfiguration Configuration)
{
    /// <summary>The settings in a line: <c>optimizer.learningRate=0.03 batch=full</c>.</summary>
    public static string Text(JsonObject settings) =>
        string.Join(' ', settings.Select(setting => $"{setting.Key}={ValueText(setting.Value)}"));

    /// <summary>A setting's value; a text without its quotation marks.</summary>
    public static string ValueText(JsonNode? value) => value?.ToString() ?? "null";
}
