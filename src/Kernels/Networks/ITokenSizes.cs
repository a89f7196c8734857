namespace GpuConvnet.Kernels.Networks;

/// <summary>The sizes of a layer of tokens, as compile-time constants of its kernels.</summary>
internal interface ITokenSizes
{
    /// <summary>Examples of a block.</summary>
    static abstract int Lanes { get; }

    /// <summary>Tokens.</summary>
    static abstract int Tokens { get; }

    /// <summary>Features of a token.</summary>
    static abstract int Features { get; }
}
