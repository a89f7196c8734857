using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;

namespace GpuConvnet.Trainer.Studies.Verification;

/// <summary>Random parameters and examples: cases that no golden file holds.</summary>
internal static class RandomCase
{
    /// <summary>
    /// How far each weighted sum of a rectifier stays from 0: a hundred times its rounding error. Nearer, two correct
    /// engines may round to different sides, and the whole gradient through that unit is there in one and gone in the
    /// other. By estimate, not measurement, 400,000 sums would hold such a unit on one new device in ten.
    /// </summary>
    private const float KinkMargin = 3e-5f;

    private const int HiddenUnits = Shape1989.Activations - Shape1989.Outputs;

    private static readonly ParameterPart[] s_hiddenBiases = [Parameters.H1b, Parameters.H2b, Parameters.H3b];

    /// <summary>Parameters of a usual size, biases included.</summary>
    public static float[] DrawParameters(Random random)
    {
        float[] parameters = new float[Parameters.Count];
        foreach (ParameterPart part in Parameters.Parts)
        {
            float range = part.IsBias ? 0.3f : 1.5f / MathF.Sqrt(part.FanIn);
            foreach (ref float parameter in part.Of(parameters.AsSpan()))
            {
                parameter = (random.NextSingle() * 2 - 1) * range;
            }
        }

        return parameters;
    }

    /// <summary>A connection table without any order: each map of H2 reads eight of H1 of its own.</summary>
    public static H2Connections DrawConnections(Random random)
    {
        int[][] table = new int[Shape1989.H2Maps][];
        for (int map = 0; map < table.Length; map++)
        {
            int[] maps = [.. Enumerable.Range(0, Shape1989.H1Maps)];
            random.Shuffle(maps);
            table[map] = maps[..Shape1989.H2Sources];
        }

        return new H2Connections(table);
    }

    /// <summary>Images of perturbation, with labels of any digit.</summary>
    public static Examples DrawExamples(Random random, int count)
    {
        float[] pixels = new float[count * Shape1989.InputUnits];
        byte[] labels = new byte[count];
        DrawImage(random, pixels);
        for (int i = 0; i < count; i++)
        {
            labels[i] = (byte)random.Next(Shape1989.Outputs);
        }

        return new Examples(pixels, labels);
    }

    /// <summary>Draws the images anew on which some unit of a rectifier is too near its kink.</summary>
    /// <param name="random">Draws the images.</param>
    /// <param name="examples">The examples; their images are changed in place.</param>
    /// <param name="network">The network; one without rectifiers has no kinks.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="perturbations">Under each of them, no unit may be near its kink.</param>
    /// <returns>How many images were drawn anew.</returns>
    public static int AvoidKinks(
        Random random, Examples examples, NetworkOptions network, float[] parameters, Perturbation[] perturbations)
    {
        if (network.Hidden != Activation.Of<ReLU>())
        {
            return 0;
        }

        SimdNetwork[] moved =
        [
            .. s_hiddenBiases.SelectMany(part => new[]
            {
                Moved(network, parameters, part, -KinkMargin), Moved(network, parameters, part, KinkMargin),
            }),
        ];
        int redrawn = 0;
        for (int example = 0; example < examples.Count; example++)
        {
            while (Array.Exists(perturbations, perturbation => IsNearKink(moved, examples, example, perturbation)))
            {
                DrawImage(random, examples.Pixels.AsSpan(example * Shape1989.InputUnits, Shape1989.InputUnits));
                redrawn++;
            }
        }

        foreach (SimdNetwork path in moved)
        {
            path.Dispose();
        }

        return redrawn;
    }

    private static void DrawImage(Random random, Span<float> pixels)
    {
        foreach (ref float pixel in pixels)
        {
            pixel = random.NextSingle() * 2 - 1;
        }
    }

    /// <summary>The network with the biases of one layer moved, and so all weighted sums of that layer.</summary>
    private static SimdNetwork Moved(NetworkOptions network, float[] parameters, ParameterPart biases, float distance)
    {
        float[] moved = [.. parameters];
        foreach (ref float bias in biases.Of(moved.AsSpan()))
        {
            bias += distance;
        }

        SimdNetwork path = SimdNetwork.Create(network);
        path.Load(moved);
        return path;
    }

    /// <summary>Whether any unit is on in one of the moved networks and off in another.</summary>
    private static bool IsNearKink(SimdNetwork[] moved, Examples examples, int example, Perturbation perturbation)
    {
        float[] activations = new float[Shape1989.Activations];
        float[] deltas = new float[Shape1989.Activations];
        bool[] isOn = new bool[HiddenUnits];
        for (int path = 0; path < moved.Length; path++)
        {
            moved[path].Trace(examples, example, perturbation, 1f, activations, deltas);
            for (int unit = 0; unit < HiddenUnits; unit++)
            {
                bool isOnHere = activations[unit] > 0;
                if (path > 0 && isOn[unit] != isOnHere)
                {
                    return true;
                }

                isOn[unit] = isOnHere;
            }
        }

        return false;
    }
}
