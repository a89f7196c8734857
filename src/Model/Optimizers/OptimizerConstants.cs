namespace GpuConvnet.Model.Optimizers;

/// <summary>The constants of one step, in float32, as the update rules want them on the host and on a device.</summary>
public readonly struct OptimizerConstants
{
    /// <summary>Computes one step's constants in double precision.</summary>
    /// <param name="options">The optimizer.</param>
    /// <param name="learningRate">This step's learning rate.</param>
    /// <param name="step">The step, from 0.</param>
    public OptimizerConstants(OptimizerOptions options, double learningRate, int step)
    {
        ArgumentNullException.ThrowIfNull(options);
        LearningRate = (float)learningRate;
        Momentum = (float)options.Momentum;

        // PyTorch's momentum buffer begins as the first gradient; so does one that begins at zero.
        NesterovMomentum = options.Nesterov ? (float)options.Momentum : 0f;
        Beta1 = (float)options.Beta1;
        Beta2 = (float)options.Beta2;
        OneMinusBeta1 = (float)(1 - options.Beta1);
        OneMinusBeta2 = (float)(1 - options.Beta2);
        Epsilon = (float)options.Epsilon;
        StepSize = (float)(learningRate / (1 - Math.Pow(options.Beta1, step + 1)));
        RootOfCorrection2 = (float)Math.Sqrt(1 - Math.Pow(options.Beta2, step + 1));
        CoupledDecay = options.Kind == OptimizerKind.AdamW ? 0f : (float)options.WeightDecay;
        Shrink = options.Kind == OptimizerKind.AdamW ? (float)(1 - learningRate * options.WeightDecay) : 1f;
    }

    /// <summary>This step's learning rate.</summary>
    public float LearningRate { get; }

    /// <summary>SGD's momentum.</summary>
    public float Momentum { get; }

    /// <summary>SGD's momentum once more if it is Nesterov's, 0 if it is not.</summary>
    public float NesterovMomentum { get; }

    /// <summary>Adam's first decay.</summary>
    public float Beta1 { get; }

    /// <summary>Adam's second decay.</summary>
    public float Beta2 { get; }

    /// <summary>1 - <see cref="Beta1"/>, rounded once.</summary>
    public float OneMinusBeta1 { get; }

    /// <summary>1 - <see cref="Beta2"/>, rounded once.</summary>
    public float OneMinusBeta2 { get; }

    /// <summary>What Adam adds to the root.</summary>
    public float Epsilon { get; }

    /// <summary>Adam's learning rate, corrected for the first moment's bias.</summary>
    public float StepSize { get; }

    /// <summary>The root of the second moment's correction.</summary>
    public float RootOfCorrection2 { get; }

    /// <summary>Weight decay as a part of the gradient: SGD and Adam.</summary>
    public float CoupledDecay { get; }

    /// <summary>What AdamW multiplies the parameters with first.</summary>
    public float Shrink { get; }
}
