using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// The examples that a group of threads takes through the whole network at a time, and where what it knows of them lies in
/// its shared memory: 40,656 bytes, so that a multiprocessor of 164 KB and more has room for four groups. In float4s of four
/// floats (<see cref="Float4"/>), one load of 16 bytes each.
/// </summary>
/// <remarks>
/// Eight threads load 16 bytes each at a time, from the 32 banks of the memory; sixteen where each two neighbours load the same.
/// An example's H1, H2 and image have an odd number of float4s, so that the same place of eight examples lies in eight different
/// sets of banks. A map of H1 is 18 float4s and another one after every fourth: the maps m and m + 2 of four examples lie in
/// different banks too, and so do the eight that a group of H2 reads, but for those of the group that reads the first and the
/// last four. Deltas overwrite the activations that they belong to; the images, read only at the beginning and at the end, lie
/// where H2, H3 and the outputs do in between, and H3 and the outputs where the parts of H3's sums have been.
/// </remarks>
internal static class Tile
{
    /// <summary>Examples of a tile.</summary>
    public const int Examples = 8;

    /// <summary>A row of H1. What lies beside it is known, and takes no room: <see cref="PaddedH1Row"/>.</summary>
    public const int H1RowFloat4s = Shape1989.H1Size / 4;

    /// <summary>A row of an image.</summary>
    public const int ImageRowFloat4s = Shape1989.InputSize / 4;

    /// <summary>An example's image.</summary>
    public const int ImageFloat4s = Shape1989.InputSize * ImageRowFloat4s + 1;

    /// <summary>An example's outputs.</summary>
    public const int OutputFloat4s = 3;

    /// <summary>Parts that the sum of a unit of H3 is formed in, each by a thread of its own.</summary>
    public const int H3Parts = 6;

    /// <summary>A map of H1, and two float4s for the banks.</summary>
    public const int H1MapFloat4s = Shape1989.H1Size * H1RowFloat4s + 2;

    /// <summary>An example's H1.</summary>
    public static int H1Float4s => H1Map(Shape1989.H1Maps);

    /// <summary>An example's H2: a float4 is a row of a map.</summary>
    public static int H2Float4s => Shape1989.H2Maps * Shape1989.H2Size + 1;

    /// <summary>Float4s of units of H3; the last one's units beyond the last are 0.</summary>
    public static int H3Blocks => (Shape1989.H3Units + 3) / 4;

    /// <summary>Where H1 begins: (Examples, H1Float4s).</summary>
    public static int H1 => 0;

    /// <summary>Where H2 begins: (Examples, H2Float4s).</summary>
    public static int H2 => Examples * H1Float4s;

    /// <summary>Where a second part of H2's sums begins, of the same size, until they are added up.</summary>
    public static int H2Part => H2 + Examples * H2Float4s;

    /// <summary>
    /// Where the parts of H3's sums begin: (H3Parts, Examples, H3Blocks), see <see cref="H3Part"/>. H2's sums are added up by
    /// then.
    /// </summary>
    public static int Parts => H2Part;

    /// <summary>Where the images begin: (Examples, ImageFloat4s), over all but H1.</summary>
    public static int Images => H2;

    /// <summary>Where the outputs begin: (Examples, OutputFloat4s) over the second part of H3's sums.</summary>
    public static int Outputs => Parts + Examples * H3Blocks;

    /// <summary>
    /// Where four units of H3 are, or a part of their sums. An example's blocks begin with another one than its neighbour's: the
    /// same block of neighbouring examples would lie in the same banks.
    /// </summary>
    /// <param name="part">Which part; the first is H3 itself, later.</param>
    /// <param name="place">The example.</param>
    /// <param name="block">Which four units.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int H3Part(int part, int place, int block) =>
        Parts + (part * Examples + place) * H3Blocks + (block + place).Modulo(H3Blocks);

    /// <summary>Where four units of H3 are.</summary>
    /// <param name="place">The example.</param>
    /// <param name="block">Which four units.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int H3Place(int place, int block) => H3Part(0, place, block);

    /// <summary>Where an example's outputs are.</summary>
    /// <param name="place">The example.</param>
    public static int Output(int place) => Outputs + place * OutputFloat4s;

    /// <summary>Tiles that so many examples make.</summary>
    public static int Of(int examples) => (examples + Examples - 1) / Examples;

    /// <summary>
    /// Where a row above or below a map or an image lies, the same for all, as long as an image's. To read there takes no
    /// branch.
    /// </summary>
    public static int Border => Math.Max(
        Math.Max(Parts + H3Parts * Examples * H3Blocks, H2Part + Examples * H2Float4s), Images + Examples * ImageFloat4s);

    /// <summary>Where four zeros lie: a row of deltas above or below a map of H2.</summary>
    public static int Zeros => Border + ImageRowFloat4s;

    /// <summary>All of it.</summary>
    public static int Float4s => Zeros + 1;

    /// <summary>Where a map of H1 is, from the example's first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int H1Map(int map) => map * H1MapFloat4s + map.Over(4);

    /// <summary>Writes the border, once; a barrier must follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteBorder(ArrayView<Float4> float4s)
    {
        if (Group.IdxX < Float4s - Border)
        {
            float4s[Border + Group.IdxX] = Float4.Of(Group.IdxX < ImageRowFloat4s ? Shape1989.PaddingValue : 0f);
        }
    }
}
