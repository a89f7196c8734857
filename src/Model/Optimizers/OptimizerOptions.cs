namespace GpuConvnet.Model.Optimizers;

/// <summary>An optimizer and its constants; the learning rate comes from a schedule. Defaults are PyTorch's.</summary>
/// <param name="Kind">Which optimizer.</param>
/// <param name="Momentum">SGD's momentum, in [0, 1).</param>
/// <param name="Nesterov">Whether SGD's momentum is Nesterov's.</param>
/// <param name="Beta1">Adam's decay of the gradient's mean, in [0, 1).</param>
/// <param name="Beta2">Adam's decay of the squared gradient's mean, in [0, 1).</param>
/// <param name="Epsilon">What Adam adds to the root, above 0.</param>
/// <param name="WeightDecay">The rate at which parameters shrink, times the learning rate, a step.</param>
public sealed record OptimizerOptions(
    OptimizerKind Kind,
    double Momentum = 0,
    bool Nesterov = false,
    double Beta1 = 0.9,
    double Beta2 = 0.999,
    double Epsilon = 1e-8,
    double WeightDecay = 0);
