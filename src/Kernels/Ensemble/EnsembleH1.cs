using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>
/// H1 of a member: the image in, (H1Maps, 8 rows, 2 float4s) out. The readable twin is <see cref="H1Kernels"/>.
/// </summary>
internal static class EnsembleH1
{
    // Maps that a thread works on: each pixel it reads serves three times, and 256 threads have 768 units between them.
    private const int BlockMaps = 3;

    // The share of the weights' gradient that a thread sums: the upper or the lower four rows of a map.
    private const int Halves = 2;
    private const int HalfRows = Shape1989.H1Size / Halves;

    /// <summary>
    /// H1 = activation(bias + weights * image). A thread: a unit of three maps. A warp reads the pixels of four rows of eight
    /// units, in 32 banks, and all of its threads the same weights.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<THidden>(EnsembleMemory memory)
        where THidden : struct, IActivation
    {
        const int Taps = Shape1989.KernelTaps;
        int tasks = Shape1989.H1Maps / BlockMaps * Shape1989.H1MapUnits;
        for (int task = Group.IdxX; task < tasks; task += EnsembleKernels.Threads)
        {
            int unit = task.Modulo(Shape1989.H1MapUnits);
            int row = unit.Over(Shape1989.H1Size);
            int column = unit.Modulo(Shape1989.H1Size);
            int map = task.Over(Shape1989.H1MapUnits) * BlockMaps;
            int bias = Layout.H1b + map * Shape1989.H1MapUnits + unit;
            float sum0 = memory.Values[bias];
            float sum1 = memory.Values[bias + Shape1989.H1MapUnits];
            float sum2 = memory.Values[bias + 2 * Shape1989.H1MapUnits];
            for (int tapRow = 0; tapRow < Shape1989.KernelSize; tapRow++)
            {
                int pixel = EnsembleLayout.Image + (row * 2 + tapRow) * EnsembleLayout.ImageRow + column;
                Taps5 pixels = new()
                {
                    T0 = memory.Values[pixel],
                    T1 = memory.Values[pixel + EnsembleLayout.OddColumns],
                    T2 = memory.Values[pixel + 1],
                    T3 = memory.Values[pixel + EnsembleLayout.OddColumns + 1],
                    T4 = memory.Values[pixel + 2],
                };
                int weights = Layout.H1w + map * Taps + tapRow * Shape1989.KernelSize;
                sum0 = Taps5.Load(memory.Values, weights).DotPlus(pixels, sum0);
                sum1 = Taps5.Load(memory.Values, weights + Taps).DotPlus(pixels, sum1);
                sum2 = Taps5.Load(memory.Values, weights + 2 * Taps).DotPlus(pixels, sum2);
            }

            int place = EnsembleLayout.H1 + EnsembleLayout.H1Float4(map, row) * 4 + column;
            memory.Values[place] = THidden.Apply(sum0);
            memory.Values[place + EnsembleLayout.H1MapFloat4s * 4] = THidden.Apply(sum1);
            memory.Values[place + 2 * EnsembleLayout.H1MapFloat4s * 4] = THidden.Apply(sum2);
        }
    }

    /// <summary>
    /// From H1's deltas to the gradient of its weights, in two parts, over H1, which is needed no more; and the biases' step.
    /// A thread: a kernel row of a map, over half the map's rows. Eight neighbouring threads read five image rows, whose
    /// float4s lie in different banks, and one or two maps' deltas.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardParts<TRule>(EnsembleMemory memory, in EnsembleStep step)
        where TRule : struct, IEnsembleRule
    {
        int kernelRows = Shape1989.H1Maps * Shape1989.KernelSize;
        for (int task = Group.IdxX; task < kernelRows * Halves; task += EnsembleKernels.Threads)
        {
            int tapRow = task.Modulo(Shape1989.KernelSize);
            int map = task.Over(Shape1989.KernelSize).Modulo(Shape1989.H1Maps);
            int first = task.Over(kernelRows) * HalfRows;
            Taps5 sums = default;
            for (int row = first; row < first + HalfRows; row++)
            {
                ImageRow image = EnsembleImage.Row(memory, row * 2 + tapRow);
                Float8 deltas = Load(memory, EnsembleLayout.Parts, map, row);
                sums.T0 = image.Under0.DotPlus(deltas, sums.T0);
                sums.T1 = image.Under1.DotPlus(deltas, sums.T1);
                sums.T2 = image.Under2.DotPlus(deltas, sums.T2);
                sums.T3 = image.Under3.DotPlus(deltas, sums.T3);
                sums.T4 = image.Under4.DotPlus(deltas, sums.T4);
            }

            sums.Store(memory.Values, EnsembleLayout.H1 + task * Shape1989.KernelSize, 1);
        }

        for (int unit = Group.IdxX; unit < Layout.H1Units; unit += EnsembleKernels.Threads)
        {
            int row = unit.Over(Shape1989.H1Size).Modulo(Shape1989.H1Size);
            int float4 = EnsembleLayout.H1Float4(unit.Over(Shape1989.H1MapUnits), row);
            float delta = memory.Values[EnsembleLayout.Parts + float4 * 4 + unit.Modulo(Shape1989.H1Size)];
            memory.Move<TRule>(Layout.H1b + unit, delta, step);
        }
    }

    /// <summary>The weights' step, by the sum of both parts. A thread: a weight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update<TRule>(EnsembleMemory memory, in EnsembleStep step)
        where TRule : struct, IEnsembleRule
    {
        int weights = Shape1989.H1Maps * Shape1989.KernelTaps;
        for (int weight = Group.IdxX; weight < weights; weight += EnsembleKernels.Threads)
        {
            float gradient = memory.Values[EnsembleLayout.H1 + weight]
                + memory.Values[EnsembleLayout.H1 + weights + weight];
            memory.Move<TRule>(Layout.H1w + weight, gradient, step);
        }
    }

    /// <summary>A row of a map of H1, or of the border above or below it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 Row(EnsembleMemory memory, int map, int row)
    {
        Float8 h1 = Float8.Border<PaddingBorder>();
        if (row >= 0 && row < Shape1989.H1Size)
        {
            h1 = Load(memory, EnsembleLayout.H1, map, row);
        }

        return h1;
    }

    /// <summary>A row of a map of H1, or of its deltas.</summary>
    /// <param name="memory">The group's memory.</param>
    /// <param name="first">Where H1 or its deltas begin.</param>
    /// <param name="map">The map.</param>
    /// <param name="row">The row, 0 to 7.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 Load(EnsembleMemory memory, int first, int map, int row)
    {
        int float4 = first / 4 + EnsembleLayout.H1Float4(map, row);
        return Float8.Of(memory.Float4s[float4], memory.Float4s[float4 + 1]);
    }

    /// <summary>Writes a row of a map of H1's deltas, or of what they are made of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreDeltas(EnsembleMemory memory, int map, int row, Float8 deltas)
    {
        int float4 = EnsembleLayout.Parts / 4 + EnsembleLayout.H1Float4(map, row);
        memory.Float4s[float4] = deltas.Left;
        memory.Float4s[float4 + 1] = deltas.Right;
    }
}
