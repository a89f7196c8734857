using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;
using static GpuConvnet.Model.Shape1989;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// H1: twelve 5x5 kernels over the padded image, stride 2, one bias per unit. (20, 20) in, (12, 8, 8) out.
/// The twelve maps are lanes: a tap is one pixel, broadcast, times one vector of weights, and neither direction needs
/// a patch of the image copied out or the lanes of a sum added up.
/// </summary>
internal static unsafe class H1Layer
{
    /// <summary>H1 = activation(bias + weights * image), a row of eight units at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<THidden>(Workspace workspace, float* parameters)
        where THidden : struct, IActivation
    {
        for (int row = 0; row < H1Size; row++)
        {
            float* bias = parameters + SimdLayout.H1b + row * H1Size * SimdLayout.Lanes;
            Wide sum0 = Vector512.LoadAligned(bias);
            Wide sum1 = Vector512.LoadAligned(bias + 16);
            Wide sum2 = Vector512.LoadAligned(bias + 32);
            Wide sum3 = Vector512.LoadAligned(bias + 48);
            Wide sum4 = Vector512.LoadAligned(bias + 64);
            Wide sum5 = Vector512.LoadAligned(bias + 80);
            Wide sum6 = Vector512.LoadAligned(bias + 96);
            Wide sum7 = Vector512.LoadAligned(bias + 112);

            float* weights = parameters + SimdLayout.H1w;
            float* imageRow = workspace.Image + row * Stride * PaddedInputSize;
            for (int tapRow = 0; tapRow < KernelSize; tapRow++)
            {
                float* pixel = imageRow + tapRow * PaddedInputSize;
                for (int tapColumn = 0; tapColumn < KernelSize; tapColumn++)
                {
                    Wide weight = Vector512.LoadAligned(weights);
                    sum0 = Vector512.MultiplyAddEstimate(weight, Vector512.Create(pixel[0]), sum0);
                    sum1 = Vector512.MultiplyAddEstimate(weight, Vector512.Create(pixel[2]), sum1);
                    sum2 = Vector512.MultiplyAddEstimate(weight, Vector512.Create(pixel[4]), sum2);
                    sum3 = Vector512.MultiplyAddEstimate(weight, Vector512.Create(pixel[6]), sum3);
                    sum4 = Vector512.MultiplyAddEstimate(weight, Vector512.Create(pixel[8]), sum4);
                    sum5 = Vector512.MultiplyAddEstimate(weight, Vector512.Create(pixel[10]), sum5);
                    sum6 = Vector512.MultiplyAddEstimate(weight, Vector512.Create(pixel[12]), sum6);
                    sum7 = Vector512.MultiplyAddEstimate(weight, Vector512.Create(pixel[14]), sum7);
                    weights += SimdLayout.Lanes;
                    pixel++;
                }
            }

            float* h1 = workspace.H1 + row * H1Size * SimdLayout.Lanes;
            float* delta = workspace.H1Delta + row * H1Size * SimdLayout.Lanes;
            UnitLanes.Store<THidden>(workspace, sum0, h1, delta);
            UnitLanes.Store<THidden>(workspace, sum1, h1 + 16, delta + 16);
            UnitLanes.Store<THidden>(workspace, sum2, h1 + 32, delta + 32);
            UnitLanes.Store<THidden>(workspace, sum3, h1 + 48, delta + 48);
            UnitLanes.Store<THidden>(workspace, sum4, h1 + 64, delta + 64);
            UnitLanes.Store<THidden>(workspace, sum5, h1 + 80, delta + 80);
            UnitLanes.Store<THidden>(workspace, sum6, h1 + 96, delta + 96);
            UnitLanes.Store<THidden>(workspace, sum7, h1 + 112, delta + 112);
        }
    }

    /// <summary>
    /// From H1's deltas to the gradients of its biases (the deltas) and weights (a delta times the pixel under the
    /// tap, summed over the 64 units). The image needs no gradient.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<TStep>(Workspace workspace, TStep step)
        where TStep : struct, IGradientSink
    {
        for (int tapRow = 0; tapRow < KernelSize; tapRow++)
        {
            Wide sum0 = Wide.Zero;
            Wide sum1 = Wide.Zero;
            Wide sum2 = Wide.Zero;
            Wide sum3 = Wide.Zero;
            Wide sum4 = Wide.Zero;
            float* delta = workspace.H1Delta;
            for (int row = 0; row < H1Size; row++)
            {
                float* pixel = workspace.Image + (row * Stride + tapRow) * PaddedInputSize;
                for (int column = 0; column < H1Size; column++)
                {
                    Wide unit = Vector512.LoadAligned(delta);
                    sum0 = Vector512.MultiplyAddEstimate(unit, Vector512.Create(pixel[0]), sum0);
                    sum1 = Vector512.MultiplyAddEstimate(unit, Vector512.Create(pixel[1]), sum1);
                    sum2 = Vector512.MultiplyAddEstimate(unit, Vector512.Create(pixel[2]), sum2);
                    sum3 = Vector512.MultiplyAddEstimate(unit, Vector512.Create(pixel[3]), sum3);
                    sum4 = Vector512.MultiplyAddEstimate(unit, Vector512.Create(pixel[4]), sum4);
                    delta += SimdLayout.Lanes;
                    pixel += Stride;
                }
            }

            int taps = SimdLayout.H1w + tapRow * KernelSize * SimdLayout.Lanes;
            step.Apply(taps, sum0);
            step.Apply(taps + 16, sum1);
            step.Apply(taps + 32, sum2);
            step.Apply(taps + 48, sum3);
            step.Apply(taps + 64, sum4);
        }

        for (int unit = 0; unit < H1MapUnits; unit++)
        {
            int lanes = unit * SimdLayout.Lanes;
            step.Apply(SimdLayout.H1b + lanes, Vector512.LoadAligned(workspace.H1Delta + lanes));
        }
    }
}
