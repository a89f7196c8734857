using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Reference;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Simd;

/// <summary>Batch training on the host, against PyTorch's numbers and against itself with other threads.</summary>
public class HostTrainerTests
{
    public static TheoryData<string, string> OptimizerRuns
    {
        get
        {
            TheoryData<string, string> runs = [];
            foreach (string variant in new[] { "base", "softmax", "relu" })
            {
                runs.Add(variant, "adam");
                runs.Add(variant, "adamw");
                runs.Add(variant, "sgdm");
            }

            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(OptimizerRuns))]
    public void TwentyFullBatchStepsAgreeWithPyTorch(string variant, string optimizer)
    {
        NetworkOptions options = GoldenVariants.Options(variant);
        OptimizerOptions rule = GoldenVariants.OptimizerOf(optimizer);
        Examples examples = Golden.Examples();
        using HostTrainer trainer = new(options, rule.Kind, examples, examples);
        trainer.Load(Golden.Net($"{variant}_init"));
        for (int step = 0; step < 20; step++)
        {
            trainer.Take([new BatchStep(0, examples.Count, rule.Constants(rule.LearningRate, step), Perturbation.None)]);
        }

        float[] parameters = new float[Parameters.Count];
        trainer.Store(parameters);
        float[] expected = Golden.Net($"{variant}_after_20_{optimizer}_full");
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], parameters[i], 1e-5f);
        }
    }

    [Fact]
    public void ThreadsDoNotChangeABit()
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 333);
        float[] initial = RandomNetwork.Parameters(new Random(2));
        OptimizerOptions adam = new(Optimizer.Of<AdamW>(), 0.01) { WeightDecay = 0.1 };
        float[][] results = [.. new[] { 1, 2, 3, 7 }.Select(threads =>
        {
            using HostTrainer trainer = new(NetworkOptions.Base1989, adam.Kind, examples, examples, threads);
            trainer.Load(initial);
            for (int step = 0; step < 3; step++)
            {
                trainer.Take([new BatchStep(5, 300, adam.Constants(0.01, step), new Perturbation(9, (uint)step, 1, 0.25f))]);
            }

            float[] parameters = new float[Parameters.Count];
            trainer.Store(parameters);
            return parameters;
        })];
        Assert.All(results, result => Assert.Equal(results[0], result));
        Assert.NotEqual(initial, results[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(100)]
    [InlineData(1_500)]
    public void ABatchsGradientIsItsExamplesMean(int count)
    {
        Examples examples = RandomNetwork.Examples(new Random(3), 1_510);
        float[] parameters = RandomNetwork.Parameters(new Random(4));
        using HostTrainer trainer = new(NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples, examples);
        using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
        trainer.Load(parameters);
        network.Load(parameters);
        float[] gradient = new float[Parameters.Count];
        float[] expected = new float[Parameters.Count];

        trainer.Gradient(7, count, Perturbation.None, gradient);
        network.Gradient(examples, 7, count, expected);

        float largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], gradient[i], 1e-5f * largest);
        }
    }

    [Fact]
    public void EvaluationAgreesWithTheReferencePaths()
    {
        Examples examples = RandomNetwork.Examples(new Random(5), 700);
        float[] parameters = RandomNetwork.Parameters(new Random(6));
        using HostTrainer trainer = new(NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples, examples);
        using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
        trainer.Load(parameters);
        network.Load(parameters);

        Evaluation expected = network.Evaluate(examples);
        Evaluation evaluation = trainer.Evaluate(Split.Test);

        Assert.Equal(expected.Misses, evaluation.Misses);
        Assert.Equal(expected.Loss, evaluation.Loss, 1e-12);
    }

    [Fact]
    public void ShiftedAndDroppedGradientsAgreeWithTheOracle()
    {
        // The oracle knows neither: it gets the rolled image, and a network in which the dropped units' weights to H3
        // are zero and the kept ones' are scaled, whose H3w gradient scales back by the same factors.
        Examples examples = RandomNetwork.Examples(new Random(7), 3);
        float[] parameters = RandomNetwork.Parameters(new Random(8));
        Perturbation perturbation = new(seed: 11, step: 5, maximumShift: 1, dropout: 0.25f);
        double[] expected = new double[Parameters.Count];
        float[] rolled = new float[Shape1989.InputUnits];
        int dropped = 0;
        for (int n = 0; n < examples.Count; n++)
        {
            perturbation.Shift(n, out int rows, out int columns);
            Perturbation.Roll(examples.Image(n), rolled, rows, columns);
            float[] factors = new float[Shape1989.H2Units];
            for (int row = 0; row < factors.Length / 4; row++)
            {
                perturbation.KeepFactors(n, row, out factors[4 * row], out factors[4 * row + 1],
                    out factors[4 * row + 2], out factors[4 * row + 3]);
            }

            dropped += factors.Count(factor => factor == 0);
            double[] scaled = Array.ConvertAll(parameters, parameter => (double)parameter);
            for (int weight = 0; weight < Parameters.H3w.Count; weight++)
            {
                scaled[Parameters.H3w.Offset + weight] *= factors[weight / Shape1989.H3Units];
            }

            double[] gradient = new double[Parameters.Count];
            new ReferenceNetwork(NetworkOptions.Base1989, scaled).AddGradient(rolled, examples.Labels[n], 1.0 / 3, gradient);
            for (int i = 0; i < gradient.Length; i++)
            {
                int weight = i - Parameters.H3w.Offset;
                bool isH3 = weight >= 0 && weight < Parameters.H3w.Count;
                expected[i] += gradient[i] * (isH3 ? factors[weight / Shape1989.H3Units] : 1);
            }
        }

        using HostTrainer trainer = new(NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples, examples);
        trainer.Load(parameters);
        float[] actual = new float[Parameters.Count];
        trainer.Gradient(0, 3, perturbation, actual);

        Assert.InRange(dropped, 90, 200);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 2e-6);
        }
    }
}
