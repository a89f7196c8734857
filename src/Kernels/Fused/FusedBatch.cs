using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>The examples that a fused kernel works on, and the network: what a tile's layers are given.</summary>
/// <param name="network">The network, and the digits among which the batch's are.</param>
/// <param name="image">The first image's place among them.</param>
/// <param name="label">The first label's place among them.</param>
/// <param name="first">The first example's place in the training set, which is its address in the noise.</param>
/// <param name="count">Examples of the batch.</param>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
public readonly struct FusedBatch(FusedNetwork network, int image, int label, int first, int count)
{
    private readonly FusedNetwork _network = network;
    private readonly int _image = image;
    private readonly int _label = label;

    /// <summary>The first example's place in the training set, which is its address in the noise.</summary>
    public int First { get; } = first;

    /// <summary>Examples of the batch.</summary>
    public int Count { get; } = count;

    /// <summary>The factor of every delta: 1/count, for the mean.</summary>
    public float Scale
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1f / Count;
    }

    /// <summary>What the outputs should be.</summary>
    public Targets Targets
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _network.Targets;
    }

    /// <summary>All parameters.</summary>
    public ArrayView<float> Parameters
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _network.Parameters;
    }

    /// <summary>The weights in quads, see <see cref="Packing{TShape}"/>.</summary>
    public ArrayView<Columns4> Weights
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _network.Weights;
    }

    /// <summary>(groups, H2Sources).</summary>
    public ArrayView<int> Sources
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _network.Sources;
    }

    /// <summary>(H1Maps, <see cref="ReadersOfMap"/>): group * H2Sources + source, or -1.</summary>
    public ArrayView<int> Readers
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _network.Readers;
    }

    /// <summary>How many groups read a map at most.</summary>
    public int ReadersOfMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _network.ReadersOfMap;
    }

    /// <summary>A pixel of the batch's images.</summary>
    /// <param name="example">The example, from 0 in the batch.</param>
    /// <param name="pixel">Which of its 256 pixels.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Pixel(int example, int pixel) => _network.Images[_image + example + pixel * _network.ImageStride];

    /// <summary>A label of the batch.</summary>
    /// <param name="example">The example, from 0 in the batch.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Label(int example) => _network.Labels[_label + example];
}
