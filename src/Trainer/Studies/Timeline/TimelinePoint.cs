using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Studies.Timeline;

/// <summary>What a row of the timeline gave over its seeds.</summary>
internal sealed record TimelinePoint
{
    /// <inheritdoc cref="TimelineRow.Year"/>
    public required int Year { get; init; }

    /// <summary>The configuration's name; an ensemble says how many of it there are.</summary>
    public required string Experiment { get; init; }

    /// <inheritdoc cref="TimelineRow.Change"/>
    public required string Change { get; init; }

    /// <inheritdoc cref="RunResult.Accelerator"/>
    public required string Accelerator { get; init; }

    /// <inheritdoc cref="RunResult.Dataset"/>
    public required string Dataset { get; init; }

    /// <summary>The digits that were trained on.</summary>
    public required int TrainDigits { get; init; }

    /// <summary>The digits that it was tested on.</summary>
    public required int TestDigits { get; init; }

    /// <summary>The seeds.</summary>
    public required IReadOnlyList<uint> Seeds { get; init; }

    /// <summary>Test digits classified wrongly, over the seeds; of an ensemble there is one number.</summary>
    public required Statistic TestMisses { get; init; }

    /// <summary>Training digits classified wrongly, likewise.</summary>
    public required Statistic TrainMisses { get; init; }

    /// <summary>Seconds of training: the median run's; of an ensemble all members'.</summary>
    public required double TrainSeconds { get; init; }

    /// <summary>Seconds that the teacher's training took before, of several seeds all of them; null where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TeacherSeconds { get; init; }

    /// <summary>The test digits that the teacher misclassifies, of several seeds their ensemble; null where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TeacherTestMisses { get; init; }

    /// <summary>Parameters of what classifies.</summary>
    public required long Parameters { get; init; }

    /// <summary>Multiply-accumulates that it takes to classify a digit.</summary>
    public required long MultiplyAccumulates { get; init; }
}
