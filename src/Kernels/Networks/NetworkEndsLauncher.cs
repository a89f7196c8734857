using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The launches of <see cref="ImageKernels"/> and <see cref="LossKernels"/>.</summary>
/// <typeparam name="TLanes">Examples of a block.</typeparam>
/// <typeparam name="TImage">The sizes of an image.</typeparam>
internal sealed class NetworkEndsLauncher<TLanes, TImage> : NetworkEnds
    where TLanes : struct, ISize
    where TImage : struct, IUnitSizes
{
    private readonly Action<KernelConfig, ArrayView<float>, int, int, int, Perturbation, ArrayView<float>> _load;
    private readonly Choice _kernels;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="loss">The loss.</param>
    public NetworkEndsLauncher(KernelLoader loader, Loss loss)
    {
        loader.Load(KernelKind.LoadImages, ImageKernels.Load<TImage>, out _load);
        _kernels = new Choice { Loader = loader };
        loss.Accept(ref _kernels);
    }

    /// <inheritdoc/>
    public override void Load(in DevicePass pass, ArrayView<float> images, int stride, int count) => _load(
        pass.OverBlocks(Shape1989.InputSize), images, stride, count, pass.FirstExample, pass.Perturbation, pass.Input);

    /// <inheritdoc/>
    public override void Backward(in DevicePass pass, ArrayView<byte> labels, int count, Targets targets, float scale) =>
        _kernels.Backward(pass.OverBlocks(1), pass.Output, labels, count, targets, scale, pass.OutputGradient);

    /// <inheritdoc/>
    public override void Evaluate(
        in DevicePass pass, ArrayView<byte> labels, int count, ArrayView<float> losses, ArrayView<int> misses, int firstBlock) =>
        _kernels.Evaluate(pass.OverBlocks(1), pass.Output, labels, count, losses, misses, firstBlock);

    private struct Choice : ILossVisitor
    {
        public required KernelLoader Loader;
        public Action<KernelConfig, ArrayView<float>, ArrayView<byte>, int, Targets, float, ArrayView<float>> Backward;
        public Action<KernelConfig, ArrayView<float>, ArrayView<byte>, int, ArrayView<float>, ArrayView<int>, int> Evaluate;

        public void Visit<TLoss>()
            where TLoss : struct, ILoss
        {
            Loader.Load(KernelKind.LossBackward, LossKernels.Backward<TLanes, TLoss>, out Backward);
            Loader.Load(KernelKind.Evaluate, LossKernels.Evaluate<TLanes, TLoss>, out Evaluate);
        }
    }
}
