using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>What a layer works on: the memory of one launch's blocks of examples.</summary>
public readonly struct DevicePass
{
    /// <summary>What the layer before gave: (blocks, units, lanes), with its border.</summary>
    public ArrayView<float> Input { get; internal init; }

    /// <summary>What the layer gives: (blocks, units, lanes), with its border; the input itself where that is overwritten.</summary>
    public ArrayView<float> Output { get; internal init; }

    /// <summary>The loss's gradient by the output: (blocks, units, lanes).</summary>
    public ArrayView<float> OutputGradient { get; internal init; }

    /// <summary>Takes the loss's gradient by the input, (blocks, units, lanes); empty where nobody asks for it.</summary>
    public ArrayView<float> InputGradient { get; internal init; }

    /// <summary>All parameters of the network.</summary>
    public ArrayView<float> Parameters { get; internal init; }

    /// <summary>Where the gradients by the parameters go, slice by slice.</summary>
    public BlockSlices Slices { get; internal init; }

    /// <summary>How many slices this launch has.</summary>
    public int SliceCount { get; internal init; }

    /// <summary>Examples of a block.</summary>
    public int Lanes { get; internal init; }

    /// <summary>Blocks of this launch.</summary>
    public int Blocks { get; internal init; }

    /// <summary>The first example's place in the training set; the others follow it.</summary>
    public int FirstExample { get; internal init; }

    /// <summary>What randomness the step adds.</summary>
    public Perturbation Perturbation { get; internal init; }

    /// <summary>Whether it is a step of training, in which units are dropped.</summary>
    public bool IsTraining { get; internal init; }

    /// <summary>A group per tile and block, (Grid.IdxX, Grid.IdxY), whose threads are the block's examples.</summary>
    /// <param name="tiles">Tiles of a block: of a kernel with a group per unit, the units.</param>
    public KernelConfig OverBlocks(int tiles) => new(new Index2D(tiles, Blocks), new Index2D(Lanes, 1));

    /// <summary>
    /// A group per tile and slice, (Grid.IdxX, Grid.IdxY), whose threads each sum over an example of each of the slice's blocks.
    /// </summary>
    /// <param name="tiles">Tiles of a slice: of a kernel with a group per parameter, the parameters.</param>
    public KernelConfig OverSlices(int tiles) => new(new Index2D(tiles, SliceCount), new Index2D(Lanes, 1));

    /// <summary>A part of the parameters.</summary>
    /// <param name="part">One of the network's.</param>
    public ArrayView<float> Of(ParameterPart part) => Parameters.SubView(part.Offset, part.Count);
}
