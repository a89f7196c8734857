using GpuConvnet.Kernels.Layers;

namespace GpuConvnet.Kernels.Fused;

/// <summary>From a parameter to its places in <see cref="FusedLayout"/>, for kernels that do not go through the parameters in its order.</summary>
internal static class PackedPlaces
{
    /// <summary>(parameters, 2): where each is among the values of the float4s, and where it is once more, or -1.</summary>
    public static int[] Table()
    {
        int[] table = new int[2 * Layout.Parameters];
        for (int value = 0; value < 4 * FusedLayout.Float4s; value++)
        {
            if (FusedLayout.Parameter(value / 4, value % 4) is >= 0 and int parameter)
            {
                table[2 * parameter] = value;
                table[2 * parameter + 1] = FusedLayout.Back(value / 4, value % 4);
            }
        }

        return table;
    }
}
