namespace GpuConvnet.Kernels.Layers;

/// <summary>(H2Maps, H2Sources): any table.</summary>
internal readonly struct AnyTable : ISourceTable
{
    /// <inheritdoc/>
    public static bool IsGrouped => false;
}
