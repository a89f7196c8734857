using BenchmarkDotNet.Attributes;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Network;
using GpuConvnet.Recognition;
using GpuConvnet.Recognition.Finding;
using GpuConvnet.Recognition.Images;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Bench;

/// <summary>
/// From a digit to the answer, one core, warm: <c>dotnet run -c Release --project bench -- --filter '*Reading*'</c>.
/// </summary>
public class DigitReading
{
    private readonly float[] _pixels = new float[256];
    private GreyImage _small = new(1, 1, [0]);
    private GreyImage _photograph = new(1, 1, [0]);
    private DigitReader? _tanh;
    private DigitReader? _crossEntropy;

    [GlobalSetup]
    public void Setup()
    {
        BuiltinDigits.Draw(1, 3, _pixels);
        _small = Enlarged(1);
        _photograph = Enlarged(32);
        _tanh = Reader("1989-base");
        _crossEntropy = Reader("softmax");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _tanh?.Dispose();
        _crossEntropy?.Dispose();
    }

    /// <summary>16x16 pixels as the network takes them, to the answer.</summary>
    [Benchmark(Baseline = true)]
    public Prediction Framed() => _tanh!.Read(_pixels);

    /// <summary>The same with ten probabilities.</summary>
    [Benchmark]
    public Prediction FramedWithProbabilities() => _crossEntropy!.Read(_pixels);

    /// <summary>A decoded picture of 16x16: the digit found in it, framed, and read.</summary>
    [Benchmark]
    public Prediction Found16() => FindAndRead(_small);

    /// <summary>A decoded picture of 512x512.</summary>
    [Benchmark]
    public Prediction Found512() => FindAndRead(_photograph);

    private Prediction FindAndRead(GreyImage image) => _tanh!.Read(DigitFrame.Of(DigitFinder.Find(image)!, _tanh.Framing));

    private static DigitReader Reader(string experiment)
    {
        ExperimentConfiguration configuration = ConfigurationFile.Load(experiment);
        return new DigitReader(InitialParameters.Draw(configuration.Network, 1337), configuration.Network, Framing.Mnist);
    }

    private GreyImage Enlarged(int times)
    {
        int side = 16 * times;
        byte[] pixels = new byte[side * side];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((_pixels[i / side / times * 16 + i % side / times] + 1) * 127.5f);
        }

        return new GreyImage(side, side, pixels);
    }
}
