namespace GpuConvnet.Tests.Reliability;

/// <summary>A file as programs see it, and as it is on the disk.</summary>
internal sealed class DiskFile : DiskNode
{
    /// <summary>What a program reads.</summary>
    public byte[] Live { get; set; } = [];

    /// <summary>What outlives a power failure: nothing before it is synced.</summary>
    public byte[] Durable { get; private set; } = [];

    /// <inheritdoc/>
    public override void Sync() => Durable = [.. Live];

    /// <summary>Writes at a place; what lies between the end and there is zero.</summary>
    public void Write(long place, byte[] bytes)
    {
        byte[] grown = new byte[Math.Max(Live.Length, place + bytes.Length)];
        Live.CopyTo(grown, 0);
        bytes.CopyTo(grown, place);
        Live = grown;
    }

    /// <summary>Cuts it, or lengthens it by zeros.</summary>
    public void Resize(long length)
    {
        byte[] resized = new byte[length];
        Live.AsSpan(0, (int)Math.Min(length, Live.Length)).CopyTo(resized);
        Live = resized;
    }

    /// <summary>What may be on the disk of a file that was being written: half of what was not synced, and zeros for the rest.</summary>
    public byte[] Torn()
    {
        if (Live.AsSpan().SequenceEqual(Durable))
        {
            return Durable;
        }

        int kept = Live.AsSpan().CommonPrefixLength(Durable);
        byte[] torn = [.. Live];
        torn.AsSpan(kept + ((torn.Length - kept) / 2)).Clear();
        return torn;
    }
}
