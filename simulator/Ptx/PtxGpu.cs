namespace GpuConvnet.Simulator.Ptx;

/// <summary>What the model knows of a GPU; of data sheets and public microbenchmarks, nothing measured here.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Multiprocessors">How many it has, each with four schedulers.</param>
/// <param name="GigaHertz">The clock it is taken to hold.</param>
/// <param name="FloatLanes">Lanes of a scheduler for float arithmetic.</param>
internal sealed record PtxGpu(string Name, int Multiprocessors, double GigaHertz, int FloatLanes)
{
    /// <summary>Each issues an instruction of one of its warps a cycle.</summary>
    public const int Schedulers = 4;

    /// <summary>Lanes of a scheduler for integers.</summary>
    public const int IntegerLanes = 16;

    /// <summary>What a multiprocessor gets from the second-level cache in a cycle while all do.</summary>
    public const int BytesOfSecondLevel = 32;

    public static PtxGpu H100 { get; } = new("H100 SXM", 132, 1.755, 32);

    public static PtxGpu A100 { get; } = new("A100", 108, 1.41, 16);
}
