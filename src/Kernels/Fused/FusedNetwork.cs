using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>What all steps share: the digits, the parameters, and where each group's share of the gradient goes.</summary>
/// <param name="images">(examples, 256).</param>
/// <param name="labels">The digits.</param>
/// <param name="targets">What the outputs should be.</param>
/// <param name="parameters">All parameters.</param>
/// <param name="weights">The weights in float4s, see <see cref="FusedLayout"/>.</param>
/// <param name="sources">The connection table: (groups, H2Sources).</param>
/// <param name="readers">(H1Maps, readersOfMap): group * H2Sources + source of each group that reads a map, or -1.</param>
/// <param name="readersOfMap">How many groups read a map at most.</param>
/// <param name="gradients">(groups of threads, FusedLayout.Float4s): each group's share of the gradient.</param>
public readonly struct FusedNetwork(
    ArrayView<float> images,
    ArrayView<byte> labels,
    Targets targets,
    ArrayView<float> parameters,
    ArrayView<Float4> weights,
    ArrayView<int> sources,
    ArrayView<int> readers,
    int readersOfMap,
    ArrayView<Float4> gradients)
{
    /// <summary>(examples, 256).</summary>
    public ArrayView<float> Images { get; } = images;

    /// <summary>The digits.</summary>
    public ArrayView<byte> Labels { get; } = labels;

    /// <summary>What the outputs should be.</summary>
    public Targets Targets { get; } = targets;

    /// <summary>All parameters.</summary>
    public ArrayView<float> Parameters { get; } = parameters;

    /// <summary>The weights in float4s.</summary>
    public ArrayView<Float4> Weights { get; } = weights;

    /// <summary>(groups, H2Sources).</summary>
    public ArrayView<int> Sources { get; } = sources;

    /// <summary>(H1Maps, <see cref="ReadersOfMap"/>): group * H2Sources + source, or -1.</summary>
    public ArrayView<int> Readers { get; } = readers;

    /// <summary>How many groups read a map at most.</summary>
    public int ReadersOfMap { get; } = readersOfMap;

    /// <summary>(groups of threads, FusedLayout.Float4s).</summary>
    public ArrayView<Float4> Gradients { get; } = gradients;
}
