namespace GpuConvnet.Tests.Reliability;

/// <summary>A file or a folder of <see cref="DiskModel"/>.</summary>
internal abstract class DiskNode
{
    /// <summary>Puts on the disk what programs see; of a folder its names, not what they name.</summary>
    public abstract void Sync();
}
