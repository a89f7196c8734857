using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Tensor;

namespace GpuConvnet.Kernels.Training;

/// <summary>What a fused launcher must know of the kernels that it launches: how they share the gradient and read parameters.</summary>
internal sealed class FusedForm
{
    private delegate Float4[] Packing(ReadOnlySpan<float> parameters);

    private readonly Func<int, int, PackedPlace> _place;
    private readonly Packing _pack;

    private FusedForm(
        Func<int, int, PackedPlace> place, int shareFloat4s, Packing pack, int weightFloat4s, int threads, int bytes)
    {
        _place = place;
        _pack = pack;
        ShareFloat4s = shareFloat4s;
        WeightFloat4s = weightFloat4s;
        Threads = threads;
        SharedBytes = bytes;
    }

    /// <summary><see cref="FusedKernels"/>.</summary>
    public static FusedForm Float32 { get; } = new(
        FusedShares.Place, FusedShares.Float4s, FusedLayout.Pack, FusedLayout.AllFloat4s, FusedKernels.Threads,
        Tile.Float4s * 4 * sizeof(float));

    /// <summary><see cref="TensorKernels"/>.</summary>
    public static FusedForm Tensor { get; } = new(
        TensorShares.Place, TensorShares.Float4s, TensorWeights.Pack, TensorWeights.Float4s, TensorKernels.Threads,
        TensorTile.Float4s * 4 * sizeof(float));

    /// <summary>Float4s of a group's share of the gradient.</summary>
    public int ShareFloat4s { get; }

    /// <summary>Float4s of the parameters as the kernels read them.</summary>
    public int WeightFloat4s { get; }

    /// <summary>Threads of a group that takes tiles.</summary>
    public int Threads { get; }

    /// <summary>A group's shared memory, in bytes.</summary>
    public int SharedBytes { get; }

    /// <summary>What a value of a share belongs to.</summary>
    /// <param name="float4">The float4.</param>
    /// <param name="lane">Which of its four values.</param>
    public PackedPlace Place(int float4, int lane) => _place(float4, lane);

    /// <summary>All parameters as the kernels read them.</summary>
    /// <param name="parameters">All parameters.</param>
    /// <returns>(WeightFloat4s).</returns>
    public Float4[] Pack(ReadOnlySpan<float> parameters) => _pack(parameters);

    /// <summary>From a parameter to its places, for kernels that do not go through a share.</summary>
    /// <returns>(parameters, 2): where each is among the values that the kernels read, and where it is once more, or -1.</returns>
    public int[] Places()
    {
        int[] table = new int[2 * Layout.Parameters];
        for (int value = 0; value < 4 * ShareFloat4s; value++)
        {
            PackedPlace place = Place(value / 4, value % 4);
            if (place.Parameter >= 0)
            {
                table[2 * place.Parameter] = place.First;
                table[2 * place.Parameter + 1] = place.Second;
            }
        }

        return table;
    }
}
