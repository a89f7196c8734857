namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// A layer's kernels, and their launches on the device's default stream. Those of one's own come from an
/// <see cref="ILayerWithKernels"/>. Numbers are float32, (blocks, units, lanes): a block is of as many examples as a group has
/// threads, its lanes.
/// </summary>
public abstract class DeviceLayer : IDisposable
{
    /// <summary>
    /// Whether it works on each unit by itself, so that the gradient by the input takes the place of that by the output.
    /// </summary>
    public virtual bool IsUnitWise => false;

    /// <summary>Numbers of an example that it keeps, beside input and output.</summary>
    public virtual long FloatsOfExample => 0;

    /// <summary>Allocates memory for those: <see cref="FloatsOfExample"/> for each lane of each block. Called once, before any pass.</summary>
    /// <param name="blocks">Blocks that there is to be room for.</param>
    public virtual void Allocate(int blocks)
    {
        // Most layers keep nothing.
    }

    /// <summary>Queues input to output.</summary>
    /// <param name="pass">Where all is.</param>
    public abstract void Forward(in DevicePass pass);

    /// <summary>Queues gradient by the output to gradients by the input, if it is asked for, and by the parameters.</summary>
    /// <param name="pass">Where all is; input and output are those of the way forward.</param>
    public abstract void Backward(in DevicePass pass);

    /// <summary>Gives back what it allocated, once what trains is done; most layers own no memory.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
