using GpuConvnet.Model.Ensembles;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Runs.Models;

/// <summary>What the averages of an ensemble are called, on the command line and in its file.</summary>
internal static class AverageNames
{
    /// <summary>All of them.</summary>
    public static NameTable<OutputAverage> All { get; } = new(
        ("probabilities", OutputAverage.Probabilities),
        ("logits", OutputAverage.Logits));
}
