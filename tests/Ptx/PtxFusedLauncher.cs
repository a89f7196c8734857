using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Simulator.Ptx;
using GpuConvnet.Simulator.Sass;

namespace GpuConvnet.Tests.Ptx;

/// <summary>The fused kernels' memory, and their launches: what <see cref="FusedLauncher"/> does on a device.</summary>
internal sealed class PtxFusedLauncher
{
    private readonly PtxMemory _memory = new();
    private readonly Type[] _network;
    private readonly int _groups;
    private readonly int _examples;
    private readonly PtxBuffer<PlannedStep> _plans;
    private readonly PtxBuffer<float> _parameters;
    private readonly PtxBuffer<float> _state1;
    private readonly PtxBuffer<float> _state2;
    private readonly PtxBuffer<Float4> _weights;
    private readonly PtxBuffer<Float4> _gradients;
    private readonly PtxStruct _argument;

    public PtxFusedLauncher(NetworkOptions options, Examples examples, float[] parameters, int groups)
    {
        _groups = groups;
        _examples = examples.Count;
        PtxNetwork network = PtxNetwork.Of(options);
        _network = [network.Hidden, network.Output, network.Loss];
        _plans = _memory.Allocate<PlannedStep>(3);
        _parameters = _memory.Allocate(parameters);
        _state1 = _memory.Allocate(new float[parameters.Length]);
        _state2 = _memory.Allocate(new float[parameters.Length]);
        _weights = _memory.Allocate(FusedLayout.Pack(parameters));
        _gradients = _memory.Allocate<Float4>(groups * FusedLayout.Float4s);
        _argument = new PtxStruct(
            _memory.Allocate(examples.Pixels), _memory.Allocate(examples.Labels), network.Targets,
            _parameters, _weights, _memory.Allocate(ConnectionTables.Sources(options.Connections)),
            _memory.Allocate(ConnectionTables.GroupReaders(options.Connections, out int readersOfMap)), readersOfMap,
            _gradients);
    }

    public PtxProgram GradientKernel =>
        PtxCompiler.Compile(typeof(FusedKernels), nameof(FusedKernels.Gradient), FusedKernels.Threads, [.. _network, typeof(NoBoundary)]);

    public string GradientText =>
        PtxCompiler.Text(typeof(FusedKernels), nameof(FusedKernels.Gradient), FusedKernels.Threads, [.. _network, typeof(NoBoundary)]);

    public float[] Parameters => _parameters.Read();

    /// <summary>The weights as the kernels read them, brought back into the parameters' order.</summary>
    public float[] PackedWeights => Unpacked(_weights.Read()[..FusedLayout.Float4s], shares: 1);

    /// <summary>All weights as the kernels read them, those of H3 turned round too.</summary>
    public Float4[] Weights => _weights.Read();

    public PtxRun SumGradients(
        int start, int count, Perturbation perturbation, OptimizerConstants optimizer = default, PtxProgram? kernel = null)
    {
        Plan(start, count, perturbation, optimizer);
        return PtxMachine.Launch(
            kernel ?? GradientKernel, _memory, (_groups, 1), (FusedKernels.Threads, 1), _argument, _plans, 1);
    }

    /// <summary>The same of some of the groups, by the machine code that an assembler has made of the PTX.</summary>
    /// <returns>The multiprocessor that has run them, and how long it took.</returns>
    public (SassMultiprocessor Multiprocessor, long Cycles) SumGradients(
        SassProgram program, SassGpu gpu, int[] groups, int together, int start, int count, Perturbation perturbation)
    {
        Plan(start, count, perturbation, default);
        byte[] parameters = PtxArguments.Of(GradientKernel, _argument, _plans, 1);
        SassMultiprocessor multiprocessor = new(
            gpu,
            groups.Select(group => new SassGroup(program, gpu, _memory, parameters, group, _groups, FusedKernels.Threads)), together);
        return (multiprocessor, multiprocessor.Run());
    }

    public float[] Gradient(int count) =>
        Unpacked(_gradients.Read(), Math.Min(Tile.Of(count), _groups));

    public PtxRun Update(OptimizerKind kind) => PtxMachine.Launch(
        PtxCompiler.Compile(
            typeof(FusedKernels), nameof(FusedKernels.Update), FusedKernels.UpdateThreads,
            kind == OptimizerKind.Sgd ? typeof(Sgd) : typeof(Adam)),
        _memory, ((FusedLayout.Float4s + FusedKernels.UpdateFloat4s - 1) / FusedKernels.UpdateFloat4s, 1),
        (FusedKernels.UpdateThreads, 1), _argument, _plans, 1, _groups, _state1, _state2);

    public PtxRun Evaluate(out Evaluation evaluation)
    {
        PtxBuffer<float> losses = _memory.Allocate<float>(_groups + 1);
        PtxBuffer<int> misses = _memory.Allocate<int>(_groups + 1);
        PtxRun run = PtxMachine.Launch(
            PtxCompiler.Compile(typeof(FusedKernels), nameof(FusedKernels.Evaluate), FusedKernels.Threads, _network),
            _memory, (_groups, 1), (FusedKernels.Threads, 1), _argument, _examples, losses, misses, 1);
        evaluation = new Evaluation(
            _examples, losses.Read().Skip(1).Sum(loss => (double)loss) / _examples, misses.Read().Skip(1).Sum());
        return run;
    }

    private void Plan(int start, int count, Perturbation perturbation, OptimizerConstants optimizer)
    {
        // Not the first of the window, so that the kernel has to find it.
        PlannedStep none = new(-1, -1, new BatchStep(-1, -1, default, default));
        _plans.Write([none, new PlannedStep(start, start, new BatchStep(start, count, optimizer, perturbation)), none]);
    }

    private static float[] Unpacked(Float4[] float4s, int shares)
    {
        float[] values = new float[Layout.Parameters];
        for (int i = 0; i < Math.Min(float4s.Length, shares * FusedLayout.Float4s); i++)
        {
            float[] lanes = [float4s[i].C0, float4s[i].C1, float4s[i].C2, float4s[i].C3];
            for (int lane = 0; lane < lanes.Length; lane++)
            {
                if (FusedLayout.Parameter(i % FusedLayout.Float4s, lane) is >= 0 and int parameter)
                {
                    values[parameter] += lanes[lane];
                }
            }
        }

        return values;
    }
}
