using System.Numerics;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;

namespace GpuConvnet.Model.Verification;

/// <summary>
/// Are a network's layers right, and does what trains it do what they say? For layers of one's own, and for kernels; the library
/// is tested by the same. Parameters and images are random, so that no unit is idle.
/// </summary>
public static unsafe class NetworkVerification
{
    // A float holds a batch's share of the loss, 1/3, to 2e-8.
    private const double DifferencesTolerance = 1e-7;
    private const double FloatTolerance = 2e-5;
    private const double LossTolerance = 2e-6;
    private const double StepsTolerance = 1e-5;
    private const int DifferencesOfPart = 20;
    private const int Steps = 3;

    private static readonly Perturbation s_shifting = new(3, 4, maximumShift: 2, dropout: 0.1f);

    /// <summary>
    /// Holds the gradient of every part of a network's parameters to differences of the loss, both in double precision, and what
    /// floats and lanes of examples make of it to that. An error of a layer's gradient by its input shows in the parts of the
    /// layers before it, so that it takes one with parameters there.
    /// </summary>
    /// <remarks>
    /// Differences say nothing where the loss has a kink, as a rectifier's: such a place is left out, and a part that has them at
    /// most of its places does not pass.
    /// </remarks>
    /// <param name="network">The network.</param>
    /// <param name="seed">The seed of parameters and images.</param>
    /// <returns>Four checks per part, each of which says whether it <see cref="VerificationCheck.Passed"/>.</returns>
    public static IReadOnlyList<VerificationCheck> OfGradients(LayerNetwork network, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(network);
        Comparison comparison = new();
        Random random = new(seed);
        double[] parameters = [.. DrawParameters(network, random).Select(value => (double)value)];
        CompareWithDifferences(comparison, network, parameters, DrawExamples(random, 3), random);

        Examples examples = DrawExamples(random, 37);
        double[] expected = Gradient<Real64, double>(network, parameters, examples, s_shifting);
        float[] rounded = [.. parameters.Select(value => (float)value)];
        Compare(comparison, network, expected, Gradient<Real32, float>(network, rounded, examples, s_shifting), "in floats");
        Compare(comparison, network, expected, Gradient<Lanes16, float>(network, rounded, examples, s_shifting), "in lanes of 16");
        Compare(comparison, network, expected, Gradient<Lanes32, float>(network, rounded, examples, s_shifting), "in lanes of 32");
        return comparison.Checks;
    }

    /// <summary>
    /// Holds what trains a network, a device with kernels of one's own for instance, to the network's layers on the host: gradients of
    /// several batches, shifted and with dropped units too, loss and misses of both splits, and some steps, which must come out the
    /// same twice.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="create">
    /// Creates what trains it by an optimizer, on training examples, which are the largest batch too, and test examples. It is
    /// disposed of.
    /// </param>
    /// <param name="seed">The seed of parameters and images.</param>
    /// <returns>The checks, each of which says whether it <see cref="VerificationCheck.Passed"/>.</returns>
    public static IReadOnlyList<VerificationCheck> OfTrainer(
        LayerNetwork network, Func<Optimizer, Examples, Examples, ITrainer> create, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(create);
        Comparison comparison = new();
        Random random = new(seed);
        float[] parameters = DrawParameters(network, random);
        Examples train = DrawExamples(random, 40);
        Examples test = DrawExamples(random, 23);
        using LayerTrainer host = new(network, Optimizer.Sgd, train, test);
        using ITrainer trainer = create(Optimizer.Sgd, train, test);
        host.Load(parameters);
        trainer.Load(parameters);
        foreach ((int start, int count, Perturbation perturbation) in new[]
        {
            (0, 1, Perturbation.None), (3, 37, s_shifting), (0, train.Count, Perturbation.None),
        })
        {
            float[] expected = new float[network.ParameterCount];
            float[] actual = new float[network.ParameterCount];
            host.Gradient(start, count, perturbation, expected);
            trainer.Gradient(start, count, perturbation, actual);
            foreach (ParameterPart part in network.Parts)
            {
                comparison.Relative(
                    $"{part.Name} gradient", part.Of((ReadOnlySpan<float>)expected), part.Of((ReadOnlySpan<float>)actual), FloatTolerance);
            }
        }

        foreach (Split split in new[] { Split.Train, Split.Test })
        {
            Evaluation expected = host.Evaluate(split);
            Evaluation actual = trainer.Evaluate(split);
            comparison.Relative("loss", expected.Loss, actual.Loss, LossTolerance);
            comparison.Absolute("misses", [expected.Misses], [actual.Misses], tolerance: 0);
        }

        float[] first = AfterSteps(network, trainer, parameters);
        comparison.Absolute($"{Steps} steps", AfterSteps(network, host, parameters), first, StepsTolerance);
        comparison.Bits($"{Steps} steps again, bit for bit", first, AfterSteps(network, trainer, parameters));
        return comparison.Checks;
    }

    private static float[] AfterSteps(LayerNetwork network, ITrainer trainer, float[] parameters)
    {
        OptimizerOptions optimizer = new(Optimizer.Sgd, 0.1) { Momentum = 0.9 };
        StepSchedule schedule = new(optimizer, Steps, examples: 40, batch: 25, s_shifting, seed: 5);
        float[] result = new float[network.ParameterCount];
        trainer.Load(parameters);
        trainer.Take(schedule.Steps(first: 0, Steps));
        trainer.Store(result);
        return result;
    }

    private static void CompareWithDifferences(
        Comparison comparison, LayerNetwork network, double[] parameters, Examples examples, Random random)
    {
        double[] gradient = Gradient<Real64, double>(network, parameters, examples, Perturbation.None);
        foreach (ParameterPart part in network.Parts)
        {
            // The largest sets the scale of what rounding may change.
            int largest = Enumerable.Range(part.Offset, part.Count).MaxBy(place => Math.Abs(gradient[place]));
            int[] places =
            [
                largest, .. Enumerable.Range(0, DifferencesOfPart - 1).Select(_ => part.Offset + random.Next(part.Count)),
            ];
            List<double> expected = [];
            List<double> actual = [];
            foreach (int place in places)
            {
                double coarse = Difference(network, parameters, examples, place, 1e-3);
                double fine = Difference(network, parameters, examples, place, 5e-4);
                if (Math.Abs(coarse - fine) <= DifferencesTolerance * Math.Max(Math.Abs(fine), Math.Abs(gradient[largest])))
                {
                    expected.Add(fine);
                    actual.Add(gradient[place]);
                }
            }

            if (2 * expected.Count < places.Length)
            {
                comparison.Relative(
                    $"{part.Name} gradient by differences, with kinks at {places.Length - expected.Count} of {places.Length} places",
                    double.NaN, double.NaN, DifferencesTolerance);
            }
            else if (expected.TrueForAll(difference => difference == 0))
            {
                comparison.Relative(
                    $"{part.Name} gradient by differences, with none that is not 0", double.NaN, double.NaN, DifferencesTolerance);
            }
            else
            {
                comparison.Relative(
                    $"{part.Name} gradient by differences", expected.ToArray(), actual.ToArray(), DifferencesTolerance);
            }
        }
    }

    /// <summary>The loss's derivative by a parameter, by four values of the loss: its error is of the fourth order.</summary>
    private static double Difference(LayerNetwork network, double[] parameters, Examples examples, int place, double step)
    {
        double At(double distance)
        {
            double[] moved = [.. parameters];
            moved[place] += distance;
            return Loss(network, moved, examples);
        }

        return (8 * (At(step) - At(-step)) - (At(2 * step) - At(-2 * step))) / (12 * step);
    }

    private static double Loss(LayerNetwork network, double[] parameters, Examples examples)
    {
        using LayerEngine<Real64, double> engine = new(network);
        double loss = 0;
        fixed (double* values = Prepared(network, parameters))
        {
            for (int example = 0; example < examples.Count; example++)
            {
                double[] outputs = new double[Shape1989.Outputs];
                engine.Values(values, examples.Image(example), outputs);
                loss += network.Loss.Value(outputs, examples.Label(example), network.LabelSmoothing);
            }
        }

        return loss / examples.Count;
    }

    private static TWeight[] Gradient<TReal, TWeight>(
        LayerNetwork network, TWeight[] parameters, Examples examples, in Perturbation perturbation)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        using LayerEngine<TReal, TWeight> engine = new(network);
        TWeight[] all = Prepared(network, parameters);
        TWeight[] gradient = new TWeight[all.Length];
        fixed (TWeight* values = all, sums = gradient)
        {
            engine.AddGradient(values, examples, 0, examples.Count, perturbation, 1f / examples.Count, sums);
            network.Chain.Finish(sums + network.ParameterCount, sums);
        }

        return gradient;
    }

    private static TWeight[] Prepared<TWeight>(LayerNetwork network, TWeight[] parameters)
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        TWeight[] all = [.. parameters, .. new TWeight[network.Chain.Prepared]];
        fixed (TWeight* values = all)
        {
            network.Chain.Prepare(values, values + network.ParameterCount);
        }

        return all;
    }

    private static void Compare(
        Comparison comparison, LayerNetwork network, double[] expected, float[] actual, string how)
    {
        foreach (ParameterPart part in network.Parts)
        {
            double[] widened = [.. actual.Skip(part.Offset).Take(part.Count).Select(value => (double)value)];
            comparison.Relative($"{part.Name} gradient {how}", expected.AsSpan(part.Offset, part.Count), widened, FloatTolerance);
        }
    }

    /// <summary>Parameters as large as makes units neither idle nor saturated.</summary>
    private static float[] DrawParameters(LayerNetwork network, Random random)
    {
        float[] values = new float[network.ParameterCount];
        foreach (ParameterPart part in network.Parts)
        {
            double scale = 1.5 / Math.Sqrt(part.FanIn == 0 ? 25 : part.FanIn);
            foreach (ref float value in part.Of((Span<float>)values))
            {
                value = (float)(scale * (2 * random.NextDouble() - 1));
            }
        }

        return values;
    }

    private static Examples DrawExamples(Random random, int count)
    {
        float[] pixels = new float[count * Shape1989.InputUnits];
        byte[] labels = new byte[count];
        foreach (ref float pixel in pixels.AsSpan())
        {
            pixel = random.NextSingle() * 2 - 1;
        }

        foreach (ref byte label in labels.AsSpan())
        {
            label = (byte)random.Next(Shape1989.Outputs);
        }

        return new Examples(pixels, labels);
    }
}
