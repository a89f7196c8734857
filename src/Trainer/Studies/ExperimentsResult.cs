using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Studies;

/// <summary>
/// The table of a study of experiments that have names: what made it, and its rows. Whoever makes it does so here and now.
/// </summary>
/// <typeparam name="TRow">A row.</typeparam>
internal abstract record ExperimentsResult<TRow>
{
    /// <summary>The command that gives it.</summary>
    public required string Command { get; init; }

    /// <summary>When it was made, in UTC.</summary>
    public DateTime Date { get; init; } = DateTime.UtcNow;

    /// <summary>The machine's processor.</summary>
    public string Processor { get; init; } = HostProcessor.Name;

    /// <summary>How many cores the program may use.</summary>
    public int Cores { get; init; } = Environment.ProcessorCount;

    /// <summary>The version of .NET.</summary>
    public string Runtime { get; init; } = RuntimeInformation.FrameworkDescription.Replace(".NET ", "", StringComparison.Ordinal);

    /// <summary>True when not all that was asked for is there yet; otherwise the key is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Interrupted { get; init; }

    /// <summary>Seconds by the wall clock; runs that an earlier call finished cost nothing.</summary>
    public required double Seconds { get; init; }

    /// <summary>The rows of which anything is finished, in order.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<TRow> Rows { get; init; }
}
