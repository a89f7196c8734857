using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// The examples that a fused kernel works on, and the network: what a tile's layers are given. What a planned step says is
/// read from memory where it is wanted: kept, it would take a fifth of the registers that a thread has.
/// </summary>
internal readonly struct FusedBatch
{
    private readonly FusedNetwork _network;
    private readonly ArrayView<PlannedStep> _plans;
    private readonly int _plan;
    private readonly int _count;

    /// <summary>The batch of a planned step.</summary>
    /// <param name="network">The network, and the digits among which the batch's are.</param>
    /// <param name="plans">The steps that are planned.</param>
    /// <param name="plan">Which of them this is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FusedBatch(FusedNetwork network, ArrayView<PlannedStep> plans, int plan)
    {
        _network = network;
        _plans = plans;
        _plan = plan;
        _count = 0;
    }

    /// <summary>The first examples, without perturbation.</summary>
    /// <param name="network">The network, and the digits.</param>
    /// <param name="count">How many of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FusedBatch(FusedNetwork network, int count)
    {
        _network = network;
        _plans = default;
        _plan = -1;
        _count = count;
    }

    /// <summary>The first example's place in the training set, which is its address in the perturbation.</summary>
    public int First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _plan < 0 ? 0 : _plans[_plan].Step.Start;
    }

    /// <summary>Examples of the batch.</summary>
    public int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _plan < 0 ? _count : _plans[_plan].Step.Count;
    }

    /// <summary>What is done to images and units.</summary>
    public Perturbation Perturbation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _plan < 0 ? Perturbation.None : _plans[_plan].Step.Perturbation;
    }

    /// <summary>The factor of every delta: 1/count, for the mean.</summary>
    public float Scale
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1f / Count;
    }

    /// <summary>What the outputs should be.</summary>
    public Targets Targets
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _network.Targets;
    }

    /// <summary>The weights in float4s, see <see cref="FusedLayout"/>.</summary>
    public ArrayView<Float4> Weights
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _network.Weights;
    }

    /// <summary>(groups, H2Sources).</summary>
    public ArrayView<int> Sources
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _network.Sources;
    }

    /// <summary>(H1Maps, <see cref="ReadersOfMap"/>): group * H2Sources + source, or -1.</summary>
    public ArrayView<int> Readers
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _network.Readers;
    }

    /// <summary>How many groups read a map at most.</summary>
    public int ReadersOfMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _network.ReadersOfMap;
    }

    private int Image
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _plan < 0 ? 0 : _plans[_plan].Image;
    }

    private int FirstLabel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _plan < 0 ? 0 : _plans[_plan].Label;
    }

    /// <summary>A pixel of the batch's images.</summary>
    /// <param name="example">The example, from 0 in the batch.</param>
    /// <param name="pixel">Which of its 256 pixels.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Pixel(int example, int pixel) => _network.Images[(Image + example) * Shape1989.InputUnits + pixel];

    /// <summary>Four neighbouring pixels.</summary>
    /// <param name="example">The example, from 0 in the batch.</param>
    /// <param name="pixel">The first of them, a multiple of 4.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Pixels(int example, int pixel) =>
        _network.Images.Cast<Float4>()[(Image + example) * (Shape1989.InputUnits / 4) + pixel / 4];

    /// <summary>A label of the batch.</summary>
    /// <param name="example">The example, from 0 in the batch.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Label(int example) => _network.Labels[FirstLabel + example];
}
