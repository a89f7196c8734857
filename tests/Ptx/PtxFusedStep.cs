using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.FullBatch;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Tests.Sass;

namespace GpuConvnet.Tests.Ptx;

/// <summary>The fused kernels' memory, and their launches: what <see cref="FusedStep"/> does on a device.</summary>
internal sealed class PtxFusedStep
{
    private readonly PtxMemory _memory = new();
    private readonly Type[] _network;
    private readonly int _groups;
    private readonly int _examples;
    private readonly PtxBuffer<PlannedStep> _plans;
    private readonly PtxBuffer<float> _parameters;
    private readonly PtxBuffer<float> _state1;
    private readonly PtxBuffer<float> _state2;
    private readonly PtxBuffer<Columns4> _weights;
    private readonly PtxBuffer<Columns4> _gradients;
    private readonly PtxStruct _argument;

    public PtxFusedStep(NetworkOptions options, Examples examples, float[] parameters, int groups)
    {
        _groups = groups;
        _examples = examples.Count;
        PtxNetwork network = PtxNetwork.Of(options);
        _network = [PtxNetwork.Shape, network.Hidden, network.Output, network.Loss];
        _plans = _memory.Allocate<PlannedStep>(3);
        _parameters = _memory.Allocate(parameters);
        _state1 = _memory.Allocate(new float[parameters.Length]);
        _state2 = _memory.Allocate(new float[parameters.Length]);
        _weights = _memory.Allocate(Packing<Network1989>.Pack(parameters));
        _gradients = _memory.Allocate<Columns4>(groups * Packing<Network1989>.Quads);
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
    public float[] PackedWeights => Unpacked(_weights.Read()[..Packing<Network1989>.Quads], shares: 1);

    /// <summary>All weights as the kernels read them, those of H3 turned round too.</summary>
    public Columns4[] Weights => _weights.Read();

    public PtxRun SumGradients(
        int start, int count, Noise noise, OptimizerStep optimizer = default, PtxProgram? kernel = null)
    {
        Plan(start, count, noise, optimizer);
        return PtxMachine.Launch(
            kernel ?? GradientKernel, _memory, (_groups, 1), (FusedKernels.Threads, 1), _argument, _plans, 1);
    }

    /// <summary>The same of some of the groups, by the machine code that an assembler has made of the PTX.</summary>
    /// <returns>The multiprocessor that has run them, and how long it took.</returns>
    public (SassMultiprocessor Multiprocessor, long Cycles) SumGradients(
        SassProgram program, SassGpu gpu, int[] groups, int together, int start, int count, Noise noise)
    {
        Plan(start, count, noise, default);
        byte[] parameters = PtxArguments.Of(GradientKernel, _argument, _plans, 1);
        SassMultiprocessor multiprocessor = new(
            gpu,
            groups.Select(group => new SassGroup(program, gpu, _memory, parameters, group, _groups, FusedKernels.Threads)), together);
        return (multiprocessor, multiprocessor.Run());
    }

    public float[] Gradient(int count) =>
        Unpacked(_gradients.Read(), Math.Min(Tile<Network1989>.Of(count), _groups));

    public PtxRun Update(OptimizerKind kind) => PtxMachine.Launch(
        PtxCompiler.Compile(
            typeof(FusedKernels), nameof(FusedKernels.Update), FusedKernels.UpdateThreads, typeof(Network1989),
            kind == OptimizerKind.Sgd ? typeof(Sgd) : typeof(Adam)),
        _memory, ((Packing<Network1989>.Quads + FusedKernels.UpdateQuads - 1) / FusedKernels.UpdateQuads, 1),
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

    private void Plan(int start, int count, Noise noise, OptimizerStep optimizer)
    {
        // Not the first of the window, so that the kernel has to find it.
        PlannedStep none = new(-1, -1, new BatchStep(-1, -1, default, default));
        _plans.Write([none, new PlannedStep(start, start, new BatchStep(start, count, optimizer, noise)), none]);
    }

    private static float[] Unpacked(Columns4[] quads, int shares)
    {
        float[] values = new float[Layout<Network1989>.Parameters];
        for (int i = 0; i < Math.Min(quads.Length, shares * Packing<Network1989>.Quads); i++)
        {
            float[] lanes = [quads[i].C0, quads[i].C1, quads[i].C2, quads[i].C3];
            for (int lane = 0; lane < lanes.Length; lane++)
            {
                if (Packing<Network1989>.Parameter(i % Packing<Network1989>.Quads, lane) is >= 0 and int parameter)
                {
                    values[parameter] += lanes[lane];
                }
            }
        }

        return values;
    }
}
