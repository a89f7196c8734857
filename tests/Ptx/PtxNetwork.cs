using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Tests.Ptx;

/// <summary>What kernels are generic in, for a network.</summary>
internal sealed record PtxNetwork(Type Hidden, Type Output, Type Loss, Targets Targets)
{
    public static PtxNetwork Of(NetworkOptions options) => new(
        options.Hidden switch
        {
            HiddenActivation.ReLU => typeof(ReLU),
            HiddenActivation.Gelu => typeof(Gelu),
            HiddenActivation.ScaledTanh => typeof(ScaledTanh),
            _ => typeof(Tanh),
        },
        options.Output switch
        {
            OutputActivation.Linear => typeof(Linear),
            OutputActivation.ScaledTanh => typeof(ScaledTanh),
            _ => typeof(Tanh),
        },
        options.Loss == Model.Network.Loss.CrossEntropy ? typeof(SoftmaxCrossEntropy) : typeof(SquaredError),
        options.Loss == Model.Network.Loss.CrossEntropy
            ? SoftmaxCrossEntropy.Targets(options.LabelSmoothing)
            : SquaredError.Targets(options.LabelSmoothing));
}
