using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Simulator.Ptx;

namespace GpuConvnet.Tests.Ptx;

/// <summary>The replica kernels' memory, and their launches: what <see cref="EnsembleTrainer"/> does on a device.</summary>
internal sealed class PtxEnsemble
{
    private readonly PtxMemory _memory = new();
    private readonly PtxNetwork _network;
    private readonly Type _rule;
    private readonly int _replicas;
    private readonly int _examples;
    private readonly PtxBuffer<float> _images;
    private readonly PtxBuffer<byte> _labels;
    private readonly PtxBuffer<uint> _seeds;
    private readonly PtxBuffer<float> _parameters;
    private readonly PtxBuffer<float> _state1;
    private readonly PtxBuffer<float> _state2;
    private readonly PtxStruct _tables;

    public PtxEnsemble(
        NetworkOptions options, OptimizerOptions optimizer, Examples examples, uint[] seeds, float[][] parameters)
    {
        _network = PtxNetwork.Of(options);
        bool isOnChip = EnsembleKernelSet.IsOnChip(optimizer);
        _rule = isOnChip ? typeof(OnChipSgd)
            : optimizer.Kind == OptimizerKind.Sgd ? typeof(RuleWithState<Sgd>)
            : typeof(RuleWithState<Adam>);
        _replicas = seeds.Length;
        _examples = examples.Count;
        _images = _memory.Allocate(examples.Pixels);
        _labels = _memory.Allocate(examples.Labels);
        _seeds = _memory.Allocate(seeds);
        _parameters = _memory.Allocate([.. parameters.SelectMany(one => one)]);
        _state1 = _memory.Allocate(new float[isOnChip ? 0 : _parameters.Length]);
        _state2 = _memory.Allocate(new float[isOnChip ? 0 : _parameters.Length]);
        _tables = new PtxStruct(
            _memory.Allocate(ConnectionTables.Sources(options.Connections)),
            _memory.Allocate(ConnectionTables.GroupReaders(options.Connections, out int readersOfMap)), readersOfMap);
    }

    public string TrainText =>
        PtxCompiler.Text(typeof(EnsembleKernels), nameof(EnsembleKernels.Train), EnsembleKernels.Threads, TrainTypes);

    private Type[] TrainTypes => [_network.Hidden, _network.Output, _network.Loss, _rule];

    public float[] Parameters(int replica) =>
        _parameters.From((long)replica * Layout.Parameters).Read()[..Layout.Parameters];

    public PtxRun Train(OptimizerConstants[] steps, Perturbation perturbation, PtxProgram? kernel = null) => PtxMachine.Launch(
        kernel ?? PtxCompiler.Compile(typeof(EnsembleKernels), nameof(EnsembleKernels.Train), EnsembleKernels.Threads, TrainTypes),
        _memory, (_replicas, 1), (EnsembleKernels.Threads, 1),
        new PtxStruct(
            _images, _labels, steps.Length, 0, 0, _memory.Allocate(steps), perturbation, _network.Targets, _seeds, _parameters,
            _state1, _state2, _tables));

    public PtxRun Evaluate(int shares, out Evaluation[] evaluations)
    {
        PtxBuffer<float> losses = _memory.Allocate<float>(_replicas * (shares + 1));
        PtxBuffer<int> misses = _memory.Allocate<int>(_replicas * (shares + 1));
        PtxRun run = PtxMachine.Launch(
            PtxCompiler.Compile(
                typeof(EnsembleKernels), nameof(EnsembleKernels.Evaluate), EnsembleKernels.Threads,
                _network.Hidden, _network.Output, _network.Loss),
            _memory, (_replicas * shares, 1), (EnsembleKernels.Threads, 1),
            new PtxStruct(
                _images, _labels, _examples, shares, _parameters, losses, misses, shares + 1, 1, _tables));
        evaluations = [.. Enumerable.Range(0, _replicas).Select(replica => new Evaluation(
            _examples,
            losses.Read().Skip(replica * (shares + 1) + 1).Take(shares).Sum(loss => (double)loss) / _examples,
            misses.Read().Skip(replica * (shares + 1) + 1).Take(shares).Sum()))];
        return run;
    }
}
