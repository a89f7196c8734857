using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>What all steps share: the digits, the parameters, and where each group's share of the gradient goes.</summary>
internal readonly struct FusedNetwork
{
    /// <summary>(examples, 256).</summary>
    public required ArrayView<float> Images { get; init; }

    /// <summary>The digits.</summary>
    public required ArrayView<byte> Labels { get; init; }

    /// <summary>What the outputs should be.</summary>
    public required Targets Targets { get; init; }

    /// <summary>All parameters.</summary>
    public required ArrayView<float> Parameters { get; init; }

    /// <summary>The weights in float4s, see <see cref="FusedLayout"/>.</summary>
    public required ArrayView<Float4> Weights { get; init; }

    /// <summary>The connection table: (groups, H2Sources).</summary>
    public required ArrayView<int> Sources { get; init; }

    /// <summary>(H1Maps, <see cref="ReadersOfMap"/>): group * H2Sources + source of each group that reads a map, or -1.</summary>
    public required ArrayView<int> Readers { get; init; }

    /// <summary>How many groups read a map at most.</summary>
    public required int ReadersOfMap { get; init; }

    /// <summary>(groups of threads, FusedLayout.Float4s): each group's share of the gradient.</summary>
    public required ArrayView<Float4> Gradients { get; init; }
}
