using System.Collections.Concurrent;
using GpuConvnet.Model;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>
/// Compares the gradient that backpropagation gives with one taken from the loss alone, by moving one parameter at a
/// time. Nothing that backward got wrong can be wrong in the same way there.
/// </summary>
/// <remarks>
/// The numerical derivative is the central difference of fourth order,
/// (8 (L(+h) - L(-h)) - (L(+2h) - L(-2h))) / 12h. In float32 the loss is good to some 1e-7, so that a small h drowns in
/// rounding and a large one in curvature; we halve h until the results of three sizes in a row agree.
/// Agreement is not enough where the loss has a kink (ReLU) at or near the point itself: the slopes left and right of it
/// then differ by the same amount at every h, where those of a smooth loss differ by half as much at h/2. A parameter
/// with a kink in every interval has no derivative to compare with: it is skipped and counted.
/// </remarks>
internal sealed class GradientCheck
{
    /// <summary>How many examples the loss is the mean of.</summary>
    public const int ExampleCount = 16;

    /// <summary>The largest difference that passes, relative to the root mean square of the part's gradient.</summary>
    public const double Tolerance = 0.02;

    private const float FirstStep = 0.04f;
    private const int Halvings = 9;
    private const double Agreement = Tolerance / 4;

    // Where there are many kinks, two step sizes agree by chance once in a while.
    private const int AgreementsNeeded = 2;

    // With ReLU most of H1's shared weights move a kink somewhere in 16 images.
    private const double LeastCheckedShare = 0.25;

    private readonly ExperimentConfiguration _configuration;
    private readonly Examples _examples;

    /// <summary>Prepares a check.</summary>
    /// <param name="configuration">Gives the network and its seed.</param>
    /// <param name="examples">Exactly <see cref="ExampleCount"/> examples.</param>
    public GradientCheck(ExperimentConfiguration configuration, Examples examples)
    {
        _configuration = configuration;
        _examples = examples;
    }

    /// <summary>Checks every part.</summary>
    /// <param name="mostPerPart">How many parameters of a part to look at, spread evenly; int.MaxValue for all.</param>
    /// <param name="interruption">Ends the check.</param>
    public GradientCheckResult Execute(int mostPerPart, CancellationToken interruption)
    {
        float[] initial = _configuration.DrawParameters();
        float[] analytic = new float[_configuration.ParameterCount];
        double loss;
        using (INetwork network = _configuration.CreateClassifier(initial))
        {
            loss = network.Gradient(_examples, 0, ExampleCount, analytic);
        }

        GradientCheckPart[] parts =
        [
            .. _configuration.Parts.Select(part => Check(part, initial, analytic, loss, mostPerPart, interruption)),
        ];
        return new GradientCheckResult(
            _configuration.Experiment, ExampleCount, Tolerance, parts, parts.All(part => part.Passed));
    }

    private GradientCheckPart Check(
        ParameterPart part,
        float[] initial,
        float[] analytic,
        double loss,
        int mostPerPart,
        CancellationToken interruption)
    {
        double scale = RootMeanSquare(part.Of((ReadOnlySpan<float>)analytic));
        int looked = Math.Min(part.Count, mostPerPart);
        double?[] errors = new double?[looked];
        int IndexOf(int sample) => (int)((long)sample * part.Count / looked);

        ParallelOptions options = new()
        {
            MaxDegreeOfParallelism = Environment.ProcessorCount,
            CancellationToken = interruption,
        };
        Parallel.ForEach(Partitioner.Create(0, looked), options, range =>
        {
            using INetwork network = _configuration.CreateClassifier(initial);
            float[] parameters = [.. initial];
            for (int sample = range.Item1; sample < range.Item2; sample++)
            {
                interruption.ThrowIfCancellationRequested();
                int index = part.Offset + IndexOf(sample);
                double? numerical = Derivative(network, parameters, index, loss, Agreement * scale);
                errors[sample] = numerical is double derivative ? Math.Abs(derivative - analytic[index]) / scale : null;
            }
        });

        int worst = Enumerable.Range(0, looked).MaxBy(sample => errors[sample] ?? -1);
        int compared = errors.Count(error => error is not null);
        double worstError = errors[worst] ?? 0;
        bool passed = worstError <= Tolerance && compared >= LeastCheckedShare * looked;
        return new GradientCheckPart(
            part.Name, part.Count, compared, looked - compared, scale, worstError, IndexOf(worst), passed);
    }

    /// <summary>The numerical derivative by one parameter, or null where no step size gives one.</summary>
    private double? Derivative(
        INetwork network, float[] parameters, int index, double loss, double agreement)
    {
        float step = FirstStep;
        (double Slope, double Bend) coarse = Differences(network, parameters, index, loss, step);
        int agreements = 0;
        for (int halving = 0; halving < Halvings; halving++)
        {
            step /= 2;
            (double Slope, double Bend) fine = Differences(network, parameters, index, loss, step);
            bool agrees = Math.Abs(fine.Slope - coarse.Slope) <= agreement
                && Math.Abs(fine.Bend - coarse.Bend / 2) <= agreement;
            agreements = agrees ? agreements + 1 : 0;
            if (agreements == AgreementsNeeded)
            {
                return fine.Slope;
            }

            coarse = fine;
        }

        return null;
    }

    /// <summary>The slope at a parameter, and by how much the slopes right and left of it differ.</summary>
    private (double Slope, double Bend) Differences(
        INetwork network, float[] parameters, int index, double loss, float step)
    {
        float centre = parameters[index];

        // The steps that float32 really takes: centre + step is rounded.
        (double Offset, double Loss) At(float offset)
        {
            parameters[index] = centre + offset;
            double moved = (double)parameters[index] - centre;
            network.Load(parameters);
            parameters[index] = centre;
            return (moved, network.TrainingLoss(_examples));
        }

        (double Offset, double Loss) right = At(step);
        (double Offset, double Loss) left = At(-step);
        (double Offset, double Loss) farRight = At(2 * step);
        (double Offset, double Loss) farLeft = At(-2 * step);
        double near = (right.Loss - left.Loss) / (right.Offset - left.Offset);
        double far = (farRight.Loss - farLeft.Loss) / (farRight.Offset - farLeft.Offset);
        double bend = (right.Loss - loss) / right.Offset - (left.Loss - loss) / left.Offset;
        return ((4 * near - far) / 3, bend);
    }

    private static double RootMeanSquare(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += (double)value * value;
        }

        return Math.Max(Math.Sqrt(sum / values.Length), double.Epsilon);
    }
}
