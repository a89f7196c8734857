using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using static GpuConvnet.Model.Shape1989;
using static GpuConvnet.Model.Simd.SimdLayout;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// The activations and deltas of the one example that the vector path is working on, 30 KB in all. A delta is the
/// derivative of the loss by a unit's weighted sum.
/// <code>
/// Image   [20][20]                                  the input with its border
/// H1      [row 8][column 8]                         [lane: map 12 of 16]
/// H2Input [group 3][row 12][column pair 6]          [lane: column of the pair 2, source 8]   H1 with its border
/// H2      [group 3][row 4]                          [lane: map 4, column 4]
/// H2AfterDropout  the same, after dropout
/// H3                                                [lane: unit 30 of 32]
/// Output                                            [lane: output 10 of 16]
/// </code>
/// H1 is kept twice. Its own layer wants the maps of a unit side by side: a tap is then one pixel, broadcast, times
/// one vector of weights. H2 wants, a group of maps, two columns of the eight sources side by side: a stride of two
/// columns is then exactly one vector, so that every load of a 5x5x8 window is whole and aligned.
/// </summary>
internal sealed unsafe class Workspace : IDisposable
{
    public const int ColumnPairs = PaddedH1Size / 2;
    public const int H2InputRow = ColumnPairs * Lanes;
    public const int H2InputGroup = PaddedH1Size * H2InputRow;

    /// <summary>The gradient of H2's input is formed without its border: 8 rows of 4 pairs.</summary>
    public const int GradientPairs = H1Size / 2;
    public const int GradientRow = GradientPairs * Lanes;
    public const int GradientGroup = H1Size * GradientRow;

    private const int ImageFloats = PaddedInputSize * PaddedInputSize;
    private const int H2InputFloats = H2Connections.Groups * H2InputGroup;
    private const int GradientFloats = H2Connections.Groups * GradientGroup;
    private const int IndexFloats = 3 * H2Connections.Groups * Lanes;

    private readonly AlignedFloats _memory = new(
        ImageFloats + 2 * H1MapUnits * Lanes + H2InputFloats + GradientFloats + 4 * H2Units + 2 * H3Lanes + 2 * Lanes
        + IndexFloats);

    /// <summary>Reserves the memory.</summary>
    /// <param name="border">What surrounds the image and the maps of H1.</param>
    public Workspace(float border = PaddingValue)
    {
        float* next = _memory.Pointer;
        Image = Take(ImageFloats);
        H1 = Take(H1MapUnits * Lanes);
        H2Input = Take(H2InputFloats);
        H2 = Take(H2Units);
        H2AfterDropout = Take(H2Units);
        KeepFactors = Take(H2Units);
        H3 = Take(H3Lanes);
        Output = Take(Lanes);
        OutputDelta = Take(Lanes);
        H3Delta = Take(H3Lanes);
        H2Delta = Take(H2Units);
        H2InputGradient = Take(GradientFloats);
        H1Delta = Take(H1MapUnits * Lanes);
        LaneIndices = (int*)Take(IndexFloats);

        // The borders are constant, so they are written once; each example rewrites only what lies inside.
        new Span<float>(Image, ImageFloats).Fill(border);
        new Span<float>(H2Input, H2InputFloats).Fill(border);
        FillLaneIndices();

        float* Take(int count)
        {
            float* start = next;
            next += count;
            return start;
        }
    }

    /// <summary>
    /// Whether a forward pass leaves slopes for the backward pass, where an activation's slope needs the weighted sum.
    /// </summary>
    public bool KeepsDerivatives { get; set; } = true;

    public float* Image { get; }

    public float* H1 { get; }

    public float* H2Input { get; }

    public float* H2 { get; }

    /// <summary>H2 after dropout; unused where nothing is dropped.</summary>
    public float* H2AfterDropout { get; }

    /// <summary>What dropout multiplied each unit of H2 with.</summary>
    public float* KeepFactors { get; }

    public float* H3 { get; }

    public float* Output { get; }

    public float* OutputDelta { get; }

    public float* H3Delta { get; }

    public float* H2Delta { get; }

    /// <summary>[group 3][row 8][column pair 4][lane: column of the pair 2, source 8].</summary>
    public float* H2InputGradient { get; }

    public float* H1Delta { get; }

    /// <summary>
    /// The connection table as permutations of lanes: for each group, which map each source lane of H2Input comes
    /// from; then, for each group and column of a pair, which source lane each map's gradient comes from.
    /// An index of 16 or more selects from a permutation's second operand.
    /// </summary>
    public int* LaneIndices { get; }

    public void Dispose() => _memory.Dispose();

    private void FillLaneIndices()
    {
        for (int group = 0; group < H2Connections.Groups; group++)
        {
            ReadOnlySpan<int> sources = H2Connections.Article.Sources(group * H2Connections.GroupMaps);
            Span<int> gather = new(LaneIndices + group * Lanes, Lanes);
            for (int source = 0; source < H2Sources; source++)
            {
                gather[source] = sources[source];
                gather[H2Sources + source] = Lanes + sources[source];
            }

            for (int column = 0; column < 2; column++)
            {
                Span<int> scatter = new(LaneIndices + (H2Connections.Groups * (1 + column) + group) * Lanes, Lanes);
                scatter.Fill(Lanes);
                for (int source = 0; source < H2Sources; source++)
                {
                    scatter[sources[source]] = column * H2Sources + source;
                }
            }
        }
    }
}
