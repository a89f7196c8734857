using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Matrices;
using GpuConvnet.Kernels.Tensor;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace GpuConvnet.Kernels.Training;

/// <summary>The part of a step that whole matrices add: the launches that move the parameters by the batch's gradient.</summary>
internal sealed class MatrixLauncher : IDisposable
{
    // A processor runs them one after the other. On ILGPU's CPU accelerator each is one of the operating system's.
    private const int ProcessorThreads = 16;
    private const int SimulatedThreads = 2;

    private readonly OwnedBuffers _owned = new();
    private readonly KernelConfig _groups;
    private Loading _kernels;

    /// <summary>Compiles the kernels and allocates what they need.</summary>
    /// <param name="loader">The device's kernels.</param>
    /// <param name="parts">The parts of the parameters.</param>
    /// <param name="optimizer">The optimizer, one that moves matrices.</param>
    /// <param name="parameters">The parameters and the optimizer's state.</param>
    /// <param name="isGpu">Whether it is a GPU, not a processor.</param>
    /// <param name="isPlanned">Whether steps are planned in the device's memory, and fused kernels read the parameters.</param>
    public MatrixLauncher(
        KernelLoader loader, IReadOnlyList<ParameterPart> parts, Optimizer optimizer, DeviceParameters parameters, bool isGpu,
        bool isPlanned)
    {
        Accelerator accelerator = loader.Accelerator;
        WeightMatrix[] matrices = WeightMatrix.Of(parts);
        bool isTensor = isGpu && TensorMatrixKernels.CanMove(accelerator, matrices);
        int most = isTensor ? TensorMatrixKernels.Threads
            : isGpu ? MatrixKernels.Threads
            : accelerator is CPUAccelerator && !isPlanned ? SimulatedThreads
            : ProcessorThreads;
        int threads = Math.Min(accelerator.MaxNumThreadsPerGroup, most);
        _kernels = new Loading
        {
            Loader = loader,
            Group = isGpu ? new KernelSpecialization(threads, null) : default,
            IsPlanned = isPlanned,
            IsTensor = isTensor,
        };
        optimizer.Accept(ref _kernels);

        // What several groups do for the same matrix costs nothing where each has a multiprocessor, and a chip's memory, of its own.
        MatrixShare[] shares = isTensor
            ? MatrixShare.Of(matrices, _ => TensorMatrixKernels.Form, accelerator.NumMultiprocessors)
            : MatrixShare.Of(matrices, MatrixForm.ByColumns, 0);
        _groups = new KernelConfig(shares.Length, threads);
        try
        {
            Gradient = _owned.Add(accelerator.Allocate1D<float>(isPlanned ? 1 : parameters.Values.Length)).View;
            MemoryBuffer1D<Float4, Stride1D.Dense> directions = _owned.Add(
                accelerator.Allocate1D<Float4>(shares[^1].Directions + shares[^1].Form.Float4s));
            directions.MemSetToZero();
            Memory = new MatrixMemory
            {
                Shares = _owned.Add(accelerator.Allocate1D(shares)).View,
                Directions = directions.View,
                Cells = _owned.Add(accelerator.Allocate1D(MatrixShare.Cells(shares, parameters.Count))).View,
                Parameters = new ParameterPlaces
                {
                    Values = parameters.Values,
                    Packed = parameters.Packed is { } packed ? packed.View.AsContiguous().Cast<float>() : Gradient.SubView(0, 0),
                    Places = parameters.Places,
                },
                State1 = parameters.State1,
                State2 = parameters.State2,
                Room = _owned.Add(accelerator.Allocate1D<Float4>(Math.Max(1, shares[^1].Room + shares[^1].Form.Room))).View,
            };
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the step works on.</summary>
    public MatrixMemory Memory { get; }

    /// <summary>Takes the batch's gradient by all parameters before a step that is not planned; of planned ones nothing.</summary>
    public ArrayView<float> Gradient { get; }

    /// <summary>The step.</summary>
    /// <param name="step">Its constants.</param>
    public void Launch(in OptimizerConstants step)
    {
        _kernels.Direct((int)Gradient.Length, Gradient, Memory, step);
        _kernels.Step(_groups, Memory, step);
    }

    /// <summary>The end of a step that is planned, when the directions are there.</summary>
    /// <param name="plans">The steps that are planned.</param>
    /// <param name="index">Which of them this is.</param>
    public void Launch(ArrayView<PlannedStep> plans, int index) => _kernels.PlannedStep(_groups, Memory, plans, index);

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();

    private struct Loading : IOptimizerVisitor
    {
        public required KernelLoader Loader;
        public required KernelSpecialization Group;
        public required bool IsPlanned;
        public required bool IsTensor;
        public Action<Index1D, ArrayView<float>, MatrixMemory, OptimizerConstants> Direct;
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
                Loader.Load(
                    KernelKind.MatrixUpdate,
                    IsTensor ? TensorMatrixKernels.PlannedStep<TRule> : FusedMatrixKernels.Step<TRule>,
                    out PlannedStep, Group);
                return;
            }

            Loader.LoadAutoGrouped(KernelKind.MatrixDirections, MatrixKernels.Direct<TRule, TVectors>, out Direct);
            Loader.Load(
                KernelKind.MatrixUpdate, IsTensor ? TensorMatrixKernels.Step<TRule> : MatrixKernels.Step<TRule>,
                out Step, Group);
        }
    }
}
