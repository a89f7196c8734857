using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Tests;

/// <summary>What the names in golden/net stand for.</summary>
internal static class GoldenVariants
{
    public static NetworkOptions Options(string variant) => variant switch
    {
        "base" => NetworkOptions.Base1989,
        "softmax" => new(Activation.Of<Tanh>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()),
        "relu" => new(Activation.Of<ReLU>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()),
        _ => throw new ArgumentOutOfRangeException(nameof(variant), variant, "base, softmax or relu"),
    };

    public static OptimizerOptions OptimizerOf(string name) => name switch
    {
        "adam" => new(Optimizer.Of<Adam>(), 1e-3),
        "adamw" => new(Optimizer.Of<AdamW>(), 3e-4) { WeightDecay = 0.01 },
        "sgdm" => new(Optimizer.Of<Sgd>(), 0.1) { Momentum = 0.9, Nesterov = true },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "adam, adamw or sgdm"),
    };
}
