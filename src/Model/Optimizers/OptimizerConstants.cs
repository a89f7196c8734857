namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// The constants of one step, in float32, as the update rules want them on the host and on a device. An optimizer sets those
/// that its rule reads. They are a multiple of sixteen bytes, so that kernels read what lies behind them sixteen bytes at a time.
/// </summary>
internal readonly struct OptimizerConstants
{
    /// <summary>This step's learning rate.</summary>
    public float LearningRate { get; init; }

    /// <summary>SGD's momentum, and that of Muon's matrices.</summary>
    public float Momentum { get; init; }

    /// <summary>The momentum once more if it is Nesterov's, 0 if it is not.</summary>
    public float NesterovMomentum { get; init; }

    /// <summary>Adam's first decay; Lion's for the direction.</summary>
    public float Beta1 { get; init; }

    /// <summary>Adam's second decay; Lion's of the momentum; what Newton's running means keep.</summary>
    public float Beta2 { get; init; }

    /// <summary>1 - <see cref="Beta1"/>, rounded once.</summary>
    public float OneMinusBeta1 { get; init; }

    /// <summary>1 - <see cref="Beta2"/>, rounded once; what a step's second derivatives are in Newton's running means.</summary>
    public float OneMinusBeta2 { get; init; }

    /// <summary>What Adam adds to the root, and Newton to the mean second derivative.</summary>
    public float Epsilon { get; init; }

    /// <summary>Adam's learning rate, corrected for the first moment's bias.</summary>
    public float StepSize { get; init; }

    /// <summary>The root of the second moment's correction.</summary>
    public float RootOfCorrection2 { get; init; }

    /// <summary>Weight decay as a part of the gradient: SGD and Adam; in schedule-free AdamW of the normalized one.</summary>
    public float CoupledDecay { get; init; }

    /// <summary>What AdamW and Lion multiply the parameters with first.</summary>
    public float Shrink { get; init; }

    /// <summary>The same for Muon's matrices.</summary>
    public float MatrixShrink { get; init; }

    /// <summary>Of Muon's matrices the factor before the root of the larger side; 0 for a scale by the ratio of the sides.</summary>
    public float SizeScale { get; init; }

    /// <summary>What a step leaves of the distance from schedule-free's parameters to their average.</summary>
    public float AverageKept { get; init; }

    /// <summary>What of that distance the parameters give way by.</summary>
    public float AveragePull { get; init; }
}
