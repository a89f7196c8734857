using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Network;
using static GpuConvnet.Model.Shape1989;
using Half = System.Runtime.Intrinsics.Vector256<float>;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// H2: twelve maps of 4x4, each a 5x5 kernel over eight of H1's padded maps, stride 2, one bias per unit.
/// 3 groups of (8, 12, 12) in, 3 groups of (4, 4, 4) out.
/// A kernel row of five columns is three vectors, the sixth column's weights being 0. Unit c of a row then reads
/// column pairs c, c + 1 and c + 2, and pair p gets its gradient from units p, p - 1 and p - 2.
/// </summary>
internal static unsafe class H2Layer
{
    /// <summary>
    /// H2 = activation(bias + weights * input), sixteen units at a time: the four maps of a group, the four columns of
    /// a row. Each sums in a vector of its own over the five kernel rows; their lanes are added up together at the end.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<THidden>(Workspace workspace, float* parameters)
        where THidden : struct, IActivation
    {
        for (int unitRow = 0; unitRow < H2Connections.Groups * H2Size; unitRow++)
        {
            int group = unitRow / H2Size;
            int row = unitRow % H2Size;
            float* input = workspace.H2Input + group * Workspace.H2InputGroup + row * Stride * Workspace.H2InputRow;
            float* weights = parameters + SimdLayout.H2w + group * SimdLayout.H2Group;
            Wide sums = RowSums(input, weights);
            int units = unitRow * SimdLayout.Lanes;
            sums += Vector512.LoadAligned(parameters + SimdLayout.H2b + units);
            UnitLanes.Store<THidden>(workspace, sums, workspace.H2 + units, workspace.H2Delta + units);
        }
    }

    /// <summary>
    /// From H2's deltas to the gradient of its input; the border's is never formed. Two rows of H1 at a time: the even
    /// one lies under kernel rows 0, 2 and 4 of three rows of units, the odd one under kernel rows 1 and 3 of two.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardInput(Workspace workspace, float* parameters)
    {
        for (int group = 0; group < H2Connections.Groups; group++)
        {
            float* weights = parameters + SimdLayout.H2w + group * SimdLayout.H2Group;
            float* delta = workspace.H2Delta + group * H2Size * SimdLayout.Lanes;
            float* gradient = workspace.H2InputGradient + group * Workspace.GradientGroup;
            for (int rowPair = 0; rowPair < H1Size / 2; rowPair++)
            {
                BackwardInputRows(weights, delta, gradient, rowPair);
                gradient += 2 * Workspace.GradientRow;
            }
        }
    }

    /// <summary>
    /// From H2's deltas to the gradients of its biases (the deltas) and weights: a delta times the input under the
    /// weight, summed over the sixteen units of a map. Lanes are weights, so that no sum crosses lanes and each
    /// gradient is applied as it stands.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardWeights<TStep>(Workspace workspace, TStep step)
        where TStep : struct, IGradientSink
    {
        for (int group = 0; group < H2Connections.Groups; group++)
        {
            float* input = workspace.H2Input + group * Workspace.H2InputGroup;
            float* delta = workspace.H2Delta + group * H2Size * SimdLayout.Lanes;
            for (int tapRow = 0; tapRow < KernelSize; tapRow++)
            {
                BackwardWeightsRow(
                    input + tapRow * Workspace.H2InputRow,
                    delta,
                    SimdLayout.H2w + group * SimdLayout.H2Group + tapRow * SimdLayout.H2KernelRow,
                    step);
            }
        }

        for (int units = 0; units < H2Units; units += SimdLayout.Lanes)
        {
            step.Apply(SimdLayout.H2b + units, Vector512.LoadAligned(workspace.H2Delta + units));
        }
    }

    /// <summary>The weighted sums of a row of units of the four maps of a group: lanes map 4, column 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Wide RowSums(float* input, float* weights)
    {
        Wide a0 = Wide.Zero, a1 = Wide.Zero, a2 = Wide.Zero, a3 = Wide.Zero;
        Wide b0 = Wide.Zero, b1 = Wide.Zero, b2 = Wide.Zero, b3 = Wide.Zero;
        Wide c0 = Wide.Zero, c1 = Wide.Zero, c2 = Wide.Zero, c3 = Wide.Zero;
        Wide d0 = Wide.Zero, d1 = Wide.Zero, d2 = Wide.Zero, d3 = Wide.Zero;
        for (int tapRow = 0; tapRow < KernelSize; tapRow++)
        {
            Wide p0 = Vector512.LoadAligned(input);
            Wide p1 = Vector512.LoadAligned(input + 16);
            Wide p2 = Vector512.LoadAligned(input + 32);
            Wide p3 = Vector512.LoadAligned(input + 48);
            Wide p4 = Vector512.LoadAligned(input + 64);
            Wide p5 = Vector512.LoadAligned(input + 80);
            AddMap(weights, p0, p1, p2, p3, p4, p5, ref a0, ref a1, ref a2, ref a3);
            AddMap(weights + 48, p0, p1, p2, p3, p4, p5, ref b0, ref b1, ref b2, ref b3);
            AddMap(weights + 96, p0, p1, p2, p3, p4, p5, ref c0, ref c1, ref c2, ref c3);
            AddMap(weights + 144, p0, p1, p2, p3, p4, p5, ref d0, ref d1, ref d2, ref d3);
            input += Workspace.H2InputRow;
            weights += SimdLayout.H2KernelRow;
        }

        return LaneSums.AcrossBlocks(
            LaneSums.OfBlocks(a0, a1, a2, a3),
            LaneSums.OfBlocks(b0, b1, b2, b3),
            LaneSums.OfBlocks(c0, c1, c2, c3),
            LaneSums.OfBlocks(d0, d1, d2, d3));
    }

    /// <summary>Adds a kernel row's products to the sums of a map's four columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddMap(
        float* weights, Wide p0, Wide p1, Wide p2, Wide p3, Wide p4, Wide p5,
        ref Wide sum0, ref Wide sum1, ref Wide sum2, ref Wide sum3)
    {
        Wide weight = Vector512.LoadAligned(weights);
        sum0 = Vector512.MultiplyAddEstimate(weight, p0, sum0);
        sum1 = Vector512.MultiplyAddEstimate(weight, p1, sum1);
        sum2 = Vector512.MultiplyAddEstimate(weight, p2, sum2);
        sum3 = Vector512.MultiplyAddEstimate(weight, p3, sum3);
        weight = Vector512.LoadAligned(weights + 16);
        sum0 = Vector512.MultiplyAddEstimate(weight, p1, sum0);
        sum1 = Vector512.MultiplyAddEstimate(weight, p2, sum1);
        sum2 = Vector512.MultiplyAddEstimate(weight, p3, sum2);
        sum3 = Vector512.MultiplyAddEstimate(weight, p4, sum3);
        weight = Vector512.LoadAligned(weights + 32);
        sum0 = Vector512.MultiplyAddEstimate(weight, p2, sum0);
        sum1 = Vector512.MultiplyAddEstimate(weight, p3, sum1);
        sum2 = Vector512.MultiplyAddEstimate(weight, p4, sum2);
        sum3 = Vector512.MultiplyAddEstimate(weight, p5, sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardInputRows(float* weights, float* delta, float* gradient, int rowPair)
    {
        Wide even1 = Wide.Zero, even2 = Wide.Zero, even3 = Wide.Zero, even4 = Wide.Zero;
        Wide odd1 = Wide.Zero, odd2 = Wide.Zero, odd3 = Wide.Zero, odd4 = Wide.Zero;

        // Row 2e of H1 is padded row 2e + 2, which unit row r sees under kernel row 2(e + 1 - r); row 2e + 1 is under
        // the kernel row after that.
        int lastRow = Math.Min(rowPair + 1, H2Size - 1);
        for (int row = rowPair; row <= lastRow; row++)
        {
            float* deltas = delta + row * SimdLayout.Lanes;
            float* kernel = weights + 2 * (rowPair + 1 - row) * SimdLayout.H2KernelRow;
            for (int map = 0; map < H2Connections.GroupMaps; map++)
            {
                Wide delta0 = Vector512.Create(deltas[0]);
                Wide delta1 = Vector512.Create(deltas[1]);
                Wide delta2 = Vector512.Create(deltas[2]);
                Wide delta3 = Vector512.Create(deltas[3]);
                AddGradient(kernel, delta0, delta1, delta2, delta3, ref even1, ref even2, ref even3, ref even4);
                AddGradient(
                    kernel + SimdLayout.H2KernelRow, delta0, delta1, delta2, delta3,
                    ref odd1, ref odd2, ref odd3, ref odd4);
                deltas += H2Size;
                kernel += SimdLayout.ColumnPairs * SimdLayout.Lanes;
            }
        }

        if (rowPair > 0)
        {
            float* deltas = delta + (rowPair - 1) * SimdLayout.Lanes;
            float* kernel = weights + 4 * SimdLayout.H2KernelRow;
            for (int map = 0; map < H2Connections.GroupMaps; map++)
            {
                AddGradient(
                    kernel, Vector512.Create(deltas[0]), Vector512.Create(deltas[1]), Vector512.Create(deltas[2]),
                    Vector512.Create(deltas[3]), ref even1, ref even2, ref even3, ref even4);
                deltas += H2Size;
                kernel += SimdLayout.ColumnPairs * SimdLayout.Lanes;
            }
        }

        even1.StoreAligned(gradient);
        even2.StoreAligned(gradient + 16);
        even3.StoreAligned(gradient + 32);
        even4.StoreAligned(gradient + 48);
        odd1.StoreAligned(gradient + 64);
        odd2.StoreAligned(gradient + 80);
        odd3.StoreAligned(gradient + 96);
        odd4.StoreAligned(gradient + 112);
    }

    /// <summary>
    /// Adds a kernel row's share of its input's gradient. Pairs 1 to 4 are inside; pairs 0 and 5 are the border, whose gradient
    /// nobody needs.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddGradient(
        float* kernel, Wide delta0, Wide delta1, Wide delta2, Wide delta3,
        ref Wide pair1, ref Wide pair2, ref Wide pair3, ref Wide pair4)
    {
        Wide weight = Vector512.LoadAligned(kernel);
        pair1 = Vector512.MultiplyAddEstimate(weight, delta1, pair1);
        pair2 = Vector512.MultiplyAddEstimate(weight, delta2, pair2);
        pair3 = Vector512.MultiplyAddEstimate(weight, delta3, pair3);
        weight = Vector512.LoadAligned(kernel + 16);
        pair1 = Vector512.MultiplyAddEstimate(weight, delta0, pair1);
        pair2 = Vector512.MultiplyAddEstimate(weight, delta1, pair2);
        pair3 = Vector512.MultiplyAddEstimate(weight, delta2, pair3);
        pair4 = Vector512.MultiplyAddEstimate(weight, delta3, pair4);
        weight = Vector512.LoadAligned(kernel + 32);
        pair2 = Vector512.MultiplyAddEstimate(weight, delta0, pair2);
        pair3 = Vector512.MultiplyAddEstimate(weight, delta1, pair3);
        pair4 = Vector512.MultiplyAddEstimate(weight, delta2, pair4);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardWeightsRow<TStep>(float* input, float* delta, int offset, TStep step)
        where TStep : struct, IGradientSink
    {
        Wide a0 = Wide.Zero, a1 = Wide.Zero;
        Wide b0 = Wide.Zero, b1 = Wide.Zero;
        Wide c0 = Wide.Zero, c1 = Wide.Zero;
        Wide d0 = Wide.Zero, d1 = Wide.Zero;
        Half a2 = Half.Zero, b2 = Half.Zero, c2 = Half.Zero, d2 = Half.Zero;
        for (int row = 0; row < H2Size; row++)
        {
            Wide p0 = Vector512.LoadAligned(input);
            Wide p1 = Vector512.LoadAligned(input + 16);
            Wide p2 = Vector512.LoadAligned(input + 32);
            Wide p3 = Vector512.LoadAligned(input + 48);
            Wide p4 = Vector512.LoadAligned(input + 64);
            Wide p5 = Vector512.LoadAligned(input + 80);
            AddWeights(delta, p0, p1, p2, p3, p4, p5, ref a0, ref a1, ref a2);
            AddWeights(delta + 4, p0, p1, p2, p3, p4, p5, ref b0, ref b1, ref b2);
            AddWeights(delta + 8, p0, p1, p2, p3, p4, p5, ref c0, ref c1, ref c2);
            AddWeights(delta + 12, p0, p1, p2, p3, p4, p5, ref d0, ref d1, ref d2);
            input += Stride * Workspace.H2InputRow;
            delta += SimdLayout.Lanes;
        }

        Apply(offset, a0, a1, a2, step);
        Apply(offset + 48, b0, b1, b2, step);
        Apply(offset + 96, c0, c1, c2, step);
        Apply(offset + 144, d0, d1, d2, step);
    }

    /// <summary>Adds a row of units' deltas times their inputs to the gradients of a kernel row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddWeights(
        float* delta, Wide p0, Wide p1, Wide p2, Wide p3, Wide p4, Wide p5,
        ref Wide pair0, ref Wide pair1, ref Half pair2)
    {
        Wide unit = Vector512.Create(delta[0]);
        pair0 = Vector512.MultiplyAddEstimate(unit, p0, pair0);
        pair1 = Vector512.MultiplyAddEstimate(unit, p1, pair1);
        pair2 = Vector256.MultiplyAddEstimate(unit.GetLower(), p2.GetLower(), pair2);
        unit = Vector512.Create(delta[1]);
        pair0 = Vector512.MultiplyAddEstimate(unit, p1, pair0);
        pair1 = Vector512.MultiplyAddEstimate(unit, p2, pair1);
        pair2 = Vector256.MultiplyAddEstimate(unit.GetLower(), p3.GetLower(), pair2);
        unit = Vector512.Create(delta[2]);
        pair0 = Vector512.MultiplyAddEstimate(unit, p2, pair0);
        pair1 = Vector512.MultiplyAddEstimate(unit, p3, pair1);
        pair2 = Vector256.MultiplyAddEstimate(unit.GetLower(), p4.GetLower(), pair2);
        unit = Vector512.Create(delta[3]);
        pair0 = Vector512.MultiplyAddEstimate(unit, p3, pair0);
        pair1 = Vector512.MultiplyAddEstimate(unit, p4, pair1);
        pair2 = Vector256.MultiplyAddEstimate(unit.GetLower(), p5.GetLower(), pair2);
    }

    /// <summary>The sixth column has no weight: its lanes must get no gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Apply<TStep>(int offset, Wide pair0, Wide pair1, Half pair2, TStep step)
        where TStep : struct, IGradientSink
    {
        step.Apply(offset, pair0);
        step.Apply(offset + 16, pair1);
        step.Apply(offset + 32, pair2.ToVector512());
    }
}
