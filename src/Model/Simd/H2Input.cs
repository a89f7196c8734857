using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Network;
using static GpuConvnet.Model.Shape1989;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// The article's connection table at work: from the maps of H1 to the three groups of eight that H2's maps read, and back.
/// (8, 8) units of 12 maps to 3 groups of (12, 12) units of 8 maps, border included.
/// </summary>
internal static unsafe class H2Input
{
    private const int RunMaps = 4;
    private const int RunsOfGroup = H2Sources / RunMaps;
    private const int Runs = H2Connections.Groups * RunsOfGroup;
    private const int FirstPair = Padding * Workspace.H2InputRow + Padding / 2 * SimdLayout.Lanes;

    /// <summary>Copies each group's eight maps from H1 to the inside of its part of H2Input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(Workspace workspace)
    {
        if (!Avx512F.IsSupported)
        {
            ForwardByFours(workspace);
            return;
        }

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
                Wide right = Vector512.LoadAligned(h1 + SimdLayout.Lanes);
                Avx512F.PermuteVar16x32x2(left, lanes0, right).StoreAligned(pair);
                Avx512F.PermuteVar16x32x2(left, lanes1, right).StoreAligned(pair + Workspace.H2InputGroup);
                Avx512F.PermuteVar16x32x2(left, lanes2, right).StoreAligned(pair + 2 * Workspace.H2InputGroup);
                h1 += 2 * SimdLayout.Lanes;
                pair += SimdLayout.Lanes;
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
        if (!Avx512F.IsSupported)
        {
            BackwardByFours<THidden>(workspace);
            return;
        }

        float* h1 = workspace.H1;
        float* delta = workspace.H1Delta;
        float* gradient = workspace.H2InputGradient;
        int* lanes = workspace.LaneIndices + H2Connections.Groups * SimdLayout.Lanes;
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
            Wide left = Avx512F.PermuteVar16x32x2(group0, left0, Wide.Zero)
                + Avx512F.PermuteVar16x32x2(group1, left1, Wide.Zero)
                + Avx512F.PermuteVar16x32x2(group2, left2, Wide.Zero);
            Wide right = Avx512F.PermuteVar16x32x2(group0, right0, Wide.Zero)
                + Avx512F.PermuteVar16x32x2(group1, right1, Wide.Zero)
                + Avx512F.PermuteVar16x32x2(group2, right2, Wide.Zero);
            (left * UnitLanes.Derivatives<THidden>(h1, delta)).StoreAligned(delta);
            (right * UnitLanes.Derivatives<THidden>(h1 + 16, delta + 16)).StoreAligned(delta + 16);
            gradient += SimdLayout.Lanes;
            h1 += 2 * SimdLayout.Lanes;
            delta += 2 * SimdLayout.Lanes;
        }
    }

    /// <summary>
    /// <see cref="Forward"/> without a permutation of 32 lanes: the table's sources come in runs of four maps, and each
    /// run is one move of four lanes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardByFours(Workspace workspace)
    {
        for (int run = 0; run < Runs; run++)
        {
            float* source = workspace.H1 + FirstSource(run);
            for (int row = 0; row < H1Size; row++)
            {
                float* target = workspace.H2Input + FirstPair + row * Workspace.H2InputRow
                    + run / RunsOfGroup * Workspace.H2InputGroup + run % RunsOfGroup * RunMaps;
                for (int column = 0; column < H1Size; column++)
                {
                    Vector128.Load(source).Store(target);
                    source += SimdLayout.Lanes;
                    target += H2Sources;
                }
            }
        }
    }

    /// <summary><see cref="Backward"/> by moves of four lanes, adding in the same order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardByFours<THidden>(Workspace workspace)
        where THidden : struct, IActivation
    {
        // The deltas are sums over several runs here, so slopes that wait in their place are taken out first.
        float* waiting = stackalloc float[THidden.DerivativeNeedsSum ? H1MapUnits * SimdLayout.Lanes : 0];
        Span<float> deltas = new(workspace.H1Delta, H1MapUnits * SimdLayout.Lanes);
        if (THidden.DerivativeNeedsSum)
        {
            deltas.CopyTo(new Span<float>(waiting, deltas.Length));
        }

        deltas.Clear();
        for (int run = 0; run < Runs; run++)
        {
            float* target = workspace.H1Delta + FirstSource(run);
            float* source = workspace.H2InputGradient
                + run / RunsOfGroup * Workspace.GradientGroup + run % RunsOfGroup * RunMaps;
            for (int unit = 0; unit < H1MapUnits; unit++)
            {
                (Vector128.Load(target) + Vector128.Load(source)).Store(target);
                target += SimdLayout.Lanes;
                source += H2Sources;
            }
        }

        for (int lanes = 0; lanes < H1MapUnits * SimdLayout.Lanes; lanes += SimdLayout.Lanes)
        {
            float* delta = workspace.H1Delta + lanes;
            Wide slopes = THidden.DerivativeNeedsSum
                ? Vector512.Load(waiting + lanes)
                : THidden.Derivative(Vector512.LoadAligned(workspace.H1 + lanes));
            (Vector512.LoadAligned(delta) * slopes).StoreAligned(delta);
        }
    }

    /// <summary>The first of the four maps of H1 in a run; runs go group by group.</summary>
    private static int FirstSource(int run) =>
        H2Connections.Article.Sources(run / RunsOfGroup * H2Connections.GroupMaps)[run % RunsOfGroup * RunMaps];
}
