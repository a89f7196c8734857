using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Studies.Timeline;

/// <summary>The whole timeline, as <c>--json</c> prints it and <c>timeline.json</c> holds it.</summary>
internal sealed record TimelineResult
{
    /// <summary>The command that gives it.</summary>
    public required string Command { get; init; }

    /// <summary>When it was made, in UTC.</summary>
    public required DateTime Date { get; init; }

    /// <summary>The machine's processor.</summary>
    public required string Processor { get; init; }

    /// <summary>How many cores the program may use.</summary>
    public required int Cores { get; init; }

    /// <summary>The version of .NET.</summary>
    public required string Runtime { get; init; }

    /// <summary>True when not all that was asked for is there yet; otherwise the key is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Interrupted { get; init; }

    /// <summary>Seconds by the wall clock; runs that an earlier call finished cost nothing.</summary>
    public required double Seconds { get; init; }

    /// <summary>The rows of which anything is finished, in order.</summary>
    public required IReadOnlyList<TimelinePoint> Rows { get; init; }
}
