using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Reference;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Simd;

/// <summary>Weight normalization against its definition, in double precision and with numerical derivatives.</summary>
public class WeightNormalizationTests
{
    private const double LearningRate = 0.2;
    private const double Momentum = 0.9;
    private const double WeightDecay = 0.02;

    private static readonly NetworkOptions s_network = NetworkOptions.Base1989 with { WeightNormalization = true };

    [Fact]
    public void FourStepsAgreeWithTheOracle()
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 6);
        float[] initial = RandomNetwork.Parameters(new Random(2));
        OptimizerOptions sgd = new(Optimizer.Of<Sgd>(), LearningRate) { Momentum = Momentum, WeightDecay = WeightDecay };
        using HostTrainer trainer = new(s_network, sgd.Kind, examples, examples, threads: 1);
        trainer.Load(initial);
        for (int step = 0; step < 4; step++)
        {
            trainer.Take([new BatchStep(0, examples.Count, sgd.Constants(LearningRate, step), Perturbation.None)]);
        }

        float[] actual = new float[Parameters.Count];
        trainer.Store(actual);
        double[] expected = Oracle(initial, examples, steps: 4);
        double furthest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 3e-6);
            furthest = Math.Max(furthest, Math.Abs(expected[i] - initial[i]));
        }

        Assert.InRange(furthest, 0.05, 10);
    }

    [Fact]
    public void ItIsNotWhatStepsOnTheWeightsThemselvesGive()
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 6);
        float[] initial = RandomNetwork.Parameters(new Random(2));
        OptimizerConstants step = new OptimizerOptions(Optimizer.Of<Sgd>(), LearningRate).Constants(LearningRate, 0);
        float[][] results = [.. new[] { s_network, NetworkOptions.Base1989 }.Select(network =>
        {
            using HostTrainer trainer = new(network, Optimizer.Of<Sgd>(), examples, examples, threads: 1);
            trainer.Load(initial);
            trainer.Take([new BatchStep(0, examples.Count, step, Perturbation.None)]);
            float[] result = new float[Parameters.Count];
            trainer.Store(result);
            return result;
        })];

        Assert.All(Parameters.Parts, part =>
        {
            float furthest = part.Of(results[0].AsSpan()).ToArray()
                .Zip(part.Of(results[1].AsSpan()).ToArray(), (a, b) => Math.Abs(a - b)).Max();
            Assert.InRange(furthest, part.IsBias ? 0 : 1e-5, part.IsBias ? 1e-7 : 1);
        });
    }

    [Fact]
    public void TrainingInPlaceRefusesIt()
    {
        using SimdNetwork network = SimdNetwork.Create(s_network);

        Assert.Throws<NotSupportedException>(
            () => network.Train(RandomNetwork.Examples(new Random(1), 1), 0, 1, 0.1f));
    }

    /// <summary>
    /// SGD with momentum on every g, v and bias. The gradient by w is the scalar network's; what it makes of g and v is
    /// the numerical derivative of the sum over a vector of gradient times w, w = g v/|v|.
    /// </summary>
    private static double[] Oracle(float[] initial, Examples examples, int steps)
    {
        double[] v = Array.ConvertAll(initial, parameter => (double)parameter);
        double[] w = [.. v];
        double[] g = [.. UnitWeights.All.Select(weights => Math.Sqrt(Places(weights).Sum(place => v[place] * v[place])))];
        double[] velocityOfV = new double[v.Length];
        double[] velocityOfG = new double[g.Length];
        for (int step = 0; step < steps; step++)
        {
            double[] gradient = new double[v.Length];
            ReferenceNetwork network = new(NetworkOptions.Base1989, w);
            for (int n = 0; n < examples.Count; n++)
            {
                network.AddGradient(examples.Image(n), examples.Labels[n], 1.0 / examples.Count, gradient);
            }

            double[] gradientOfV = [.. gradient];
            for (int unit = 0; unit < g.Length; unit++)
            {
                int[] places = Places(UnitWeights.All[unit]);
                double[] vector = [.. places.Select(place => v[place])];
                double[] slopes = [.. places.Select(place => gradient[place])];
                for (int i = 0; i < vector.Length; i++)
                {
                    gradientOfV[places[i]] =
                        Derivative(vector[i], moved => Along(slopes, [.. vector[..i], moved, .. vector[(i + 1)..]], g[unit]));
                }

                double gradientOfG = Derivative(g[unit], moved => Along(slopes, vector, moved));
                Move(ref g[unit], ref velocityOfG[unit], gradientOfG);
            }

            for (int i = 0; i < v.Length; i++)
            {
                Move(ref v[i], ref velocityOfV[i], gradientOfV[i]);
            }

            w = [.. v];
            for (int unit = 0; unit < g.Length; unit++)
            {
                int[] places = Places(UnitWeights.All[unit]);
                double length = Math.Sqrt(places.Sum(place => v[place] * v[place]));
                foreach (int place in places)
                {
                    w[place] = g[unit] * v[place] / length;
                }
            }
        }

        return w;
    }

    private static int[] Places(UnitWeights weights) =>
        [.. Enumerable.Range(0, weights.Count).Select(i => weights.First + i * weights.Stride)];

    private static double Along(double[] slopes, double[] vector, double length) =>
        length * slopes.Zip(vector, (slope, value) => slope * value).Sum() / Math.Sqrt(vector.Sum(value => value * value));

    private static double Derivative(double at, Func<double, double> function) =>
        (function(at + 1e-5) - function(at - 1e-5)) / 2e-5;

    private static void Move(ref double parameter, ref double velocity, double gradient)
    {
        velocity = Momentum * velocity + gradient + WeightDecay * parameter;
        parameter -= LearningRate * velocity;
    }
}
