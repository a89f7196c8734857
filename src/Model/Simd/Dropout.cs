using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// Dropout between H2 and H3: each unit of H2 is dropped, or kept and scaled so that expected sums stay the same.
/// </summary>
internal static unsafe class Dropout
{
    /// <summary>Perturbation counts rows map by map; in <see cref="SimdLayout"/> the maps of a group alternate.</summary>
    private static readonly Vector512<uint> s_rowsOfGroup =
        Vector512.Create(0u, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);

    /// <summary>Draws the factors of one example's 192 units, a group of maps at a time: sixteen rows of four units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DrawFactors(Workspace workspace, in Perturbation perturbation, int example)
    {
        float* drawn = stackalloc float[4 * SimdLayout.Lanes];
        for (int group = 0; group < H2Connections.Groups; group++)
        {
            Vector512<uint> rows = s_rowsOfGroup + Vector512.Create((uint)(group * SimdLayout.Lanes));
            perturbation.KeepFactors(
                example, rows, out Vector512<float> factors0, out Vector512<float> factors1,
                out Vector512<float> factors2, out Vector512<float> factors3);
            factors0.Store(drawn);
            factors1.Store(drawn + 16);
            factors2.Store(drawn + 32);
            factors3.Store(drawn + 48);

            // From a vector a column to four columns a row.
            float* factors = workspace.KeepFactors + group * H2Connections.GroupMaps * H2MapUnits;
            for (int row = 0; row < SimdLayout.Lanes; row++)
            {
                factors[0] = drawn[row];
                factors[1] = drawn[row + 16];
                factors[2] = drawn[row + 32];
                factors[3] = drawn[row + 48];
                factors += H2Size;
            }
        }
    }

    /// <summary>Takes the factors of 192 units as they are, (12, 4, 4).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SetFactors(Workspace workspace, ReadOnlySpan<float> factors)
    {
        VectorLength.Require(factors.Length, H2Units, nameof(factors));
        fixed (float* maps = factors)
        {
            for (int map = 0; map < H2Maps; map++)
            {
                for (int row = 0; row < H2Size; row++)
                {
                    Vector128.Load(maps + map * H2MapUnits + row * H2Size)
                        .Store(workspace.KeepFactors + SimdLayout.H2Unit(map, row, 0));
                }
            }
        }
    }

    /// <summary>H2AfterDropout = H2 * factors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(Workspace workspace)
    {
        for (int units = 0; units < H2Units; units += SimdLayout.Lanes)
        {
            (Vector512.LoadAligned(workspace.H2 + units) * Vector512.LoadAligned(workspace.KeepFactors + units))
                .StoreAligned(workspace.H2AfterDropout + units);
        }
    }

    /// <summary>H2's deltas *= factors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(Workspace workspace)
    {
        for (int units = 0; units < H2Units; units += SimdLayout.Lanes)
        {
            float* deltas = workspace.H2Delta + units;
            (Vector512.LoadAligned(deltas) * Vector512.LoadAligned(workspace.KeepFactors + units))
                .StoreAligned(deltas);
        }
    }
}
