using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;
using static GpuConvnet.Model.Shape1989;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>H3: thirty units, each connected to all of H2. (192) in, (30) out, in 32 lanes.</summary>
internal static unsafe class H3Layer
{
    /// <summary>
    /// H3 = activation(bias + h2 * weights), h2 being H2 or what dropout kept of it. Four partial sums hide the latency of the
    /// additions.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<THidden>(Workspace workspace, float* h2, float* parameters)
        where THidden : struct, IActivation
    {
        float* weights = parameters + SimdLayout.H3w;
        Wide a0 = Vector512.LoadAligned(parameters + SimdLayout.H3b);
        Wide a1 = Vector512.LoadAligned(parameters + SimdLayout.H3b + 16);
        Wide b0 = Wide.Zero, b1 = Wide.Zero, c0 = Wide.Zero, c1 = Wide.Zero, d0 = Wide.Zero, d1 = Wide.Zero;
        for (int unit = 0; unit < H2Units; unit += 4)
        {
            Wide h = Vector512.Create(h2[unit]);
            a0 = Vector512.MultiplyAddEstimate(h, Vector512.LoadAligned(weights), a0);
            a1 = Vector512.MultiplyAddEstimate(h, Vector512.LoadAligned(weights + 16), a1);
            h = Vector512.Create(h2[unit + 1]);
            b0 = Vector512.MultiplyAddEstimate(h, Vector512.LoadAligned(weights + 32), b0);
            b1 = Vector512.MultiplyAddEstimate(h, Vector512.LoadAligned(weights + 48), b1);
            h = Vector512.Create(h2[unit + 2]);
            c0 = Vector512.MultiplyAddEstimate(h, Vector512.LoadAligned(weights + 64), c0);
            c1 = Vector512.MultiplyAddEstimate(h, Vector512.LoadAligned(weights + 80), c1);
            h = Vector512.Create(h2[unit + 3]);
            d0 = Vector512.MultiplyAddEstimate(h, Vector512.LoadAligned(weights + 96), d0);
            d1 = Vector512.MultiplyAddEstimate(h, Vector512.LoadAligned(weights + 112), d1);
            weights += 4 * SimdLayout.H3Lanes;
        }

        UnitLanes.Store<THidden>(workspace, a0 + b0 + (c0 + d0), workspace.H3, workspace.H3Delta);
        UnitLanes.Store<THidden>(workspace, a1 + b1 + (c1 + d1), workspace.H3 + 16, workspace.H3Delta + 16);
    }

    /// <summary>
    /// From H3's deltas to H2's (but for dropout's factors), and to the gradients of H3's weights and biases, in one sweep over
    /// the weights: each is read for the first before it is changed by the second.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<THidden, TStep>(Workspace workspace, float* h2, float* parameters, TStep step)
        where THidden : struct, IActivation
        where TStep : struct, IGradientSink
    {
        Wide delta0 = Vector512.LoadAligned(workspace.H3Delta);
        Wide delta1 = Vector512.LoadAligned(workspace.H3Delta + 16);
        for (int units = 0; units < H2Units; units += SimdLayout.Lanes)
        {
            int offset = SimdLayout.H3w + units * SimdLayout.H3Lanes;
            float* inputs = h2 + units;
            Wide gradient = LaneSums.AcrossBlocks(
                FourUnits(parameters, offset, inputs, delta0, delta1, step),
                FourUnits(parameters, offset + 4 * SimdLayout.H3Lanes, inputs + 4, delta0, delta1, step),
                FourUnits(parameters, offset + 8 * SimdLayout.H3Lanes, inputs + 8, delta0, delta1, step),
                FourUnits(parameters, offset + 12 * SimdLayout.H3Lanes, inputs + 12, delta0, delta1, step));
            float* deltas = workspace.H2Delta + units;
            (gradient * UnitLanes.Derivatives<THidden>(workspace.H2 + units, deltas)).StoreAligned(deltas);
        }

        step.Apply(SimdLayout.H3b, delta0);
        step.Apply(SimdLayout.H3b + 16, delta1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Wide FourUnits<TStep>(
        float* parameters, int offset, float* h2, Wide delta0, Wide delta1, TStep step)
        where TStep : struct, IGradientSink =>
        LaneSums.OfBlocks(
            Unit(parameters, offset, h2, delta0, delta1, step),
            Unit(parameters, offset + SimdLayout.H3Lanes, h2 + 1, delta0, delta1, step),
            Unit(parameters, offset + 2 * SimdLayout.H3Lanes, h2 + 2, delta0, delta1, step),
            Unit(parameters, offset + 3 * SimdLayout.H3Lanes, h2 + 3, delta0, delta1, step));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Wide Unit<TStep>(float* parameters, int offset, float* h2, Wide delta0, Wide delta1, TStep step)
        where TStep : struct, IGradientSink
    {
        Wide products = Vector512.MultiplyAddEstimate(
            Vector512.LoadAligned(parameters + offset), delta0,
            Vector512.LoadAligned(parameters + offset + 16) * delta1);
        Wide h = Vector512.Create(*h2);
        step.ApplyProduct(offset, h, delta0);
        step.ApplyProduct(offset + 16, h, delta1);
        return products;
    }
}
