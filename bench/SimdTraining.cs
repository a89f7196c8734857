using BenchmarkDotNet.Attributes;
using GpuConvnet.Model;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;

namespace GpuConvnet.Bench;

/// <summary>
/// Whole presentations on the vector path, one core: a set as large as the article's, streamed from memory.
/// <c>dotnet run -c Release --project bench -- --filter '*Training*'</c>.
/// </summary>
public class SimdTraining
{
    private const int Count = 7_291;

    private readonly SimdNetwork _network = SimdNetwork.Create(NetworkOptions.Base1989);
    private Examples _examples = new([], []);

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        float[] pixels = new float[Count * Shape1989.InputUnits];
        byte[] labels = new byte[Count];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = random.NextSingle() * 2 - 1;
        }

        for (int i = 0; i < Count; i++)
        {
            labels[i] = (byte)random.Next(Shape1989.Outputs);
        }

        _examples = new Examples(pixels, labels);
        _network.Load(InitialParameters.Draw(NetworkOptions.Base1989, 1337));
    }

    [GlobalCleanup]
    public void Cleanup() => _network.Dispose();

    [Benchmark(OperationsPerInvoke = Count)]
    public void TrainOneExample() => _network.Train(_examples, 0, Count, 0.03f);

    [Benchmark(OperationsPerInvoke = Count)]
    public Evaluation EvaluateOneExample() => _network.Evaluate(_examples);
}
