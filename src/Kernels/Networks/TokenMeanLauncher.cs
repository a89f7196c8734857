using GpuConvnet.Kernels.Compilation;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The launches of <see cref="TokenMeanKernels"/>.</summary>
/// <typeparam name="TSizes">The layer's sizes.</typeparam>
internal sealed class TokenMeanLauncher<TSizes> : DeviceLayer
    where TSizes : struct, ITokenSizes
{
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>> _forward;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>> _backward;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">The device's.</param>
    public TokenMeanLauncher(KernelLoader loader)
    {
        loader.Load(KernelKind.TokenMeanForward, TokenMeanKernels.Forward<TSizes>, out _forward);
        loader.Load(KernelKind.TokenMeanBackward, TokenMeanKernels.Backward<TSizes>, out _backward);
    }

    /// <inheritdoc/>
    public override void Forward(in DevicePass pass) => _forward(pass.OverBlocks(TSizes.Features), pass.Input, pass.Output);

    /// <inheritdoc/>
    public override void Backward(in DevicePass pass)
    {
        if (pass.InputGradient.Length > 0)
        {
            _backward(pass.OverBlocks(TSizes.Features), pass.OutputGradient, pass.InputGradient);
        }
    }
}
