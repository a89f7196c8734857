using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Tensor;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Kernels.Training;

/// <summary>
/// The step of two launches: <see cref="FusedKernels"/> or <see cref="TensorKernels"/>; of a third where whole matrices are moved.
/// What changes from step to step lies in the device's memory (<see cref="StepPlans{TStep}"/>), so that on CUDA a whole window of steps
/// is recorded once and launched by one call.
/// </summary>
internal sealed class FusedLauncher : IStepLauncher
{
    // Steps of a window: a GPU takes some milliseconds for them, a processor a second.
    private const int StepsOnGpu = 32;
    private const int StepsOnProcessor = 4;

    private readonly KernelLoader _loader;
    private readonly OwnedBuffers _owned = new();
    private readonly Dictionary<(DeviceExamples Block, int Steps), CudaGraph> _graphs = [];
    private readonly Optimizer _optimizer;
    private readonly DeviceParameters _parameters;
    private readonly DistortedImages? _distorted;
    private readonly Targets _targets;
    private readonly FusedForm _form;
    private readonly FusedKernelSet _kernels;
    private readonly StepPlans<PlannedStep> _plans;
    private readonly MemoryBuffer1D<Float4, Stride1D.Dense> _gradients;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _sources;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _readers;
    private readonly int _readersOfMap;
    private readonly int _groups;
    private readonly MatrixLauncher? _matrices;
    private bool _records;

    /// <summary>Compiles the kernels and allocates what they need.</summary>
    /// <param name="loader">The device's kernels; <c>UnsupportedReason</c> found nothing against it.</param>
    /// <param name="isGpu">Whether it is quick enough to be given many steps at once.</param>
    /// <param name="form">Which kernels; the parameters are packed as they read them.</param>
    /// <param name="options">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="parameters">The parameters and the optimizer's state.</param>
    /// <param name="distorted">Room for a batch's distorted images; null where there are none.</param>
    /// <param name="batch">Examples of the largest batch.</param>
    public FusedLauncher(
        KernelLoader loader,
        bool isGpu,
        FusedForm form,
        NetworkOptions options,
        Optimizer optimizer,
        DeviceParameters parameters,
        DistortedImages? distorted,
        int batch)
    {
        Accelerator accelerator = loader.Accelerator;
        _loader = loader;
        _form = form;
        _optimizer = optimizer;
        _parameters = parameters;
        _distorted = distorted;
        _targets = options.Loss.Targets(options.LabelSmoothing);
        _groups = FusedKernels.Groups(batch, accelerator.NumMultiprocessors);
        _kernels = FusedKernelSet.Load(loader, options, optimizer, form);
        try
        {
            _gradients = _owned.Add(accelerator.Allocate1D<Float4>((long)_groups * form.ShareFloat4s));
            _sources = _owned.Add(accelerator.Allocate1D(ConnectionTables.Sources(options.Connections)));
            _readers = _owned.Add(accelerator.Allocate1D(ConnectionTables.GroupReaders(options.Connections, out _readersOfMap)));
            _plans = _owned.Add(new StepPlans<PlannedStep>(accelerator, isGpu ? StepsOnGpu : StepsOnProcessor));
            _matrices = optimizer.UsesMatrices
                ? _owned.Add(new MatrixLauncher(loader, Parameters.Parts, optimizer, parameters, isGpu, isPlanned: true))
                : null;
        }
        catch
        {
            Dispose();
            throw;
        }

        // A distortion's launch has the perturbation among its arguments.
        _records = accelerator is CudaAccelerator && distorted is null;
    }

    /// <inheritdoc/>
    public string? Note { get; private set; }

    /// <inheritdoc/>
    public int StepsAtOnce => _plans.Length;

    /// <summary>Why a network cannot be trained so on a device; null if it can.</summary>
    /// <param name="form">Which kernels.</param>
    /// <param name="accelerator">The device.</param>
    /// <param name="options">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    public static string? UnsupportedReason(FusedForm form, Accelerator accelerator, NetworkOptions options, Optimizer optimizer) =>
        (form == FusedForm.Tensor ? TensorDevice.UnsupportedReason(accelerator) ?? TensorDevice.UnsupportedReason(options) : null)
        ?? OnChip.UnsupportedReason(options)
        ?? OnChip.UnsupportedReason(optimizer)
        ?? OnChip.UnsupportedReason(
            accelerator, Math.Max(form.Threads, FusedKernels.UpdateThreads),
            form.SharedBytes);

    /// <summary>Records a window of steps, before there is anything to lose, where the device can replay it.</summary>
    /// <param name="block">The digits.</param>
    public void Record(DeviceExamples block)
    {
        if (!_records)
        {
            return;
        }

        // A driver may load a kernel when it is first launched, which a recording could forbid: so each is launched before,
        // for a step that moves nothing.
        OptimizerConstants still = new OptimizerOptions(_optimizer, learningRate: 0).Constants(learningRate: 0, step: 0);
        _plans.Enqueue([new PlannedStep(0, 0, new BatchStep(0, 1, still, Perturbation.None))]);
        SumGradients(NetworkWith(block), 0);
        Update(NetworkWith(block), 0);
        _plans.EndWindow();
        _parameters.Load(new float[Layout.Parameters]);
        try
        {
            GraphOf(block, _plans.Length);
        }
        catch (CudaException refusal)
        {
            _records = false;
            Note = $"note: the driver records no graph of steps ({refusal.Message}); each step is launched by itself";
        }
    }

    /// <inheritdoc/>
    public void Launch(DeviceExamples block, ReadOnlySpan<PlannedStep> steps)
    {
        while (!steps.IsEmpty)
        {
            ReadOnlySpan<PlannedStep> window = steps[..Math.Min(_plans.Length, steps.Length)];
            LaunchWindow(block, window);
            steps = steps[window.Length..];
        }
    }

    /// <inheritdoc/>
    public float[] LaunchGradient(DeviceExamples block, in PlannedStep step)
    {
        _plans.Enqueue([AsRead(step)]);
        SumGradients(Ready(block, step), 0);
        _plans.EndWindow();
        Float4[] float4s = _gradients.GetAsArray1D();
        float[] gradient = new float[Layout.Parameters];
        int shares = GradientShares(step.Step.Count);
        for (int float4 = 0; float4 < _form.ShareFloat4s; float4++)
        {
            Float4 sums = default;
            for (int share = 0; share < shares; share++)
            {
                sums = sums.Plus(float4s[share * _form.ShareFloat4s + float4]);
            }

            Put(float4, 0, sums.C0);
            Put(float4, 1, sums.C1);
            Put(float4, 2, sums.C2);
            Put(float4, 3, sums.C3);
        }

        return gradient;

        void Put(int float4, int lane, float sum)
        {
            if (_form.Place(float4, lane).Parameter is >= 0 and int parameter)
            {
                gradient[parameter] = sum;
            }
        }
    }

    /// <inheritdoc/>
    public int EvaluationGroups(int examples) =>
        FusedKernels.Groups(examples, _loader.Accelerator.NumMultiprocessors);

    /// <inheritdoc/>
    public int LaunchEvaluation(DeviceExamples examples, ReadbackBuffer slot, int firstGroup)
    {
        int groups = EvaluationGroups(examples.Count);
        _kernels.Evaluate(
            new KernelConfig(groups, _form.Threads), Evaluated(examples), examples.Count, slot.Losses, slot.Misses,
            firstGroup);
        return groups;
    }

    /// <inheritdoc/>
    public int GradientShares(int count) => Math.Min(Tile.Of(count), _groups);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (CudaGraph graph in _graphs.Values)
        {
            graph.Dispose();
        }

        _graphs.Clear();
        _owned.Dispose();
    }

    /// <summary>Queues a window of steps.</summary>
    private void LaunchWindow(DeviceExamples block, ReadOnlySpan<PlannedStep> steps)
    {
        PlannedStep[] read = new PlannedStep[steps.Length];
        for (int index = 0; index < steps.Length; index++)
        {
            read[index] = AsRead(steps[index]);
        }

        _plans.Enqueue(read);

        // A graph is one launch: whoever listens wants to hear of each.
        if (_records && _loader.Launched is null)
        {
            GraphOf(block, steps.Length).Launch();
        }
        else
        {
            for (int index = 0; index < steps.Length; index++)
            {
                FusedNetwork network = Ready(block, steps[index]);
                SumGradients(network, index);
                Update(network, index);
            }
        }

        _plans.EndWindow();
    }

    /// <summary>A step as the kernels read it: of distorted images, the batch's are the first, and distorted already.</summary>
    private static PlannedStep AsRead(in PlannedStep planned)
    {
        BatchStep step = planned.Step;
        return step.Perturbation.Distorts
            ? new PlannedStep(0, planned.Label, new BatchStep(step.Start, step.Count, step.Optimizer, step.Perturbation.OfUnits))
            : planned;
    }

    /// <summary>The network with the images of a step, which are distorted first where its perturbation says so.</summary>
    private FusedNetwork Ready(DeviceExamples block, in PlannedStep planned)
    {
        BatchStep step = planned.Step;
        if (!step.Perturbation.Distorts)
        {
            return NetworkWith(block);
        }

        DistortedImages distorted = DistortedImages.Of(_distorted);
        distorted.Distort(block, planned.Image, step.Start, step.Count, step.Perturbation);
        return NetworkWith(distorted.Buffer.View, block.Labels);
    }

    /// <summary>The network as evaluations take it.</summary>
    private FusedNetwork Evaluated(DeviceExamples examples) => NetworkWith(examples) with
    {
        Parameters = _parameters.Evaluated.View,
        Weights = _parameters.PackedEvaluated!.View,
    };

    private FusedNetwork NetworkWith(DeviceExamples block) => NetworkWith(block.Images, block.Labels);

    private FusedNetwork NetworkWith(ArrayView<float> images, ArrayView<byte> labels) => new()
    {
        Images = images,
        Labels = labels,
        Targets = _targets,
        Parameters = _parameters.Values,
        Weights = _parameters.Packed!.View,
        Sources = _sources.View,
        Readers = _readers.View,
        ReadersOfMap = _readersOfMap,
        Gradients = _gradients.View,
    };

    /// <summary>Leaves the shares of a batch's gradient.</summary>
    private void SumGradients(in FusedNetwork network, int index)
    {
        _kernels.Gradient(new KernelConfig(_groups, _form.Threads), network, _plans.Window, index);
    }

    /// <summary>Moves the parameters by the sum of the shares.</summary>
    private void Update(in FusedNetwork network, int index)
    {
        int groups = (_form.ShareFloat4s + FusedKernels.UpdateFloat4s - 1) / FusedKernels.UpdateFloat4s;
        KernelConfig grid = new(groups, FusedKernels.UpdateThreads);
        if (_matrices is null)
        {
            _kernels.Update!(grid, network, _plans.Window, index, _groups, _parameters.State1, _parameters.State2);
        }
        else
        {
            _kernels.Direct!(grid, network, _plans.Window, index, _groups, _matrices.Memory);
            _matrices.Launch(_plans.Window, index);
        }
    }

    private CudaGraph GraphOf(DeviceExamples block, int steps)
    {
        if (!_graphs.TryGetValue((block, steps), out CudaGraph? graph))
        {
            FusedNetwork network = NetworkWith(block);
            graph = CudaGraph.Record(_loader.Accelerator, () =>
            {
                for (int index = 0; index < steps; index++)
                {
                    SumGradients(network, index);
                    Update(network, index);
                }
            });
            _graphs.Add((block, steps), graph);
        }

        return graph;
    }
}
