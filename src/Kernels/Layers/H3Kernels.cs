using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// H3: units connected to all of H2. (H2Units) in, (H3Units) out. The twin on the host is
/// <c>Model/Simd/H3Layer</c>; its weights' gradient is <see cref="DenseWeightKernels"/>'s.
/// </summary>
internal static class H3Kernels
{
    /// <summary>Units that one thread of <see cref="Forward"/> works on.</summary>
    public const int BlockUnits = 10;

    /// <summary>Threads an example that <see cref="Forward"/> takes: ten units each.</summary>
    public static int ForwardTiles() => Shape1989.H3Units / BlockUnits;

    /// <summary>Threads an example that <see cref="BackwardInput"/> takes: a row of a map of H2 each.</summary>
    public static int InputTiles() => Layout.H2Units / Shape1989.H2Size;

    /// <summary>H3 = activation(bias + kept H2 * weights).</summary>
    /// <param name="index">X: the example; Y: block of ten units.</param>
    /// <param name="batch">Kept in, H3's rows of the activations out.</param>
    /// <param name="parameters">All parameters.</param>
    public static void Forward<THidden>(Index2D index, Batch batch, ArrayView<float> parameters)
        where THidden : struct, IActivation
    {
        int example = index.X;
        int unit = index.Y * BlockUnits;
        int bias = Layout.H3b + unit;
        Float8 sums = Float8.Load(parameters, bias, 1);
        float sum8 = parameters[bias + 8];
        float sum9 = parameters[bias + 9];
        for (int input = 0; input < Layout.H2Units; input++)
        {
            float h2 = batch.Kept[input * batch.Stride + example];
            int weight = Layout.H3w + input * Shape1989.H3Units + unit;
            sums = Float8.Load(parameters, weight, 1).TimesPlus(h2, sums);
            sum8 += h2 * parameters[weight + 8];
            sum9 += h2 * parameters[weight + 9];
        }

        int place = (Layout.H3Row + unit) * batch.Stride + example;
        sums.Applied<THidden>().Store(batch.Activations, place, batch.Stride);
        batch.Activations[place + 8 * batch.Stride] = THidden.Apply(sum8);
        batch.Activations[place + 9 * batch.Stride] = THidden.Apply(sum9);
        if (THidden.DerivativeNeedsSum && batch.HasDeltas)
        {
            sums.Derivatives<THidden>().Store(batch.Deltas, place, batch.Stride);
            batch.Deltas[place + 8 * batch.Stride] = THidden.Derivative(sum8);
            batch.Deltas[place + 9 * batch.Stride] = THidden.Derivative(sum9);
        }
    }

    /// <summary>From H3's deltas to H2's, through dropout.</summary>
    /// <param name="index">X: the example; Y: map of H2 * 4 + row.</param>
    /// <param name="batch">H2's activations and H3's deltas in, H2's deltas out.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="perturbation">What dropout dropped.</param>
    public static void BackwardInput<THidden>(
        Index2D index, Batch batch, ArrayView<float> parameters, Perturbation perturbation)
        where THidden : struct, IActivation
    {
        int example = index.X;
        int unit = index.Y * Shape1989.H2Size;
        Float4 sums = default;
        for (int h3 = 0; h3 < Shape1989.H3Units; h3++)
        {
            float delta = batch.Deltas[(Layout.H3Row + h3) * batch.Stride + example];
            int weight = Layout.H3w + unit * Shape1989.H3Units + h3;
            sums = Float4.Load(parameters, weight, Shape1989.H3Units).TimesPlus(delta, sums);
        }

        int place = (Layout.H2Row + unit) * batch.Stride + example;
        Float4 slopes = THidden.DerivativeNeedsSum
            ? Float4.Load(batch.Deltas, place, batch.Stride)
            : Float4.Load(batch.Activations, place, batch.Stride).Derivatives<THidden>();
        sums = sums.Times(slopes);
        if (perturbation.Drops)
        {
            sums = sums.Times(Float4.KeepFactors(perturbation, batch.First + example, index.Y));
        }

        sums.Store(batch.Deltas, place, batch.Stride);
    }
}
