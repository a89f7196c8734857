using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using static GpuConvnet.Model.Shape1989;
using Half = System.Runtime.Intrinsics.Vector256<float>;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// H2 for a connection table other than the article's: what <see cref="H2Input"/> and <see cref="H2Layer"/> do for groups
/// of four maps that read the same eight, a map at a time. Parameters lie as they do there, a map's kernels in the order
/// of its own sources; each map has a copy of its input to itself, four times the memory and the loads.
/// </summary>
internal sealed unsafe class H2AnyTable : IDisposable
{
    private const int MapWeights = SimdLayout.ColumnPairs * SimdLayout.Lanes;

    private readonly H2Connections _connections;

    /// <summary>[map 12][row 12][column pair 6][lane: column of the pair 2, source 8]: H1 with its border.</summary>
    private readonly AlignedFloats _input = new(H2Maps * Workspace.H2InputGroup);

    /// <summary>[row 8][column pair 4][lane: column of the pair 2, source 8]: of one map's input.</summary>
    private readonly AlignedFloats _gradient = new(Workspace.GradientGroup);

    /// <summary>[unit 64][lane: map 12 of 16]: of H1, summed over the maps that read it.</summary>
    private readonly AlignedFloats _h1Gradient = new(H1MapUnits * SimdLayout.Lanes);

    /// <summary>Reserves the memory.</summary>
    /// <param name="connections">Which maps of H1 each map of H2 reads.</param>
    /// <param name="border">What surrounds the maps of H1.</param>
    public H2AnyTable(H2Connections connections, float border = PaddingValue)
    {
        _connections = connections;
        _input.Span.Fill(border);
    }

    /// <summary>H1 to H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward<THidden>(Workspace workspace, float* parameters)
        where THidden : struct, IActivation
    {
        CopySources(workspace);
        for (int unitRow = 0; unitRow < H2Connections.Groups * H2Size; unitRow++)
        {
            int map = unitRow / H2Size * H2Connections.GroupMaps;
            int row = unitRow % H2Size;
            int units = unitRow * SimdLayout.Lanes;
            Wide sums = LaneSums.AcrossBlocks(
                MapSums(parameters, map, row), MapSums(parameters, map + 1, row), MapSums(parameters, map + 2, row),
                MapSums(parameters, map + 3, row));
            sums += Vector512.LoadAligned(parameters + SimdLayout.H2b + units);
            UnitLanes.Store<THidden>(workspace, sums, workspace.H2 + units, workspace.H2Delta + units);
        }
    }

    /// <summary>Gives each map of H2 the inputs that it reads.</summary>
    public void CopySources(Workspace workspace)
    {
        for (int map = 0; map < H2Maps; map++)
        {
            CopySources(workspace, map);
        }
    }

    /// <summary>From H2's deltas to H1's, and to the gradients of H2's weights and biases.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward<THidden, TStep>(Workspace workspace, float* parameters, TStep step)
        where THidden : struct, IActivation
        where TStep : struct, IGradientSink
    {
        _h1Gradient.Span.Clear();
        for (int map = 0; map < H2Maps; map++)
        {
            BackwardInput(workspace, parameters, map);
            BackwardWeights(workspace, map, step);
        }

        for (int units = 0; units < H2Units; units += SimdLayout.Lanes)
        {
            step.Apply(SimdLayout.H2b + units, Vector512.LoadAligned(workspace.H2Delta + units));
        }

        for (int lanes = 0; lanes < H1MapUnits * SimdLayout.Lanes; lanes += SimdLayout.Lanes)
        {
            float* delta = workspace.H1Delta + lanes;
            Wide slopes = UnitLanes.Derivatives<THidden>(workspace.H1 + lanes, delta);
            (Vector512.LoadAligned(_h1Gradient.Pointer + lanes) * slopes).StoreAligned(delta);
        }
    }

    public void Dispose()
    {
        _input.Dispose();
        _gradient.Dispose();
        _h1Gradient.Dispose();
    }

    private static int Weights(int map) => SimdLayout.H2w
        + map / H2Connections.GroupMaps * SimdLayout.H2Group + map % H2Connections.GroupMaps * MapWeights;

    private static float* Deltas(Workspace workspace, int map) =>
        workspace.H2Delta + SimdLayout.H2Unit(map, row: 0, column: 0);

    private float* Input(int map) => _input.Pointer + map * Workspace.H2InputGroup;

    private void CopySources(Workspace workspace, int map)
    {
        ReadOnlySpan<int> sources = _connections.Sources(map);
        for (int row = 0; row < H1Size; row++)
        {
            float* source = workspace.H1 + row * H1Size * SimdLayout.Lanes;
            float* target = Input(map) + (row + Padding) * Workspace.H2InputRow + Padding * H2Sources;
            for (int column = 0; column < H1Size; column++)
            {
                for (int i = 0; i < H2Sources; i++)
                {
                    target[i] = source[sources[i]];
                }

                source += SimdLayout.Lanes;
                target += H2Sources;
            }
        }
    }

    /// <summary>The weighted sums of a row of units of a map, in four parts: those of each block of lanes.</summary>
    private Wide MapSums(float* parameters, int map, int row)
    {
        Wide sum0 = Wide.Zero, sum1 = Wide.Zero, sum2 = Wide.Zero, sum3 = Wide.Zero;
        float* weights = parameters + Weights(map);
        float* input = Input(map) + row * Stride * Workspace.H2InputRow;
        for (int tapRow = 0; tapRow < KernelSize; tapRow++)
        {
            H2Layer.AddMap(
                weights, Vector512.LoadAligned(input), Vector512.LoadAligned(input + 16),
                Vector512.LoadAligned(input + 32), Vector512.LoadAligned(input + 48), Vector512.LoadAligned(input + 64),
                Vector512.LoadAligned(input + 80), ref sum0, ref sum1, ref sum2, ref sum3);
            weights += SimdLayout.H2KernelRow;
            input += Workspace.H2InputRow;
        }

        return LaneSums.OfBlocks(sum0, sum1, sum2, sum3);
    }

    /// <summary>Adds what a map of H2 passes down to the gradients of the maps of H1 that it reads.</summary>
    private void BackwardInput(Workspace workspace, float* parameters, int map)
    {
        _gradient.Span.Clear();
        for (int row = 0; row < H2Size; row++)
        {
            float* deltas = Deltas(workspace, map) + row * SimdLayout.Lanes;
            for (int tapRow = 0; tapRow < KernelSize; tapRow++)
            {
                int h1Row = row * Stride + tapRow - Padding;
                if (h1Row is < 0 or >= H1Size)
                {
                    continue;
                }

                float* gradient = _gradient.Pointer + h1Row * Workspace.GradientRow;
                Wide pair1 = Vector512.LoadAligned(gradient);
                Wide pair2 = Vector512.LoadAligned(gradient + 16);
                Wide pair3 = Vector512.LoadAligned(gradient + 32);
                Wide pair4 = Vector512.LoadAligned(gradient + 48);
                H2Layer.AddGradient(
                    parameters + Weights(map) + tapRow * SimdLayout.H2KernelRow, Vector512.Create(deltas[0]),
                    Vector512.Create(deltas[1]), Vector512.Create(deltas[2]), Vector512.Create(deltas[3]),
                    ref pair1, ref pair2, ref pair3, ref pair4);
                pair1.StoreAligned(gradient);
                pair2.StoreAligned(gradient + 16);
                pair3.StoreAligned(gradient + 32);
                pair4.StoreAligned(gradient + 48);
            }
        }

        ReadOnlySpan<int> sources = _connections.Sources(map);
        for (int unit = 0; unit < H1MapUnits; unit++)
        {
            float* source = _gradient.Pointer + unit * H2Sources;
            float* target = _h1Gradient.Pointer + unit * SimdLayout.Lanes;
            for (int i = 0; i < H2Sources; i++)
            {
                target[sources[i]] += source[i];
            }
        }
    }

    private void BackwardWeights<TStep>(Workspace workspace, int map, TStep step)
        where TStep : struct, IGradientSink
    {
        for (int tapRow = 0; tapRow < KernelSize; tapRow++)
        {
            Wide pair0 = Wide.Zero, pair1 = Wide.Zero;
            Half pair2 = Half.Zero;
            for (int row = 0; row < H2Size; row++)
            {
                float* input = Input(map) + (row * Stride + tapRow) * Workspace.H2InputRow;
                H2Layer.AddWeights(
                    Deltas(workspace, map) + row * SimdLayout.Lanes, Vector512.LoadAligned(input),
                    Vector512.LoadAligned(input + 16), Vector512.LoadAligned(input + 32),
                    Vector512.LoadAligned(input + 48), Vector512.LoadAligned(input + 64),
                    Vector512.LoadAligned(input + 80), ref pair0, ref pair1, ref pair2);
            }

            H2Layer.Apply(Weights(map) + tapRow * SimdLayout.H2KernelRow, pair0, pair1, pair2, step);
        }
    }
}
