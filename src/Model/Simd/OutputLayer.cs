using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>The output: ten units, each connected to all of H3. (30) in, (10) out, in 16 lanes.</summary>
internal static unsafe class OutputLayer
{
    /// <summary>Output = activation(bias + H3 * weights). H3's lanes 30 and 31 are 0, and so are their weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<TOutput>(Workspace workspace, float* parameters)
        where TOutput : struct, IActivation
    {
        float* weights = parameters + SimdLayout.Outw;
        float* h3 = workspace.H3;
        Wide a = Vector512.LoadAligned(parameters + SimdLayout.Outb);
        Wide b = Wide.Zero, c = Wide.Zero, d = Wide.Zero;
        for (int unit = 0; unit < SimdLayout.H3Lanes; unit += 4)
        {
            a = Vector512.MultiplyAddEstimate(Vector512.Create(h3[unit]), Vector512.LoadAligned(weights), a);
            b = Vector512.MultiplyAddEstimate(Vector512.Create(h3[unit + 1]), Vector512.LoadAligned(weights + 16), b);
            c = Vector512.MultiplyAddEstimate(Vector512.Create(h3[unit + 2]), Vector512.LoadAligned(weights + 32), c);
            d = Vector512.MultiplyAddEstimate(Vector512.Create(h3[unit + 3]), Vector512.LoadAligned(weights + 48), d);
            weights += 4 * SimdLayout.Lanes;
        }

        TOutput.Apply(a + b + (c + d)).StoreAligned(workspace.Output);
    }

    /// <summary>The outputs' deltas, scaled as the step asks: where the backward pass begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Delta<TOutput, TLoss>(Workspace workspace, int label, Targets targets, float scale)
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        Wide output = Vector512.LoadAligned(workspace.Output);
        (TLoss.Gradient(output, OutputLanes.Targets(label, targets)) * TOutput.Derivative(output) * Vector512.Create(scale))
            .StoreAligned(workspace.OutputDelta);
    }

    /// <summary>The same where a teacher has said of the example what its outputs should be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Delta<TOutput, TLoss>(
        Workspace workspace, int label, Targets targets, ReadOnlySpan<float> taught, Distillation distillation, float scale)
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        Span<float> lanes = stackalloc float[SimdLayout.Lanes];
        taught.CopyTo(lanes);
        Wide output = Vector512.LoadAligned(workspace.Output);
        Wide byLabel = TLoss.Gradient(output, OutputLanes.Targets(label, targets));
        Wide byTeacher = TLoss.Gradient(output * Vector512.Create(1f / distillation.Temperature), Vector512.Create<float>(lanes));
        Wide gradient = byLabel * Vector512.Create(distillation.LabelShare) + byTeacher * Vector512.Create(distillation.TeacherFactor);
        (gradient * TOutput.Derivative(output) * Vector512.Create(scale)).StoreAligned(workspace.OutputDelta);
    }

    /// <summary>From the outputs' deltas to H3's, and to the gradients of the output weights and biases.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<THidden, TStep>(Workspace workspace, float* parameters, TStep step)
        where THidden : struct, IActivation
        where TStep : struct, IGradientSink
    {
        Wide delta = Vector512.LoadAligned(workspace.OutputDelta);
        for (int units = 0; units < SimdLayout.H3Lanes; units += SimdLayout.Lanes)
        {
            int offset = SimdLayout.Outw + units * SimdLayout.Lanes;
            float* h3 = workspace.H3 + units;
            Wide gradient = LaneSums.AcrossBlocks(
                FourUnits(parameters, offset, h3, delta, step),
                FourUnits(parameters, offset + 4 * SimdLayout.Lanes, h3 + 4, delta, step),
                FourUnits(parameters, offset + 8 * SimdLayout.Lanes, h3 + 8, delta, step),
                FourUnits(parameters, offset + 12 * SimdLayout.Lanes, h3 + 12, delta, step));
            float* deltas = workspace.H3Delta + units;
            (gradient * UnitLanes.Derivatives<THidden>(h3, deltas)).StoreAligned(deltas);
        }

        step.Apply(SimdLayout.Outb, delta);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Wide FourUnits<TStep>(float* parameters, int offset, float* h3, Wide delta, TStep step)
        where TStep : struct, IGradientSink =>
        LaneSums.OfBlocks(
            Unit(parameters, offset, h3, delta, step),
            Unit(parameters, offset + SimdLayout.Lanes, h3 + 1, delta, step),
            Unit(parameters, offset + 2 * SimdLayout.Lanes, h3 + 2, delta, step),
            Unit(parameters, offset + 3 * SimdLayout.Lanes, h3 + 3, delta, step));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Wide Unit<TStep>(float* parameters, int offset, float* h3, Wide delta, TStep step)
        where TStep : struct, IGradientSink
    {
        Wide products = Vector512.LoadAligned(parameters + offset) * delta;
        step.ApplyProduct(offset, Vector512.Create(*h3), delta);
        return products;
    }
}
