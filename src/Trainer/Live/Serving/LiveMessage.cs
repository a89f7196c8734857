using GpuConvnet.Trainer.Live.Board;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>What a page is told of: the state of all, the rows of the table that have changed, and the run that it looks at.</summary>
internal sealed record LiveMessage
{
    /// <summary>What becomes of all, see <see cref="LiveState"/>.</summary>
    public required LiveState State { get; init; }

    /// <summary>What there is to say; null for nothing.</summary>
    public string? Message { get; init; }

    /// <summary>How many runs there are, those that are no longer listed among them.</summary>
    public required int Count { get; init; }

    /// <summary>The rows that have changed; of a page that begins, all.</summary>
    public required IReadOnlyList<Row> Rows { get; init; }

    /// <summary>The run that the page looks at; null for none.</summary>
    public Detail? Run { get; init; }

    /// <summary>A run in the table.</summary>
    internal sealed record Row
    {
        /// <summary>Its number.</summary>
        public required int Run { get; init; }

        /// <inheritdoc cref="LiveRun.Edition"/>
        public required int Edition { get; init; }

        /// <summary>Its name.</summary>
        public required string Name { get; init; }

        /// <summary>What becomes of it.</summary>
        public required LiveState State { get; init; }

        /// <summary>What there is to say about its end; null for nothing.</summary>
        public string? Message { get; init; }

        /// <summary>Its seed.</summary>
        public required uint Seed { get; init; }

        /// <summary>The steps so far.</summary>
        public required long Steps { get; init; }

        /// <summary>The steps that it is to take.</summary>
        public required long Total { get; init; }

        /// <summary>Training digits that it gets wrong; null before the first evaluation.</summary>
        public int? TrainMisses { get; init; }

        /// <summary>Likewise of the digits that it is tested on.</summary>
        public int? TestMisses { get; init; }

        /// <summary>The error of these in percent; before the first evaluation, that of the first of them, if it is known.</summary>
        public double? Error { get; init; }

        /// <summary>The error of these in percent, from its beginning to now.</summary>
        public required IReadOnlyList<double> Curve { get; init; }
    }

    /// <summary>A run as somebody sees it who looks at it.</summary>
    internal sealed record Detail
    {
        /// <summary>Its number.</summary>
        public required int Run { get; init; }

        /// <inheritdoc cref="LiveRun.Edition"/>
        public required int Edition { get; init; }

        /// <summary>The steps so far.</summary>
        public required long Steps { get; init; }

        /// <summary>The seconds since it began, pauses not counted.</summary>
        public required double Seconds { get; init; }

        /// <summary>The learning rate of the last step; null before the first.</summary>
        public double? LearningRate { get; init; }

        /// <summary>The steps that the newest parameters had taken; null where there are none.</summary>
        public long? Parameters { get; init; }

        /// <summary>The newest evaluation; null before the first.</summary>
        public Runs.Results.HistoryEntry? Latest { get; init; }

        /// <summary>Evaluations that the page lacks.</summary>
        public required LiveSeriesPart Evaluations { get; init; }

        /// <summary>Norms that the page lacks.</summary>
        public required LiveSeriesPart GradientNorms { get; init; }

        /// <summary>Examinations that the page lacks.</summary>
        public required LiveSeriesPart Examinations { get; init; }

        /// <summary>What it gets wrong now; null where that is not new.</summary>
        public LiveMistakes? Mistakes { get; init; }
    }
}
