using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>What a launch of <see cref="EnsembleKernels.Evaluate"/> is given: a split, and the members.</summary>
internal readonly struct EnsembleEvaluations
{
    /// <summary>(count, 16, 16).</summary>
    public required ArrayView<float> Images { get; init; }

    /// <summary>(count).</summary>
    public required ArrayView<byte> Labels { get; init; }

    /// <summary>The split's digits.</summary>
    public required int Count { get; init; }

    /// <summary>How many groups share a member's digits.</summary>
    public required int Shares { get; init; }

    /// <summary>(members, parameters).</summary>
    public required ArrayView<float> Parameters { get; init; }

    /// <summary>(members, sums): each group's summed loss.</summary>
    public required ArrayView<float> Losses { get; init; }

    /// <summary>(members, sums): each group's count of misclassified digits.</summary>
    public required ArrayView<int> Misses { get; init; }

    /// <summary>Sums of a member, those of other splits included.</summary>
    public required int Sums { get; init; }

    /// <summary>The first of them that is this split's.</summary>
    public required int FirstSum { get; init; }

    /// <summary>The connections.</summary>
    public required EnsembleTables Tables { get; init; }
}
