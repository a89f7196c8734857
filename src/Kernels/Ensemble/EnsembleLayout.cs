using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>
/// Where a member lies in its group's shared memory, counted in floats: 48,736 bytes, and 240 of connections beside them, of
/// the 49,152 that every CUDA device gives a group without asking. Parts begin at multiples of four floats, so that what is
/// read in float4s can be.
/// </summary>
/// <remarks>
/// A memory bank is a float wide, and there are 32: the threads of a warp want 32 different ones, or the very same float.
/// The image has the even columns of a row before the odd ones: neighbouring units, two columns apart, then read neighbours,
/// and the next row of units, two image rows of 20 floats on, is 40 floats and so 8 banks further: a warp's four rows of
/// eight units fill all 32. A map of H1 has a float4 between its rows 3 and 4 and so 17 in all: rows two apart, which the four
/// rows of H2 read, and any eight neighbouring maps, lie in eight different sets of four banks.
/// </remarks>
internal static class EnsembleLayout
{
    /// <summary>Float4s of a row of a map of H1.</summary>
    public const int H1RowFloat4s = Shape1989.H1Size / 4;

    /// <summary>Float4s of a map of H1.</summary>
    public const int H1MapFloat4s = Shape1989.H1Size * H1RowFloat4s + 1;

    /// <summary>Floats of a row of the image, its border included.</summary>
    public const int ImageRow = Shape1989.PaddedInputSize;

    /// <summary>Where the odd columns of a row of the image begin.</summary>
    public const int OddColumns = ImageRow / 2;

    /// <summary>Parts that the sum of a unit of H2 is formed in: a row of its kernels each.</summary>
    public const int H2Parts = Shape1989.KernelSize;

    /// <summary>Parts that the sum of a unit of H3 is formed in, each by a thread of its own.</summary>
    public const int H3Parts = 8;

    /// <summary>Threads that form a part of H3's sums: whole warps, so that what all of them read is read once.</summary>
    public static int H3Lanes => (Shape1989.H3Units + 31) / 32 * 32;

    /// <summary>The parameters, where <see cref="Layout"/> says.</summary>
    public static int Parameters => 0;

    /// <summary>The image with its border: (20 rows, even columns, odd columns).</summary>
    public static int Image => (Layout.Parameters + 3) / 4 * 4;

    /// <summary>H1: (H1Maps, 17 float4s); once H2 is done with it, the parts of the gradient of H1's weights.</summary>
    public static int H1 => Image + Shape1989.PaddedInputSize * ImageRow;

    /// <summary>
    /// What is on its way, one thing after the other: the parts of H2's sums, (5, H2Units); those of H3's, (8, H3Lanes), and
    /// H2's slopes; H1's deltas, as <see cref="H1"/>.
    /// </summary>
    public static int Parts => H1 + Shape1989.H1Maps * H1MapFloat4s * 4;

    /// <summary>
    /// H2's slopes, times what dropout makes of the units: where the last part of each unit's sum was, which nobody but the
    /// unit's own thread reads.
    /// </summary>
    public static int H2Derivatives => Parts + (H2Parts - 1) * Layout.H2Units;

    /// <summary>H2 after dropout, then its deltas.</summary>
    public static int H2 => Parts + H2Parts * Layout.H2Units;

    /// <summary>H3, then its deltas.</summary>
    public static int H3 => H2 + Layout.H2Units;

    /// <summary>The outputs.</summary>
    public static int Outputs => H3 + (Shape1989.H3Units + 3) / 4 * 4;

    /// <summary>The outputs' deltas.</summary>
    public static int OutputDeltas => Outputs + (Layout.Outputs + 3) / 4 * 4;

    /// <summary>All of it, in float4s.</summary>
    public static int Float4s => (OutputDeltas + Layout.Outputs + 3) / 4;

    /// <summary>Entries of the table of sources.</summary>
    public static int Sources => Shape1989.H2Maps / 4 * Shape1989.H2Sources;

    /// <summary>Entries of both tables, if every group should read some map.</summary>
    public static int TableEntries => Sources + Shape1989.H1Maps * (Shape1989.H2Maps / 4);

    /// <summary>Bytes of shared memory.</summary>
    public static int Bytes => Float4s * 4 * sizeof(float) + TableEntries * sizeof(int);

    /// <summary>The first float4 of a row of a map of H1, from the beginning of H1, or of H1's deltas.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int H1Float4(int map, int row) => map * H1MapFloat4s + row * H1RowFloat4s + row / 4;
}
