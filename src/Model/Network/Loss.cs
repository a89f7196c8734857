namespace GpuConvnet.Model.Network;

/// <summary>What training minimises.</summary>
public enum Loss
{
    /// <summary>The mean of squared error over the ten outputs and over the examples; targets are +1 and -1.</summary>
    Mse,

    /// <summary>Softmax cross entropy of the ten outputs, the mean over the examples, in nats.</summary>
    CrossEntropy,
}
