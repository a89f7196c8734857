using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// The examples that a launch works on, and where their activations and deltas are: what every kernel is given.
/// A delta is the derivative of an example's loss by a unit's weighted sum.
/// </summary>
internal readonly struct Batch
{
    /// <summary>
    /// (256, <see cref="ImageStride"/>): one row per pixel, this launch's examples first in it; or, where only they are
    /// distorted, as <see cref="IImageLayout"/> says.
    /// </summary>
    public required ArrayView<float> Images { get; init; }

    /// <summary>This launch's digits first.</summary>
    public required ArrayView<byte> Labels { get; init; }

    /// <summary>(Rows, <see cref="Stride"/>), see <see cref="Layout"/>.</summary>
    public ArrayView<float> Activations { get; init; }

    /// <summary>(H2Units, <see cref="Stride"/>): what H3 reads, H2 after dropout; H2's own rows if nothing is dropped.</summary>
    public ArrayView<float> Kept { get; init; }

    /// <summary>
    /// (Rows, <see cref="Stride"/>); empty where no backward pass follows. Until a unit's delta is written, its place holds
    /// the unit's slope if only the weighted sum tells it.
    /// </summary>
    public ArrayView<float> Deltas { get; init; }

    /// <summary>Whether a backward pass follows, for which slopes are to be kept.</summary>
    public bool HasDeltas
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Deltas.Length > 0;
    }

    /// <summary>Examples from one row of images to the next.</summary>
    public required int ImageStride { get; init; }

    /// <summary>The first example's place in the training set, which is its address in the perturbation.</summary>
    public required int First { get; init; }

    /// <summary>Examples of this launch.</summary>
    public required int Count { get; init; }

    /// <summary>Examples that a row of activations or deltas has room for.</summary>
    public required int Stride { get; init; }
}
