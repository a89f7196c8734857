using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Teaching;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The launches of <see cref="TeachingKernels"/>.</summary>
/// <typeparam name="TLanes">Examples of a block.</typeparam>
internal sealed class TeachingEndsLauncher<TLanes> : TeachingEnds
    where TLanes : struct, ISize
{
    private readonly Action<KernelConfig, ArrayView<float>, int, int, float, ArrayView<float>> _add;
    private readonly Action<KernelConfig, int, float, float, float, ArrayView<float>>? _soften;
    private readonly Choice _kernels;
    private readonly Distillation _distillation;
    private readonly bool _areProbabilities;
    private readonly bool _learnsProbabilities;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="loss">What the learner is trained by.</param>
    /// <param name="distillation">How it learns.</param>
    public TeachingEndsLauncher(KernelLoader loader, Teacher teacher, Loss loss, Distillation distillation)
    {
        _distillation = distillation;
        _areProbabilities = teacher.AveragesProbabilities;
        _learnsProbabilities = loss.NeedsLinearOutput;
        loader.Load(KernelKind.TeacherOutputs, TeachingKernels.Add<TLanes>, out _add);
        if (teacher.GivesLogits)
        {
            loader.Load(KernelKind.TeacherTargets, TeachingKernels.Soften<TLanes>, out _soften);
        }

        _kernels = new Choice { Loader = loader };
        loss.Accept(ref _kernels);
    }

    /// <inheritdoc/>
    public override void Add(in DevicePass pass, int member, int members, ArrayView<float> taught) => _add(
        pass.OverBlocks(1), pass.Output, member == 0 ? 1 : 0, _areProbabilities ? 1 : 0, 1f / members, taught);

    /// <inheritdoc/>
    public override void Soften(in DevicePass pass, ArrayView<float> taught) => _soften?.Invoke(
        pass.OverBlocks(1), _areProbabilities ? 1 : 0, 1f / _distillation.Temperature, _learnsProbabilities ? 1f : 2f,
        _learnsProbabilities ? 0f : -1f, taught);

    /// <inheritdoc/>
    public override void Backward(
        in DevicePass pass, ArrayView<float> taught, ArrayView<byte> labels, int count, Targets targets, float scale) =>
        _kernels.Backward(
            pass.OverBlocks(1), pass.Output, taught, labels, new TeachingAim(count, targets, _distillation, scale),
            pass.OutputGradient);

    private struct Choice : ILossVisitor
    {
        public required KernelLoader Loader;

        public Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<byte>, TeachingAim, ArrayView<float>> Backward;

        public void Visit<TLoss>()
            where TLoss : struct, ILoss =>
            Loader.Load(KernelKind.TaughtLossBackward, TeachingKernels.Backward<TLanes, TLoss>, out Backward);
    }
}
