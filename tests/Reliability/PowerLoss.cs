namespace GpuConvnet.Tests.Reliability;

/// <summary>What a file system makes of what was not synced when the power went.</summary>
internal enum PowerLoss
{
    /// <summary>All of it is gone, names too.</summary>
    AllLost,

    /// <summary>Names are as they were last, contents as they were synced: a file that never was is empty.</summary>
    NamesKept,

    /// <summary>Names are as they were last, and half of what was not synced is there, zeros after it.</summary>
    Torn,

    /// <summary>Contents are as they were last, and names as they were synced.</summary>
    ContentsKept,
}
