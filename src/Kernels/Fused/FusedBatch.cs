using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>What the fused kernel is given: examples, the network, and where each group's share of the gradient goes.</summary>
/// <param name="images">(256, imageStride): a row a pixel, the batch's examples first in it.</param>
/// <param name="labels">The batch's digits first.</param>
/// <param name="imageStride">Examples from one row of images to the next.</param>
/// <param name="first">The first example's place in the training set, which is its address in the noise.</param>
/// <param name="count">Examples of the batch.</param>
/// <param name="targets">What the outputs should be.</param>
/// <param name="scale">The factor of every delta: 1/count, for the mean.</param>
/// <param name="parameters">All parameters.</param>
/// <param name="weights">The weights in quads, see <see cref="Packing{TShape}"/>.</param>
/// <param name="sources">The connection table: (groups, H2Sources).</param>
/// <param name="readers">(H1Maps, readersOfMap): group * H2Sources + source of each group that reads a map, or -1.</param>
/// <param name="readersOfMap">How many groups read a map at most.</param>
/// <param name="gradients">(groups of threads, Packing.Quads): each group's share of the gradient.</param>
public readonly struct FusedBatch(
    ArrayView<float> images,
    ArrayView<byte> labels,
    int imageStride,
    int first,
    int count,
    Targets targets,
    float scale,
    ArrayView<float> parameters,
    ArrayView<Columns4> weights,
    ArrayView<int> sources,
    ArrayView<int> readers,
    int readersOfMap,
    ArrayView<Columns4> gradients)
{
    /// <summary>(256, <see cref="ImageStride"/>): a row a pixel, the batch's examples first in it.</summary>
    public ArrayView<float> Images { get; } = images;

    /// <summary>The batch's digits first.</summary>
    public ArrayView<byte> Labels { get; } = labels;

    /// <summary>Examples from one row of images to the next.</summary>
    public int ImageStride { get; } = imageStride;

    /// <summary>The first example's place in the training set, which is its address in the noise.</summary>
    public int First { get; } = first;

    /// <summary>Examples of the batch.</summary>
    public int Count { get; } = count;

    /// <summary>What the outputs should be.</summary>
    public Targets Targets { get; } = targets;

    /// <summary>The factor of every delta.</summary>
    public float Scale { get; } = scale;

    /// <summary>All parameters.</summary>
    public ArrayView<float> Parameters { get; } = parameters;

    /// <summary>The weights in quads.</summary>
    public ArrayView<Columns4> Weights { get; } = weights;

    /// <summary>(groups, H2Sources).</summary>
    public ArrayView<int> Sources { get; } = sources;

    /// <summary>(H1Maps, <see cref="ReadersOfMap"/>): group * H2Sources + source, or -1.</summary>
    public ArrayView<int> Readers { get; } = readers;

    /// <summary>How many groups read a map at most.</summary>
    public int ReadersOfMap { get; } = readersOfMap;

    /// <summary>(groups of threads, Packing.Quads).</summary>
    public ArrayView<Columns4> Gradients { get; } = gradients;
}
