namespace GpuConvnet.Tests.Data;

/// <summary>How an answer that is not sent whole ends.</summary>
internal enum MirrorEnd
{
    /// <summary>The connection is closed.</summary>
    Close,

    /// <summary>The connection is reset.</summary>
    Reset,

    /// <summary>Nothing more comes.</summary>
    Silence,

    /// <summary>A byte comes every fifth of a second.</summary>
    Trickle,
}
