using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Replicas;

/// <summary>H1 of a replica: the image in, (H1Maps, 8 rows, 2 quads) out. The readable twin is <see cref="H1Kernels"/>.</summary>
internal static class ReplicaH1
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
    public static void Forward<TShape, THidden>(ReplicaMemory memory)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        const int Taps = Shape1989.KernelTaps;
        int tasks = TShape.H1Maps / BlockMaps * Shape1989.H1MapUnits;
        for (int task = Group.IdxX; task < tasks; task += ReplicaKernels.Threads)
        {
            int unit = task.Modulo(Shape1989.H1MapUnits);
            int row = unit.Over(Shape1989.H1Size);
            int column = unit.Modulo(Shape1989.H1Size);
            int map = task.Over(Shape1989.H1MapUnits) * BlockMaps;
            int bias = Layout<TShape>.H1b + map * Shape1989.H1MapUnits + unit;
            float sum0 = memory.Values[bias];
            float sum1 = memory.Values[bias + Shape1989.H1MapUnits];
            float sum2 = memory.Values[bias + 2 * Shape1989.H1MapUnits];
            for (int tapRow = 0; tapRow < Shape1989.KernelSize; tapRow++)
            {
                int pixel = ReplicaLayout<TShape>.Image + (row * 2 + tapRow) * ReplicaLayout<TShape>.ImageRow + column;
                Taps5 pixels = new()
                {
                    T0 = memory.Values[pixel],
                    T1 = memory.Values[pixel + ReplicaLayout<TShape>.OddColumns],
                    T2 = memory.Values[pixel + 1],
                    T3 = memory.Values[pixel + ReplicaLayout<TShape>.OddColumns + 1],
                    T4 = memory.Values[pixel + 2],
                };
                int weights = Layout<TShape>.H1w + map * Taps + tapRow * Shape1989.KernelSize;
                sum0 = Sum(sum0, Taps5.Load(memory.Values, weights), pixels);
                sum1 = Sum(sum1, Taps5.Load(memory.Values, weights + Taps), pixels);
                sum2 = Sum(sum2, Taps5.Load(memory.Values, weights + 2 * Taps), pixels);
            }

            int place = ReplicaLayout<TShape>.H1 + ReplicaLayout<TShape>.H1Quad(map, row) * 4 + column;
            memory.Values[place] = THidden.Apply(sum0);
            memory.Values[place + ReplicaLayout<TShape>.H1MapQuads * 4] = THidden.Apply(sum1);
            memory.Values[place + 2 * ReplicaLayout<TShape>.H1MapQuads * 4] = THidden.Apply(sum2);
        }
    }

    /// <summary>
    /// From H1's deltas to the gradient of its weights, in two parts, over H1, which is needed no more; and the biases' step.
    /// A thread: a kernel row of a map, over half the map's rows. Eight neighbouring threads read five image rows, whose
    /// quads lie in different banks, and one or two maps' deltas.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardParts<TShape, TRule>(ReplicaMemory memory, in ReplicaStep step)
        where TShape : struct, IShape
        where TRule : struct, IReplicaRule
    {
        int kernelRows = TShape.H1Maps * Shape1989.KernelSize;
        for (int task = Group.IdxX; task < kernelRows * Halves; task += ReplicaKernels.Threads)
        {
            int tapRow = task.Modulo(Shape1989.KernelSize);
            int map = task.Over(Shape1989.KernelSize).Modulo(TShape.H1Maps);
            int first = task.Over(kernelRows) * HalfRows;
            Taps5 sums = default;
            for (int row = first; row < first + HalfRows; row++)
            {
                ReplicaImageRow image = ReplicaImageRow.Load<TShape>(memory, row * 2 + tapRow);
                Columns8 deltas = Load<TShape>(memory, ReplicaLayout<TShape>.Parts, map, row);
                sums.T0 = image.Under0.DotPlus(deltas, sums.T0);
                sums.T1 = image.Under1.DotPlus(deltas, sums.T1);
                sums.T2 = image.Under2.DotPlus(deltas, sums.T2);
                sums.T3 = image.Under3.DotPlus(deltas, sums.T3);
                sums.T4 = image.Under4.DotPlus(deltas, sums.T4);
            }

            sums.Store(memory.Values, ReplicaLayout<TShape>.H1 + task * Shape1989.KernelSize, 1);
        }

        for (int unit = Group.IdxX; unit < Layout<TShape>.H1Units; unit += ReplicaKernels.Threads)
        {
            int row = unit.Over(Shape1989.H1Size).Modulo(Shape1989.H1Size);
            int quad = ReplicaLayout<TShape>.H1Quad(unit.Over(Shape1989.H1MapUnits), row);
            float delta = memory.Values[ReplicaLayout<TShape>.Parts + quad * 4 + unit.Modulo(Shape1989.H1Size)];
            memory.Move<TRule>(Layout<TShape>.H1b + unit, delta, step);
        }
    }

    /// <summary>The weights' step, by the sum of both parts. A thread: a weight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update<TShape, TRule>(ReplicaMemory memory, in ReplicaStep step)
        where TShape : struct, IShape
        where TRule : struct, IReplicaRule
    {
        int weights = TShape.H1Maps * Shape1989.KernelTaps;
        for (int weight = Group.IdxX; weight < weights; weight += ReplicaKernels.Threads)
        {
            float gradient = memory.Values[ReplicaLayout<TShape>.H1 + weight]
                + memory.Values[ReplicaLayout<TShape>.H1 + weights + weight];
            memory.Move<TRule>(Layout<TShape>.H1w + weight, gradient, step);
        }
    }

    /// <summary>A row of a map of H1, or of the border above or below it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Columns8 Row<TShape>(ReplicaMemory memory, int map, int row)
        where TShape : struct, IShape
    {
        Columns8 h1 = Columns8.Border;
        if (row >= 0 && row < Shape1989.H1Size)
        {
            h1 = Load<TShape>(memory, ReplicaLayout<TShape>.H1, map, row);
        }

        return h1;
    }

    /// <summary>A row of a map of H1, or of its deltas.</summary>
    /// <param name="memory">The group's memory.</param>
    /// <param name="first">Where H1 or its deltas begin.</param>
    /// <param name="map">The map.</param>
    /// <param name="row">The row, 0 to 7.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Columns8 Load<TShape>(ReplicaMemory memory, int first, int map, int row)
        where TShape : struct, IShape
    {
        int quad = first / 4 + ReplicaLayout<TShape>.H1Quad(map, row);
        return Columns8.Of(memory.Quads[quad], memory.Quads[quad + 1]);
    }

    /// <summary>Writes a row of a map of H1's deltas, or of what they are made of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreDeltas<TShape>(ReplicaMemory memory, int map, int row, Columns8 deltas)
        where TShape : struct, IShape
    {
        int quad = ReplicaLayout<TShape>.Parts / 4 + ReplicaLayout<TShape>.H1Quad(map, row);
        memory.Quads[quad] = deltas.Left;
        memory.Quads[quad + 1] = deltas.Right;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum(float sum, Taps5 weights, Taps5 pixels)
    {
        sum = weights.T0 * pixels.T0 + sum;
        sum = weights.T1 * pixels.T1 + sum;
        sum = weights.T2 * pixels.T2 + sum;
        sum = weights.T3 * pixels.T3 + sum;
        return weights.T4 * pixels.T4 + sum;
    }
}
