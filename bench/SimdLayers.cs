using BenchmarkDotNet.Attributes;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using GpuConvnet.Model.Simd;

namespace GpuConvnet.Bench;

/// <summary>
/// The vector path layer by layer, one example: <c>dotnet run -c Release --project bench -- --filter '*Layers*'</c>.
/// Parameters and activations stay in the first-level cache here, which in training they share with each other.
/// </summary>
public unsafe class SimdLayers
{
    private readonly Workspace _workspace = new();
    private readonly AlignedFloats _parameters = new(SimdLayout.Count);
    private readonly float[] _image = new float[256];
    private AddTo _step;

    [GlobalSetup]
    public void Setup()
    {
        SimdLayout.Pack(InitialParameters.Draw(NetworkOptions.Base1989, 1337), _parameters.Span);
        Random random = new(1);
        for (int i = 0; i < _image.Length; i++)
        {
            _image[i] = random.NextSingle() * 2 - 1;
        }

        // A rate this small leaves the parameters as they are, so that every iteration does the same work.
        _step = new AddTo(_parameters.Pointer, -1e-20f);
        InputForward();
        H1Forward();
        H2InputForward();
        H2Forward();
        H3Forward();
        OutputForward();
        OutputDelta();
        OutputBackward();
        H3Backward();
        H2BackwardInput();
        H2InputBackward();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _workspace.Dispose();
        _parameters.Dispose();
    }

    [Benchmark]
    public void InputForward() => InputBorder.Surround(_image, _workspace.Image);

    [Benchmark]
    public void H1Forward() => H1Layer.Forward<Tanh>(_workspace, _parameters.Pointer);

    [Benchmark]
    public void H2InputForward() => H2Input.Forward(_workspace);

    [Benchmark]
    public void H2Forward() => H2Layer.Forward<Tanh>(_workspace, _parameters.Pointer);

    [Benchmark]
    public void H3Forward() => H3Layer.Forward<Tanh>(_workspace, _workspace.H2, _parameters.Pointer);

    [Benchmark]
    public void OutputForward() => OutputLayer.Forward<Tanh>(_workspace, _parameters.Pointer);

    [Benchmark]
    public void OutputDelta() => OutputLayer.Delta<Tanh, SquaredError>(_workspace, 3, SquaredError.Targets(0), _step.DeltaScale);

    [Benchmark]
    public void OutputBackward() => OutputLayer.Backward<Tanh, AddTo>(_workspace, _parameters.Pointer, _step);

    [Benchmark]
    public void H3Backward() => H3Layer.Backward<Tanh, AddTo>(_workspace, _workspace.H2, _parameters.Pointer, _step);

    [Benchmark]
    public void H2BackwardInput() => H2Layer.BackwardInput(_workspace, _parameters.Pointer);

    [Benchmark]
    public void H2BackwardWeights() => H2Layer.BackwardWeights(_workspace, _step);

    [Benchmark]
    public void H2InputBackward() => H2Input.Backward<Tanh>(_workspace);

    [Benchmark]
    public void H1Backward() => H1Layer.Backward(_workspace, _step);
}
