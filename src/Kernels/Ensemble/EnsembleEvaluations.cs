using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>What a launch of <see cref="EnsembleKernels.Evaluate"/> is given: a split, and the members.</summary>
/// <param name="images">(count, 16, 16).</param>
/// <param name="labels">(count).</param>
/// <param name="count">The split's digits.</param>
/// <param name="shares">How many groups share a member's digits.</param>
/// <param name="parameters">(members, parameters).</param>
/// <param name="losses">(members, sums): each group's summed loss.</param>
/// <param name="misses">(members, sums): each group's count of misclassified digits.</param>
/// <param name="sums">Sums of a member, those of other splits included.</param>
/// <param name="firstSum">The first of them that is this split's.</param>
/// <param name="tables">The connections.</param>
public readonly struct EnsembleEvaluations(
    ArrayView<float> images,
    ArrayView<byte> labels,
    int count,
    int shares,
    ArrayView<float> parameters,
    ArrayView<float> losses,
    ArrayView<int> misses,
    int sums,
    int firstSum,
    EnsembleTables tables)
{
    /// <summary>(count, 16, 16).</summary>
    public ArrayView<float> Images { get; } = images;

    /// <summary>(count).</summary>
    public ArrayView<byte> Labels { get; } = labels;

    /// <summary>The split's digits.</summary>
    public int Count { get; } = count;

    /// <summary>How many groups share a member's digits.</summary>
    public int Shares { get; } = shares;

    /// <summary>(members, parameters).</summary>
    public ArrayView<float> Parameters { get; } = parameters;

    /// <summary>(members, sums): each group's summed loss.</summary>
    public ArrayView<float> Losses { get; } = losses;

    /// <summary>(members, sums): each group's count of misclassified digits.</summary>
    public ArrayView<int> Misses { get; } = misses;

    /// <summary>Sums of a member.</summary>
    public int Sums { get; } = sums;

    /// <summary>The first of them that is this split's.</summary>
    public int FirstSum { get; } = firstSum;

    /// <summary>The connections.</summary>
    public EnsembleTables Tables { get; } = tables;
}
