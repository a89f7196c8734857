namespace GpuConvnet.Model.Families;

/// <summary>The sizes of a small vision transformer. What is left out makes about as many parameters as in 1989.</summary>
public sealed record VisionTransformerSizes
{
    /// <summary>The side of a patch, which divides the image's.</summary>
    public int Patch { get; init; } = 4;

    /// <summary>Features of a token.</summary>
    public int Features { get; init; } = 16;

    /// <summary>Heads, which divide the features.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Blocks.</summary>
    public int Depth { get; init; } = 4;

    /// <summary>Hidden units of a block's dense layers.</summary>
    public int Hidden { get; init; } = 32;
}
