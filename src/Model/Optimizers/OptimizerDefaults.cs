namespace GpuConvnet.Model.Optimizers;

/// <summary>What an optimizer's authors or PyTorch begin with, where options say nothing.</summary>
internal sealed record OptimizerDefaults
{
    /// <summary>The momentum, in [0, 1).</summary>
    public double Momentum { get; init; }

    /// <summary>Whether it is Nesterov's.</summary>
    public bool Nesterov { get; init; }

    /// <summary>The first decay, in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>The second decay, in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;
}
