using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Matrices;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace GpuConvnet.Kernels.Training;

/// <summary>The part of a step that whole matrices add: the launch that moves the parameters by the batch's gradient.</summary>
internal sealed class MatrixLauncher : IDisposable
{
    // A processor runs them one after the other. On ILGPU's CPU accelerator each is one of the operating system's.
    private const int ProcessorThreads = 16;
    private const int SimulatedThreads = 2;

    private readonly OwnedBuffers _owned = new();
    private readonly WeightMatrix[] _matrices;
    private readonly int _threads;
    private readonly MatrixMemory _memory;
    private Loading _kernels;

    /// <summary>Compiles the kernel and allocates what it needs.</summary>
    /// <param name="loader">The device's kernels.</param>
    /// <param name="parts">The parts of the parameters.</param>
    /// <param name="optimizer">The optimizer, one that moves matrices.</param>
    /// <param name="parameters">The parameters and the optimizer's state.</param>
    /// <param name="isGpu">Whether it has a thread for every sum; a processor runs them one after the other.</param>
    /// <param name="isPlanned">Whether steps are planned in the device's memory, and fused kernels read the parameters.</param>
    public MatrixLauncher(
        KernelLoader loader, IReadOnlyList<ParameterPart> parts, Optimizer optimizer, DeviceParameters parameters, bool isGpu,
        bool isPlanned)
    {
        Accelerator accelerator = loader.Accelerator;
        _matrices = WeightMatrix.Of(parts);
        int most = isGpu ? MatrixKernels.Threads : accelerator is CPUAccelerator && !isPlanned ? SimulatedThreads : ProcessorThreads;
        _threads = Math.Min(accelerator.MaxNumThreadsPerGroup, most);
        bool isOnChip = isPlanned || (_threads >= ProcessorThreads && FitOnChip(accelerator));
        _kernels = new Loading
        {
            Loader = loader,
            Group = isGpu ? new KernelSpecialization(_threads, null) : default,
            IsPlanned = isPlanned,
            IsOnChip = isOnChip,
        };
        optimizer.Accept(ref _kernels);
        int room = isOnChip ? 0 : (int)_matrices.Max(matrix => MatrixKernels.Float4s(matrix, hasSecondValues: true));
        int[] others =
        [
            .. WeightMatrix.Others(parts).SelectMany(stretch => Enumerable.Range(stretch.Offset, stretch.Count)),
        ];
        try
        {
            Gradient = _owned.Add(accelerator.Allocate1D<float>(parameters.Values.Length)).View;
            _memory = new MatrixMemory
            {
                Matrices = _owned.Add(accelerator.Allocate1D(_matrices)).View,
                Others = _owned.Add(accelerator.Allocate1D(others)).View,
                Gradient = Gradient,
                Parameters = new ParameterPlaces
                {
                    Values = parameters.Values,
                    Packed = parameters.Packed is { } packed ? packed.View.AsContiguous().Cast<float>() : Gradient.SubView(0, 0),
                    Places = parameters.Places,
                },
                State1 = parameters.State1,
                State2 = parameters.State2,
                Room = _owned.Add(accelerator.Allocate1D<Float4>(Math.Max(1, (long)room * _matrices.Length))).View,
                RoomOfGroup = room,
            };
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Takes the batch's gradient by all parameters before a step.</summary>
    public ArrayView<float> Gradient { get; }

    /// <summary>Why the fused kernels' matrices cannot be moved on a device; null if they can.</summary>
    public static string? UnsupportedReason(Accelerator accelerator) =>
        OnChip.UnsupportedReason(accelerator, ProcessorThreads, RoomOnChip.Float4s * 4 * sizeof(float));

    /// <summary>The step.</summary>
    /// <param name="step">Its constants.</param>
    public void Launch(in OptimizerConstants step) => _kernels.Step(new KernelConfig(_matrices.Length + 1, _threads), _memory, step);

    /// <summary>A step that is planned.</summary>
    /// <param name="plans">The steps that are planned.</param>
    /// <param name="index">Which of them this is.</param>
    public void Launch(ArrayView<PlannedStep> plans, int index) =>
        _kernels.PlannedStep(new KernelConfig(_matrices.Length + 1, _threads), _memory, plans, index);

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();

    private bool FitOnChip(Accelerator accelerator) =>
        UnsupportedReason(accelerator) is null
        && _matrices.All(matrix => MatrixKernels.Float4s(matrix, hasSecondValues: false) <= RoomOnChip.Float4s);

    private struct Loading : IOptimizerVisitor
    {
        public required KernelLoader Loader;
        public required KernelSpecialization Group;
        public required bool IsPlanned;
        public required bool IsOnChip;
        public Action<KernelConfig, MatrixMemory, OptimizerConstants> Step;
        public Action<KernelConfig, MatrixMemory, ArrayView<PlannedStep>, int> PlannedStep;

        public readonly void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule => throw new NotSupportedException("The optimizer moves no matrices.");

        public readonly void VisitCurvature<TRule>()
            where TRule : struct, ICurvatureRule => throw new NotSupportedException("The optimizer moves no matrices.");

        public void VisitMatrix<TRule, TVectors>()
            where TRule : struct, IMatrixRule
            where TVectors : struct, IUpdateRule
        {
            if (IsPlanned)
            {
                Loader.Load(KernelKind.MatrixUpdate, FusedMatrixKernels.Step<TRule, TVectors>, out PlannedStep, Group);
            }
            else if (IsOnChip)
            {
                Loader.Load(KernelKind.MatrixUpdate, MatrixKernels.Step<TRule, TVectors, RoomOnChip>, out Step, Group);
            }
            else
            {
                Loader.Load(KernelKind.MatrixUpdate, MatrixKernels.Step<TRule, TVectors, RoomInMemory>, out Step, Group);
            }
        }
    }
}
