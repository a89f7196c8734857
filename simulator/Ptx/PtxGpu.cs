namespace GpuConvnet.Simulator.Ptx;

/// <summary>What the model knows of a GPU; of data sheets and public microbenchmarks, nothing measured here.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Multiprocessors">How many it has, each with four schedulers.</param>
/// <param name="GigaHertz">The clock it is taken to hold.</param>
/// <param name="FloatLanes">Lanes of a scheduler for float arithmetic.</param>
/// <param name="TensorCycles">
/// Cycles that a scheduler's tensor core takes for a TF32 product of 16 x 8 by 8 x 8, which is 1,024 multiply-adds.
/// </param>
/// <param name="SharedBytes">Shared memory of a multiprocessor.</param>
internal sealed record PtxGpu(
    string Name, int Multiprocessors, double GigaHertz, int FloatLanes, double TensorCycles, int SharedBytes)
{
    // What the system takes of it for each group.
    private const int SharedBytesOfSystem = 1024;

    /// <summary>Each issues an instruction of one of its warps a cycle.</summary>
    public const int Schedulers = 4;

    /// <summary>Lanes of a scheduler for integers.</summary>
    public const int IntegerLanes = 16;

    /// <summary>What a multiprocessor gets from the second-level cache in a cycle while all do.</summary>
    public const int BytesOfSecondLevel = 32;

    // Tensor cores: the data sheet's 494.5 TFLOP/s at 1.83 GHz are 256 multiply-adds a cycle and scheduler, 4 cycles a product, but
    // mma.sync, unlike wgmma, is said to reach about 62% of it (W. Luo et al., "Dissecting the NVIDIA Hopper architecture through
    // microbenchmarking and multiple level analysis", arXiv 2501.12084). ptxas 11.8 leaves 6 cycles between two that are independent.
    public static PtxGpu H100 { get; } = new("H100 SXM", 132, 1.755, 32, 6.5, 228 * 1024);

    // Tensor cores: the data sheet's 156 TFLOP/s at 1.41 GHz are 128 multiply-adds a cycle and scheduler. ptxas leaves 8 cycles.
    public static PtxGpu A100 { get; } = new("A100", 108, 1.41, 16, 8, 164 * 1024);

    /// <summary>Groups of a multiprocessor for which its shared memory is enough.</summary>
    /// <param name="sharedBytes">What each takes of it.</param>
    public int Groups(int sharedBytes) => SharedBytes / (sharedBytes + SharedBytesOfSystem);
}
