namespace GpuConvnet.Trainer.Studies.Communication;

/// <summary>What <c>bench --ranks</c> measured.</summary>
internal sealed record RanksResult
{
    /// <summary>The command.</summary>
    public required string Command { get; init; }

    /// <summary>When, in UTC.</summary>
    public required DateTime Date { get; init; }

    /// <summary>The experiment.</summary>
    public required string Experiment { get; init; }

    /// <summary>What trained on each rank.</summary>
    public required string Device { get; init; }

    /// <summary>The MPI library.</summary>
    public required string Library { get; init; }

    /// <summary>How many ranks there were.</summary>
    public required int Ranks { get; init; }

    /// <summary>On how many machines.</summary>
    public required int Machines { get; init; }

    /// <summary>Threads of each rank.</summary>
    public required int Threads { get; init; }

    /// <summary>Examples of a step.</summary>
    public required int Batch { get; init; }

    /// <summary>Slices that a step is cut into.</summary>
    public required int Slices { get; init; }

    /// <summary>Parameters of the network.</summary>
    public required int Parameters { get; init; }

    /// <summary>How many times a step was measured.</summary>
    public required int Repeats { get; init; }

    /// <summary>A step's seconds: of each part the median of the repeats, and of the ranks the mean.</summary>
    public required StepParts Seconds { get; init; }

    /// <summary>What it lets expect elsewhere.</summary>
    public required IReadOnlyList<RanksPrediction> Predictions { get; init; }
}
