using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Network;
using static GpuConvnet.Model.Shape1989;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Reference;

/// <summary>
/// The connection table at work: from the maps of H1 to the three groups of eight that H2's maps read, and back.
/// (8, 8) units of 12 maps to 3 groups of (12, 12) units of 8 maps, border included.
/// </summary>
internal static unsafe class H2Input
{
    private const int FirstPair = Padding * Workspace.H2InputRow + Padding / 2 * PackedLayout.Lanes;

    /// <summary>Copies each group's eight maps from H1 to the inside of its part of H2Input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(Workspace workspace)
    {
        float* h1 = workspace.H1;
        Vector512<int> lanes0 = Vector512.LoadAligned(workspace.LaneIndices);
        Vector512<int> lanes1 = Vector512.LoadAligned(workspace.LaneIndices + 16);
        Vector512<int> lanes2 = Vector512.LoadAligned(workspace.LaneIndices + 32);
        for (int row = 0; row < H1Size; row++)
        {
            float* pair = workspace.H2Input + FirstPair + row * Workspace.H2InputRow;
            for (int column = 0; column < H1Size; column += 2)
            {
                Wide left = Vector512.LoadAligned(h1);
                Wide right = Vector512.LoadAligned(h1 + PackedLayout.Lanes);
                Select(left, lanes0, right).StoreAligned(pair);
                Select(left, lanes1, right).StoreAligned(pair + Workspace.H2InputGroup);
                Select(left, lanes2, right).StoreAligned(pair + 2 * Workspace.H2InputGroup);
                h1 += 2 * PackedLayout.Lanes;
                pair += PackedLayout.Lanes;
            }
        }
    }

    /// <summary>
    /// Adds up each H1 unit's gradient over the groups that read it, and multiplies with the slope of its activation:
    /// H1's deltas.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<THidden>(Workspace workspace)
        where THidden : struct, IActivation
    {
        float* h1 = workspace.H1;
        float* delta = workspace.H1Delta;
        float* gradient = workspace.H2InputGradient;
        int* lanes = workspace.LaneIndices + H2Connections.Groups * PackedLayout.Lanes;
        Vector512<int> left0 = Vector512.LoadAligned(lanes);
        Vector512<int> left1 = Vector512.LoadAligned(lanes + 16);
        Vector512<int> left2 = Vector512.LoadAligned(lanes + 32);
        Vector512<int> right0 = Vector512.LoadAligned(lanes + 48);
        Vector512<int> right1 = Vector512.LoadAligned(lanes + 64);
        Vector512<int> right2 = Vector512.LoadAligned(lanes + 80);
        for (int pair = 0; pair < H1MapUnits / 2; pair++)
        {
            Wide group0 = Vector512.LoadAligned(gradient);
            Wide group1 = Vector512.LoadAligned(gradient + Workspace.GradientGroup);
            Wide group2 = Vector512.LoadAligned(gradient + 2 * Workspace.GradientGroup);
            Wide left = Select(group0, left0, Wide.Zero) + Select(group1, left1, Wide.Zero)
                + Select(group2, left2, Wide.Zero);
            Wide right = Select(group0, right0, Wide.Zero) + Select(group1, right1, Wide.Zero)
                + Select(group2, right2, Wide.Zero);
            (left * THidden.Slope(Vector512.LoadAligned(h1))).StoreAligned(delta);
            (right * THidden.Slope(Vector512.LoadAligned(h1 + 16))).StoreAligned(delta + 16);
            gradient += PackedLayout.Lanes;
            h1 += 2 * PackedLayout.Lanes;
            delta += 2 * PackedLayout.Lanes;
        }
    }

    /// <summary>Lane n of the result: lane indices[n] of the 32 lanes of the two vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Wide Select(Wide first, Vector512<int> indices, Wide second) =>
        Avx512F.IsSupported ? Avx512F.PermuteVar16x32x2(first, indices, second) : SelectByMemory(first, indices, second);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Wide SelectByMemory(Wide first, Vector512<int> indices, Wide second)
    {
        float* lanes = stackalloc float[2 * PackedLayout.Lanes];
        first.Store(lanes);
        second.Store(lanes + PackedLayout.Lanes);
        float* selected = stackalloc float[PackedLayout.Lanes];
        for (int lane = 0; lane < PackedLayout.Lanes; lane++)
        {
            selected[lane] = lanes[indices[lane]];
        }

        return Vector512.Load(selected);
    }
}
