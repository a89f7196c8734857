using GpuConvnet.Model.Network;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// Where the vector path keeps each parameter while it trains: the same 9,760 values as in <see cref="Parameters"/>,
/// rearranged so that every layer reads and updates whole, aligned vectors of sixteen. Lanes that hold no parameter
/// are 0 and stay 0.
/// <code>
/// H1w  [tap 25]                               [lane: map 12 of 16]
/// H1b  [unit 64]                              [lane: map 12 of 16]
/// H2w  [group 3][row 5][map 4][column pair 3] [lane: column of the pair 2, source 8]   column 5 of 0..5 is unused
/// H2b  [group 3][row 4]                       [lane: map 4, column 4]
/// H3w  [group 3][row 4][map 4][column 4]      [lane: unit 30 of 32]
/// H3b                                         [lane: unit 30 of 32]
/// outw [unit 30 of 32]                        [lane: output 10 of 16]
/// outb                                        [lane: output 10 of 16]
/// </code>
/// </summary>
internal static class SimdLayout
{
    public const int Lanes = 16;

    /// <summary>Two columns of eight source maps fill a vector, and a stride of two columns is one vector.</summary>
    public const int ColumnPairs = 3;

    public const int H3Lanes = 32;
    public const int H2KernelRow = H2Connections.GroupMaps * ColumnPairs * Lanes;
    public const int H2Group = KernelSize * H2KernelRow;

    public const int H1w = 0;
    public const int H1b = H1w + KernelTaps * Lanes;
    public const int H2w = H1b + H1MapUnits * Lanes;
    public const int H2b = H2w + H2Connections.Groups * H2Group;
    public const int H3w = H2b + H2Units;
    public const int H3b = H3w + H2Units * H3Lanes;
    public const int Outw = H3b + H3Lanes;
    public const int Outb = Outw + H3Lanes * Lanes;
    public const int Count = Outb + Lanes;

    private static readonly int[] s_packedIndex = BuildIndex();

    /// <summary>Rearranges parameters from the contract's order.</summary>
    /// <param name="parameters">9,760 values.</param>
    /// <param name="packed"><see cref="Count"/> values; lanes in no use become 0.</param>
    public static void Pack(ReadOnlySpan<float> parameters, Span<float> packed)
    {
        packed.Clear();
        for (int i = 0; i < s_packedIndex.Length; i++)
        {
            packed[s_packedIndex[i]] = parameters[i];
        }
    }

    /// <summary>Rearranges parameters, or their gradient, into the contract's order.</summary>
    /// <param name="packed"><see cref="Count"/> values.</param>
    /// <param name="parameters">9,760 values.</param>
    public static void Unpack(ReadOnlySpan<float> packed, Span<float> parameters)
    {
        for (int i = 0; i < s_packedIndex.Length; i++)
        {
            parameters[i] = packed[s_packedIndex[i]];
        }
    }

    /// <summary>Rearranges the units of all layers, activations or deltas, into the contract's order.</summary>
    /// <param name="h1">[unit 64][lane: map 12 of 16].</param>
    /// <param name="h2">[group 3][row 4][lane: map 4, column 4].</param>
    /// <param name="h3">30 units.</param>
    /// <param name="output">10 units.</param>
    /// <param name="units">1,000 values: H1 (12, 8, 8), H2 (12, 4, 4), H3, output.</param>
    public static unsafe void UnpackUnits(float* h1, float* h2, float* h3, float* output, Span<float> units)
    {
        int next = 0;
        for (int unit = 0; unit < H1Units; unit++)
        {
            units[next++] = h1[unit % H1MapUnits * Lanes + unit / H1MapUnits];
        }

        for (int unit = 0; unit < H2Units; unit++)
        {
            units[next++] = h2[H2Unit(unit / H2MapUnits, unit % H2MapUnits / H2Size, unit % H2Size)];
        }

        new ReadOnlySpan<float>(h3, H3Units).CopyTo(units[next..]);
        new ReadOnlySpan<float>(output, Outputs).CopyTo(units[(next + H3Units)..]);
    }

    /// <summary>The packed position of a unit of H2, which is also its row in H3w.</summary>
    public static int H2Unit(int map, int row, int column) =>
        ((map / H2Connections.GroupMaps * H2Size + row) * H2Connections.GroupMaps + map % H2Connections.GroupMaps)
        * H2Size + column;

    private static int[] BuildIndex()
    {
        int[] index = new int[Parameters.Count];
        int next = 0;

        for (int map = 0; map < H1Maps; map++)
        {
            for (int tap = 0; tap < KernelTaps; tap++)
            {
                index[next++] = H1w + tap * Lanes + map;
            }
        }

        for (int map = 0; map < H1Maps; map++)
        {
            for (int unit = 0; unit < H1MapUnits; unit++)
            {
                index[next++] = H1b + unit * Lanes + map;
            }
        }

        for (int map = 0; map < H2Maps; map++)
        {
            int group = map / H2Connections.GroupMaps;
            int mapOfGroup = map % H2Connections.GroupMaps;
            for (int source = 0; source < H2Sources; source++)
            {
                for (int row = 0; row < KernelSize; row++)
                {
                    for (int column = 0; column < KernelSize; column++)
                    {
                        index[next++] = H2w + group * H2Group + row * H2KernelRow
                            + (mapOfGroup * ColumnPairs + column / 2) * Lanes + column % 2 * H2Sources + source;
                    }
                }
            }
        }

        for (int map = 0; map < H2Maps; map++)
        {
            for (int unit = 0; unit < H2MapUnits; unit++)
            {
                index[next++] = H2b + H2Unit(map, unit / H2Size, unit % H2Size);
            }
        }

        for (int h2Unit = 0; h2Unit < H2Units; h2Unit++)
        {
            int unitOfMap = h2Unit % H2MapUnits;
            int row = H2Unit(h2Unit / H2MapUnits, unitOfMap / H2Size, unitOfMap % H2Size);
            for (int unit = 0; unit < H3Units; unit++)
            {
                index[next++] = H3w + row * H3Lanes + unit;
            }
        }

        for (int unit = 0; unit < H3Units; unit++)
        {
            index[next++] = H3b + unit;
        }

        for (int unit = 0; unit < H3Units; unit++)
        {
            for (int output = 0; output < Outputs; output++)
            {
                index[next++] = Outw + unit * Lanes + output;
            }
        }

        for (int output = 0; output < Outputs; output++)
        {
            index[next++] = Outb + output;
        }

        return index;
    }
}
