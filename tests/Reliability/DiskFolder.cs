namespace GpuConvnet.Tests.Reliability;

/// <summary>A folder as programs see it, and as it is on the disk.</summary>
internal sealed class DiskFolder : DiskNode
{
    /// <summary>The names that a program sees.</summary>
    public SortedDictionary<string, DiskNode> Live { get; } = new(StringComparer.Ordinal);

    /// <summary>The names that outlive a power failure.</summary>
    public SortedDictionary<string, DiskNode> Durable { get; private set; } = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override void Sync() => Durable = new SortedDictionary<string, DiskNode>(Live, StringComparer.Ordinal);
}
