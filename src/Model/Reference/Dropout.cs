using System.Runtime.Intrinsics;
using GpuConvnet.Model.Augmentation;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Reference;

/// <summary>
/// Dropout between H2 and H3: each unit of H2 is dropped, or kept and scaled so that expected sums stay the same.
/// </summary>
internal static unsafe class Dropout
{
    /// <summary>Draws the factors of one example's 192 units.</summary>
    public static void DrawFactors(Workspace workspace, in Noise noise, int example)
    {
        for (int map = 0; map < H2Maps; map++)
        {
            for (int row = 0; row < H2Size; row++)
            {
                float* factors = workspace.KeepFactors + PackedLayout.H2Unit(map, row, column: 0);
                noise.KeepFactors(
                    example, map * H2Size + row, out factors[0], out factors[1], out factors[2], out factors[3]);
            }
        }
    }

    /// <summary>H2Kept = H2 * factors.</summary>
    public static void Forward(Workspace workspace)
    {
        for (int units = 0; units < H2Units; units += PackedLayout.Lanes)
        {
            (Vector512.LoadAligned(workspace.H2 + units) * Vector512.LoadAligned(workspace.KeepFactors + units))
                .StoreAligned(workspace.H2Kept + units);
        }
    }

    /// <summary>H2's deltas *= factors.</summary>
    public static void Backward(Workspace workspace)
    {
        for (int units = 0; units < H2Units; units += PackedLayout.Lanes)
        {
            float* deltas = workspace.H2Delta + units;
            (Vector512.LoadAligned(deltas) * Vector512.LoadAligned(workspace.KeepFactors + units))
                .StoreAligned(deltas);
        }
    }
}
