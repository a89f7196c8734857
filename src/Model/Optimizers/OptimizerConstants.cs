namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// The constants of one step, in float32, as the update rules want them on the host and on a device. An optimizer sets those
/// that its rule reads.
/// </summary>
public readonly struct OptimizerConstants
{
    /// <summary>This step's learning rate.</summary>
    public float LearningRate { get; init; }

    /// <summary>SGD's momentum.</summary>
    public float Momentum { get; init; }

    /// <summary>SGD's momentum once more if it is Nesterov's, 0 if it is not.</summary>
    public float NesterovMomentum { get; init; }

    /// <summary>Adam's first decay.</summary>
    public float Beta1 { get; init; }

    /// <summary>Adam's second decay; what Newton's running means keep.</summary>
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

    /// <summary>Weight decay as a part of the gradient: SGD and Adam.</summary>
    public float CoupledDecay { get; init; }

    /// <summary>What AdamW multiplies the parameters with first.</summary>
    public float Shrink { get; init; }
}
