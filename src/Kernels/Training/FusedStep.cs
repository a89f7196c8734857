using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Profiling;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>The step of two launches: <see cref="FusedKernels"/>, compiled, and the memory that only they need.</summary>
internal sealed class FusedStep : IDisposable
{
    // Registers for as many groups at once on a multiprocessor, so that one computes while the other waits.
    private const int GroupsPerMultiprocessor = 2;

    private readonly Accelerator _accelerator;
    private readonly Action<KernelConfig, FusedBatch, Noise> _gradient;
    private readonly Action<
        KernelConfig, ArrayView<Columns4>, int, ArrayView<float>, ArrayView<Columns4>, ArrayView<float>, ArrayView<float>,
        OptimizerStep> _update;
    private readonly MemoryBuffer1D<Columns4, Stride1D.Dense> _weights;
    private readonly MemoryBuffer1D<Columns4, Stride1D.Dense> _gradients;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _readers;
    private readonly int _readersOfMap;
    private readonly int _mostGroups;

    /// <summary>Compiles the kernels and allocates what they need.</summary>
    /// <param name="accelerator">The device; <c>Obstacle</c> found nothing against it.</param>
    /// <param name="options">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    public FusedStep(Accelerator accelerator, NetworkOptions options, OptimizerKind optimizer)
    {
        _accelerator = accelerator;
        Targets = options.Loss == Loss.Mse
            ? SquaredError.Targets(options.LabelSmoothing)
            : SoftmaxCrossEntropy.Targets(options.LabelSmoothing);
        _gradient = Load(accelerator, options);
        KernelSpecialization update = new(FusedKernels.Threads, null);
        _update = optimizer == OptimizerKind.Sgd
            ? accelerator.LoadStreamKernel<
                ArrayView<Columns4>, int, ArrayView<float>, ArrayView<Columns4>, ArrayView<float>, ArrayView<float>,
                OptimizerStep>(FusedKernels.Update<Network1989, Sgd>, update)
            : accelerator.LoadStreamKernel<
                ArrayView<Columns4>, int, ArrayView<float>, ArrayView<Columns4>, ArrayView<float>, ArrayView<float>,
                OptimizerStep>(FusedKernels.Update<Network1989, Adam>, update);
        _mostGroups = GroupsPerMultiprocessor * accelerator.NumMultiprocessors;
        _weights = accelerator.Allocate1D<Columns4>(Packing<Network1989>.Weights);
        _gradients = accelerator.Allocate1D<Columns4>((long)_mostGroups * Packing<Network1989>.Quads);
        _readers = accelerator.Allocate1D(ConnectionTables.GroupReaders(options.Connections, out _readersOfMap));
    }

    /// <summary>What the outputs are trained towards.</summary>
    public Targets Targets { get; }

    /// <summary>What is told of every launch; null for nothing.</summary>
    public KernelClock? Clock { get; set; }

    /// <summary>Why a network cannot be trained so on a device; null if it can.</summary>
    public static string? Obstacle(Accelerator accelerator, NetworkOptions options)
    {
        int bytes = Tile<Network1989>.Quads * 4 * sizeof(float);
        return Obstacle(options) is { } obstacle ? obstacle
            : accelerator.MaxNumThreadsPerGroup < FusedKernels.Threads
                ? $"it takes groups of {FusedKernels.Threads} threads, and the device has {accelerator.MaxNumThreadsPerGroup}"
            : accelerator.MaxSharedMemoryPerGroup < bytes
                ? $"it takes {bytes} bytes of shared memory, and the device has {accelerator.MaxSharedMemoryPerGroup}"
            : null;
    }

    /// <summary>Why a network cannot be trained so on any device; null if it can.</summary>
    public static string? Obstacle(NetworkOptions options) =>
        options.Hidden == HiddenActivation.Gelu ? "GELU's slopes would need more shared memory than there is"
        : !options.Connections.IsGrouped ? "four neighbouring maps of H2 must read the same maps of H1"
        : options.WeightNormalization ? "weight normalization needs the gradient itself"
        : null;

    /// <summary>Brings the weights into the order that the kernel reads them in.</summary>
    /// <param name="parameters">All parameters.</param>
    public void Load(ReadOnlySpan<float> parameters)
    {
        Columns4[] quads = new Columns4[Packing<Network1989>.Weights];
        for (int quad = 0; quad < quads.Length; quad++)
        {
            quads[quad] = new Columns4
            {
                C0 = Weight(parameters, quad, 0),
                C1 = Weight(parameters, quad, 1),
                C2 = Weight(parameters, quad, 2),
                C3 = Weight(parameters, quad, 3),
            };
        }

        _weights.CopyFromCPU(quads);
    }

    /// <summary>The weights, for batches.</summary>
    public FusedBatch BatchOf(Batch batch, ArrayView<float> parameters, ArrayView<int> sources) => new(
        batch.Images, batch.Labels, batch.ImageStride, batch.First, batch.Count, Targets, 1f / batch.Count, parameters,
        _weights.View, sources, _readers.View, _readersOfMap, _gradients.View);

    /// <summary>Leaves the shares of a batch's gradient.</summary>
    /// <returns>How many shares.</returns>
    public int SumGradients(in FusedBatch batch, in Noise noise)
    {
        int groups = Shares(batch.Count);
        _gradient(new KernelConfig(groups, FusedKernels.Threads), batch, noise);
        Clock?.Launched(KernelKind.FusedGradient);
        return groups;
    }

    /// <summary>How many groups of threads share the examples of a batch, each leaving a share of the gradient.</summary>
    public int Shares(int count) =>
        Math.Min((count + Tile<Network1989>.Examples - 1) / Tile<Network1989>.Examples, _mostGroups);

    /// <summary>Moves the parameters by the sum of the shares.</summary>
    public void Update(
        int shares, ArrayView<float> parameters, ArrayView<float> state1, ArrayView<float> state2, in OptimizerStep step)
    {
        int groups = (Packing<Network1989>.Quads + FusedKernels.UpdateQuads - 1) / FusedKernels.UpdateQuads;
        _update(
            new KernelConfig(groups, FusedKernels.Threads), _gradients.View, shares, parameters, _weights.View, state1,
            state2, step);
        Clock?.Launched(KernelKind.FusedUpdate);
    }

    /// <summary>The sum of the shares, on the host: for verification.</summary>
    public float[] Gradient(int shares)
    {
        Columns4[] quads = _gradients.GetAsArray1D();
        float[] gradient = new float[Layout<Network1989>.Parameters];
        for (int quad = 0; quad < Packing<Network1989>.Quads; quad++)
        {
            Columns4 sums = default;
            for (int share = 0; share < shares; share++)
            {
                sums = sums.Plus(quads[share * Packing<Network1989>.Quads + quad]);
            }

            Put(quad, 0, sums.C0);
            Put(quad, 1, sums.C1);
            Put(quad, 2, sums.C2);
            Put(quad, 3, sums.C3);
        }

        return gradient;

        void Put(int quad, int lane, float sum)
        {
            if (Packing<Network1989>.Parameter(quad, lane) is >= 0 and int parameter)
            {
                gradient[parameter] = sum;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _readers.Dispose();
        _gradients.Dispose();
        _weights.Dispose();
    }

    private static float Weight(ReadOnlySpan<float> parameters, int quad, int lane) =>
        Packing<Network1989>.Parameter(quad, lane) is >= 0 and int parameter ? parameters[parameter] : 0f;

    private static Action<KernelConfig, FusedBatch, Noise> Load(Accelerator accelerator, NetworkOptions options) =>
        options.Hidden switch
        {
            HiddenActivation.Tanh => Load<Tanh>(accelerator, options),
            HiddenActivation.ScaledTanh => Load<ScaledTanh>(accelerator, options),
            HiddenActivation.ReLU => Load<ReLU>(accelerator, options),
            _ => throw new NotSupportedException($"The fused kernel has no hidden activation '{options.Hidden}'."),
        };

    private static Action<KernelConfig, FusedBatch, Noise> Load<THidden>(Accelerator accelerator, NetworkOptions options)
        where THidden : struct, IActivation => (options.Output, options.Loss) switch
        {
            (OutputActivation.Tanh, Loss.Mse) => Load<THidden, Tanh, SquaredError>(accelerator),
            (OutputActivation.ScaledTanh, Loss.Mse) => Load<THidden, ScaledTanh, SquaredError>(accelerator),
            (OutputActivation.Linear, Loss.Mse) => Load<THidden, Linear, SquaredError>(accelerator),
            (OutputActivation.Linear, Loss.CrossEntropy) => Load<THidden, Linear, SoftmaxCrossEntropy>(accelerator),
            _ => throw new NotSupportedException(
                $"The loss '{options.Loss}' does not go with the output '{options.Output}'."),
        };

    private static Action<KernelConfig, FusedBatch, Noise> Load<THidden, TOutput, TLoss>(Accelerator accelerator)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss => accelerator.LoadStreamKernel<FusedBatch, Noise>(
            FusedKernels.Gradient<Network1989, THidden, TOutput, TLoss>,
            new KernelSpecialization(FusedKernels.Threads, GroupsPerMultiprocessor));
}
