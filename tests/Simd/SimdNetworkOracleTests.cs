using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Reference;
using GpuConvnet.Model.Simd;
using GpuConvnet.Tests.Oracle;
using GpuConvnet.Trainer.Studies.Verification;

namespace GpuConvnet.Tests.Simd;

/// <summary>The vector path against the scalar double-precision oracle, on random parameters and images.</summary>
public class SimdNetworkOracleTests
{
    public static TheoryData<NetworkOptions, int> Cases
    {
        get
        {
            TheoryData<NetworkOptions, int> cases = [];
            foreach (Activation hidden in Activation.All.Where(activation => activation.IsHidden))
            {
                for (int seed = 0; seed < 3; seed++)
                {
                    cases.Add(new(hidden, Activation.Of<Tanh>(), Loss.Of<SquaredError>()), seed);
                    cases.Add(new(hidden, Activation.Of<ScaledTanh>(), Loss.Of<SquaredError>()), seed);
                    cases.Add(new(hidden, Activation.Of<Linear>(), Loss.Of<SquaredError>()), seed);
                    cases.Add(new(hidden, Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()), seed);
                    cases.Add(
                        new(hidden, Activation.Of<Tanh>(), Loss.Of<SquaredError>())
                        {
                            Connections = RandomCase.DrawConnections(new Random(seed)),
                        },
                        seed);
                    cases.Add(
                        new(hidden, Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()) { LabelSmoothing = 0.1 * (seed + 1) }, seed);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void OutputsLossAndGradientAgree(NetworkOptions options, int seed)
    {
        Random random = new(seed);
        float[] parameters = RandomNetwork.Parameters(random);
        Examples examples = RandomNetwork.Examples(random, 5);
        double[] exact = Array.ConvertAll(parameters, parameter => (double)parameter);
        ReferenceNetwork oracle = new(options, exact);
        using SimdNetwork network = SimdNetwork.Create(options);
        network.Load(parameters);

        double expectedLoss = 0;
        double[] expected = new double[Parameters.Count];
        float[] outputs = new float[Shape1989.Outputs];
        for (int n = 0; n < examples.Count; n++)
        {
            network.Outputs(examples.Image(n), outputs);
            double[] expectedOutputs = oracle.Outputs(examples.Image(n));
            for (int digit = 0; digit < outputs.Length; digit++)
            {
                Assert.Equal(expectedOutputs[digit], outputs[digit], 4e-6);
            }

            expectedLoss += oracle.LossOf(examples.Image(n), examples.Labels[n]) / examples.Count;
            oracle.AddGradient(examples.Image(n), examples.Labels[n], 1.0 / examples.Count, expected);
        }

        float[] gradient = new float[Parameters.Count];
        double loss = network.Gradient(examples, 0, examples.Count, gradient);
        Assert.Equal(expectedLoss, loss, 4e-6);
        Assert.Equal(loss, network.TrainingLoss(examples), 1e-12);
        foreach (ParameterPart part in Parameters.Parts)
        {
            double largest = expected.Skip(part.Offset).Take(part.Count).Max(Math.Abs);
            for (int i = part.Offset; i < part.Offset + part.Count; i++)
            {
                Assert.True(
                    Math.Abs(expected[i] - gradient[i]) <= 1e-5 * largest,
                    $"{part.Name}[{i - part.Offset}]: {gradient[i]:g9}, expected {expected[i]:g9}");
            }
        }
    }

    [Fact]
    public void ATrainingStepIsTheGradientTimesTheLearningRate()
    {
        Random random = new(7);
        float[] before = RandomNetwork.Parameters(random);
        Examples examples = RandomNetwork.Examples(random, 3);
        using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
        network.Load(before);
        float[] gradient = new float[Parameters.Count];
        network.Gradient(examples, 1, 1, gradient);

        network.Train(examples, 1, 1, 0.25f);

        float[] after = new float[Parameters.Count];
        network.Store(after);
        for (int i = 0; i < after.Length; i++)
        {
            Assert.Equal(before[i] - 0.25f * gradient[i], after[i], 1e-6f);
        }
    }

    [Fact]
    public void GradientAndEvaluationLeaveTheParametersAlone()
    {
        Random random = new(8);
        float[] before = RandomNetwork.Parameters(random);
        Examples examples = RandomNetwork.Examples(random, 4);
        using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
        network.Load(before);

        network.Gradient(examples, 0, 4, new float[Parameters.Count]);
        network.Evaluate(examples);

        float[] after = new float[Parameters.Count];
        network.Store(after);
        Assert.Equal(before, after);
    }

    [Fact]
    public void EvaluationIsTheMeanLossAndTheCountOfWrongArguments()
    {
        Random random = new(9);
        float[] parameters = RandomNetwork.Parameters(random);
        Examples examples = RandomNetwork.Examples(random, 50);
        ReferenceNetwork oracle = new(NetworkOptions.Base1989, Array.ConvertAll(parameters, parameter => (double)parameter));
        using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
        network.Load(parameters);

        Evaluation evaluation = network.Evaluate(examples);

        double loss = 0;
        int misses = 0;
        for (int n = 0; n < examples.Count; n++)
        {
            loss += oracle.LossOf(examples.Image(n), examples.Labels[n]);
            double[] outputs = oracle.Outputs(examples.Image(n));
            misses += Array.IndexOf(outputs, outputs.Max()) == examples.Labels[n] ? 0 : 1;
        }

        Assert.Equal(50, evaluation.Examples);
        Assert.Equal(loss / 50, evaluation.Loss, 1e-6);
        Assert.Equal(misses, evaluation.Misses);
    }

    [Fact]
    public void EvaluationReportsTheLossWithoutLabelSmoothing()
    {
        NetworkOptions plain = new(Activation.Of<Tanh>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>());
        Random random = new(12);
        float[] parameters = RandomNetwork.Parameters(random);
        Examples examples = RandomNetwork.Examples(random, 20);
        using SimdNetwork network = SimdNetwork.Create(plain with { LabelSmoothing = 0.3 });
        using SimdNetwork unsmoothed = SimdNetwork.Create(plain);
        network.Load(parameters);
        unsmoothed.Load(parameters);

        Assert.Equal(unsmoothed.Evaluate(examples), network.Evaluate(examples));
        Assert.NotEqual(unsmoothed.TrainingLoss(examples), network.TrainingLoss(examples), 1e-3);
    }

    [Fact]
    public void TrainingAllocatesNothing()
    {
        Examples examples = RandomNetwork.Examples(new Random(10), 20);
        using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
        network.Load(InitialParameters.Draw(NetworkOptions.Base1989, 1));
        network.Train(examples, 0, 20, 0.03f);

        long before = GC.GetAllocatedBytesForCurrentThread();
        network.Train(examples, 0, 20, 0.03f);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void WrongLengthsAndRangesAreRefused()
    {
        Examples examples = RandomNetwork.Examples(new Random(11), 3);
        using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
        Assert.Throws<ArgumentException>(() => network.Load(new float[9_759]));
        Assert.Throws<ArgumentException>(() => network.Store(new float[9_761]));
        Assert.Throws<ArgumentException>(() => network.Outputs(new float[255], new float[10]));
        Assert.Throws<ArgumentException>(() => network.Gradient(examples, 0, 3, new float[10]));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Train(examples, 1, 3, 0.1f));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Train(examples, -1, 1, 0.1f));
        Assert.Throws<NotSupportedException>(() => SimdNetwork.Create(
            new(Activation.Of<Tanh>(), Activation.Of<Tanh>(), Loss.Of<SoftmaxCrossEntropy>())));
        Assert.Throws<NotSupportedException>(() => SimdNetwork.Create(
            NetworkOptions.Base1989 with { LabelSmoothing = 0.1 }));
    }
}
