using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// The examples that a launch works on, and where their activations and deltas are: what every kernel is given.
/// A delta is the derivative of an example's loss by a unit's weighted sum.
/// </summary>
/// <param name="images">
/// (256, imageStride): one row per pixel, this launch's examples first in it; or, where only they are distorted, as
/// <see cref="IImageLayout"/> says.
/// </param>
/// <param name="labels">This launch's digits first.</param>
/// <param name="imageStride">Examples from one row of images to the next.</param>
/// <param name="first">The first example's place in the training set, which is its address in the perturbation.</param>
/// <param name="count">Examples of this launch.</param>
/// <param name="activations">(Rows, stride), see <see cref="Layout"/>.</param>
/// <param name="kept">(H2Units, stride): what H3 reads, H2 after dropout; H2's own rows if nothing is dropped.</param>
/// <param name="deltas">(Rows, stride); empty where no backward pass follows.</param>
/// <param name="stride">Examples that a row has room for.</param>
public readonly struct Batch(
    ArrayView<float> images,
    ArrayView<byte> labels,
    int imageStride,
    int first,
    int count,
    ArrayView<float> activations,
    ArrayView<float> kept,
    ArrayView<float> deltas,
    int stride)
{
    /// <summary>(256, <see cref="ImageStride"/>): one row per pixel, this launch's examples first in it.</summary>
    public ArrayView<float> Images { get; } = images;

    /// <summary>This launch's digits first.</summary>
    public ArrayView<byte> Labels { get; } = labels;

    /// <summary>(Rows, <see cref="Stride"/>).</summary>
    public ArrayView<float> Activations { get; } = activations;

    /// <summary>(H2Units, <see cref="Stride"/>): what H3 reads.</summary>
    public ArrayView<float> Kept { get; } = kept;

    /// <summary>
    /// (Rows, <see cref="Stride"/>); empty where no backward pass follows. Until a unit's delta is written, its place holds
    /// the unit's slope if only the weighted sum tells it.
    /// </summary>
    public ArrayView<float> Deltas { get; } = deltas;

    /// <summary>Whether a backward pass follows, for which slopes are to be kept.</summary>
    public bool HasDeltas
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Deltas.Length > 0;
    }

    /// <summary>Examples from one row of images to the next.</summary>
    public int ImageStride { get; } = imageStride;

    /// <summary>The first example's place in the training set, which is its address in the perturbation.</summary>
    public int First { get; } = first;

    /// <summary>Examples of this launch.</summary>
    public int Count { get; } = count;

    /// <summary>Examples that a row of activations or deltas has room for.</summary>
    public int Stride { get; } = stride;
}
