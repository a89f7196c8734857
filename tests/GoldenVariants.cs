using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Tests;

/// <summary>What the names in golden/net stand for.</summary>
internal static class GoldenVariants
{
    public static NetworkOptions Options(string variant) => variant switch
    {
        "base" => NetworkOptions.Base1989,
        "softmax" => new(HiddenActivation.Tanh, OutputActivation.Linear, Loss.CrossEntropy),
        "relu" => new(HiddenActivation.ReLU, OutputActivation.Linear, Loss.CrossEntropy),
        _ => throw new ArgumentOutOfRangeException(nameof(variant), variant, "base, softmax or relu"),
    };

    public static (OptimizerOptions Options, double LearningRate) Optimizer(string name) => name switch
    {
        "adam" => (new(OptimizerKind.Adam), 1e-3),
        "adamw" => (new(OptimizerKind.AdamW, WeightDecay: 0.01), 3e-4),
        "sgdm" => (new(OptimizerKind.Sgd, Momentum: 0.9, Nesterov: true), 0.1),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "adam, adamw or sgdm"),
    };
}
