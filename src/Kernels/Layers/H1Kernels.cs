using System.Runtime.CompilerServices;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// H1: one 5x5 kernel per map over the padded image, stride 2, one bias per unit. (16, 16) in, (H1Maps, 8, 8) out.
/// The twin on the host is <c>Model/Simd/H1Layer</c>.
/// </summary>
internal static class H1Kernels
{
    /// <summary>Maps that one thread works on: each pixel it reads serves four times.</summary>
    public const int BlockMaps = 4;

    /// <summary>Threads an example that <see cref="Forward"/> takes: a row of four maps each.</summary>
    public static int ForwardTiles() => Shape1989.H1Maps / BlockMaps * Shape1989.H1Size;

    /// <summary>Groups a slice that <see cref="BackwardWeights"/> takes: a kernel row of four maps each.</summary>
    public static int WeightTiles() => Shape1989.H1Maps / BlockMaps * Shape1989.KernelSize;

    /// <summary>H1 = activation(bias + weights * image).</summary>
    /// <param name="index">X: the example; Y: block of four maps * 8 + row.</param>
    /// <param name="batch">Images in, H1's rows of the activations out.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="perturbation">How images are rolled.</param>
    public static void Forward<THidden>(
        Index2D index, Batch batch, ArrayView<float> parameters, Perturbation perturbation)
        where THidden : struct, IActivation
    {
        int example = index.X;
        int row = index.Y % Shape1989.H1Size;
        int map = index.Y / Shape1989.H1Size * BlockMaps;
        perturbation.Shift(batch.First + example, out int rows, out int columns);

        int weights = Layout.H1w + map * Layout.KernelTaps;
        Float8 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        for (int tapRow = 0; tapRow < Shape1989.KernelSize; tapRow++)
        {
            LoadImageRow<PaddingBorder>(
                batch, example, row * 2 + tapRow - 2, rows, columns, out Float8 left, out Float8 right);
            Add(ref sums0, Taps5.Load(parameters, weights), left, right);
            Add(ref sums1, Taps5.Load(parameters, weights + Layout.KernelTaps), left, right);
            Add(ref sums2, Taps5.Load(parameters, weights + 2 * Layout.KernelTaps), left, right);
            Add(ref sums3, Taps5.Load(parameters, weights + 3 * Layout.KernelTaps), left, right);
            weights += Shape1989.KernelSize;
        }

        Finish<THidden>(batch, parameters, example, map, row, sums0);
        Finish<THidden>(batch, parameters, example, map + 1, row, sums1);
        Finish<THidden>(batch, parameters, example, map + 2, row, sums2);
        Finish<THidden>(batch, parameters, example, map + 3, row, sums3);
    }

    /// <summary>
    /// From H1's deltas to the gradient of its weights: a delta times the pixel under the tap, summed over the map's
    /// units and a slice's examples. The biases' is <see cref="BiasKernels"/>'s; the image needs none.
    /// Grid: (tile: block of four maps * 5 + kernel row, slice); a group's threads share a slice's examples.
    /// </summary>
    /// <param name="batch">Images and H1's deltas in.</param>
    /// <param name="slices">Which slices, and where their sums go.</param>
    /// <param name="perturbation">How images were rolled.</param>
    /// <typeparam name="TBorder">What surrounds an image.</typeparam>
    public static void BackwardWeights<TBorder>(Batch batch, SliceSums slices, Perturbation perturbation)
        where TBorder : struct, IBorder
    {
        int tapRow = Grid.IdxX % Shape1989.KernelSize;
        int map = Grid.IdxX / Shape1989.KernelSize * BlockMaps;
        slices.Range(Grid.IdxY, out int start, out int end);
        Taps5 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        for (int example = start + Group.IdxX; example < end; example += Group.DimX)
        {
            perturbation.Shift(batch.First + example, out int rows, out int columns);
            for (int row = 0; row < Shape1989.H1Size; row++)
            {
                LoadImageRow<TBorder>(
                    batch, example, row * 2 + tapRow - 2, rows, columns, out Float8 left, out Float8 right);
                int unit = Layout.H1Row + map * Layout.H1MapUnits + row * Shape1989.H1Size;
                AddGradient<TBorder>(ref sums0, LoadDeltas(batch, unit, example), left, right);
                AddGradient<TBorder>(ref sums1, LoadDeltas(batch, unit + Layout.H1MapUnits, example), left, right);
                AddGradient<TBorder>(ref sums2, LoadDeltas(batch, unit + 2 * Layout.H1MapUnits, example), left, right);
                AddGradient<TBorder>(ref sums3, LoadDeltas(batch, unit + 3 * Layout.H1MapUnits, example), left, right);
            }
        }

        ArrayView<float> shared = GroupSums.Of(sums0, sums1, sums2, sums3);
        for (int value = Group.IdxX; value < 20; value += Group.DimX)
        {
            int weight = Layout.H1w + (map + value / 5) * Layout.KernelTaps + tapRow * 5 + value % 5;
            slices.Store(Grid.IdxY, Layout.Parameters, weight, shared[value * Group.DimX]);
        }
    }

    /// <summary>A row of an image as the step's shift has it, or of its border.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadImageRow<TBorder>(
        Batch batch, int example, int row, int rows, int columns, out Float8 left, out Float8 right)
        where TBorder : struct, IBorder
    {
        left = Float8.Border<TBorder>();
        right = Float8.Border<TBorder>();
        if (row >= 0 && row < Shape1989.InputSize)
        {
            int pixel = example
                + ((row - rows) & (Shape1989.InputSize - 1)) * Shape1989.InputSize * batch.ImageStride;
            left = LoadEight(batch, pixel, -columns);
            right = LoadEight(batch, pixel, 8 - columns);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float8 LoadEight(Batch batch, int row, int column) => Float8.Of(
        LoadPixel(batch, row, column),
        LoadPixel(batch, row, column + 1),
        LoadPixel(batch, row, column + 2),
        LoadPixel(batch, row, column + 3),
        LoadPixel(batch, row, column + 4),
        LoadPixel(batch, row, column + 5),
        LoadPixel(batch, row, column + 6),
        LoadPixel(batch, row, column + 7));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float LoadPixel(Batch batch, int row, int column) =>
        batch.Images[row + (column & (Shape1989.InputSize - 1)) * batch.ImageStride];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float8 LoadDeltas(Batch batch, int unit, int example) =>
        Float8.Load(batch.Deltas, unit * batch.Stride + example, batch.Stride);

    /// <summary>Unit c reads columns 2c - 2 to 2c + 2; columns -2, -1 and 16 are border.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Float8 sums, Taps5 taps, Float8 left, Float8 right)
    {
        const float Border = Shape1989.PaddingValue;
        sums.C0 = taps.DotPlus(Border, Border, left.C0, left.C1, left.C2, sums.C0);
        sums.C1 = taps.DotPlus(left.C0, left.C1, left.C2, left.C3, left.C4, sums.C1);
        sums.C2 = taps.DotPlus(left.C2, left.C3, left.C4, left.C5, left.C6, sums.C2);
        sums.C3 = taps.DotPlus(left.C4, left.C5, left.C6, left.C7, right.C0, sums.C3);
        sums.C4 = taps.DotPlus(left.C6, left.C7, right.C0, right.C1, right.C2, sums.C4);
        sums.C5 = taps.DotPlus(right.C0, right.C1, right.C2, right.C3, right.C4, sums.C5);
        sums.C6 = taps.DotPlus(right.C2, right.C3, right.C4, right.C5, right.C6, sums.C6);
        sums.C7 = taps.DotPlus(right.C4, right.C5, right.C6, right.C7, Border, sums.C7);
    }

    /// <summary>Tap t of unit c lies over column 2c - 2 + t.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddGradient<TBorder>(ref Taps5 sums, Float8 deltas, Float8 left, Float8 right)
        where TBorder : struct, IBorder
    {
        float border = TBorder.Value;
        sums.T0 = deltas.DotPlus(Float8.Of(border, left.C0, left.C2, left.C4, left.C6, right.C0, right.C2, right.C4), sums.T0);
        sums.T1 = deltas.DotPlus(Float8.Of(border, left.C1, left.C3, left.C5, left.C7, right.C1, right.C3, right.C5), sums.T1);
        sums.T2 = deltas.DotPlus(Float8.Of(left.C0, left.C2, left.C4, left.C6, right.C0, right.C2, right.C4, right.C6), sums.T2);
        sums.T3 = deltas.DotPlus(Float8.Of(left.C1, left.C3, left.C5, left.C7, right.C1, right.C3, right.C5, right.C7), sums.T3);
        sums.T4 = deltas.DotPlus(Float8.Of(left.C2, left.C4, left.C6, right.C0, right.C2, right.C4, right.C6, border), sums.T4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<THidden>(
        Batch batch, ArrayView<float> parameters, int example, int map, int row, Float8 sums)
        where THidden : struct, IActivation
    {
        int unit = map * Layout.H1MapUnits + row * Shape1989.H1Size;
        Float8 bias = Float8.Load(parameters, Layout.H1b + unit, 1);
        Float8 h1 = new()
        {
            C0 = THidden.Apply(sums.C0 + bias.C0),
            C1 = THidden.Apply(sums.C1 + bias.C1),
            C2 = THidden.Apply(sums.C2 + bias.C2),
            C3 = THidden.Apply(sums.C3 + bias.C3),
            C4 = THidden.Apply(sums.C4 + bias.C4),
            C5 = THidden.Apply(sums.C5 + bias.C5),
            C6 = THidden.Apply(sums.C6 + bias.C6),
            C7 = THidden.Apply(sums.C7 + bias.C7),
        };
        int place = (Layout.H1Row + unit) * batch.Stride + example;
        h1.Store(batch.Activations, place, batch.Stride);
        if (THidden.DerivativeNeedsSum && batch.HasDeltas)
        {
            sums.Plus(bias).Derivatives<THidden>().Store(batch.Deltas, place, batch.Stride);
        }
    }
}
