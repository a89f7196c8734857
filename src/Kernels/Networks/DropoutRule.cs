using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Networks;

/// <summary>What a layer drops of a launch's examples.</summary>
/// <param name="firstExample">The first example's place in the training set.</param>
/// <param name="firstUnits">Of the layer's first four units, the address of their bits.</param>
/// <param name="threshold">Bits below it drop a unit; 0 drops none.</param>
/// <param name="scale">What a kept unit is multiplied with.</param>
internal readonly struct DropoutRule(int firstExample, int firstUnits, uint threshold, float scale)
{
    private readonly uint _threshold = threshold;
    private readonly float _scale = scale;

    /// <summary>The first example's place in the training set.</summary>
    public int FirstExample { get; } = firstExample;

    /// <summary>Of the layer's first four units, the address of their bits.</summary>
    public int FirstUnits { get; } = firstUnits;

    /// <summary>What a unit is multiplied with.</summary>
    /// <param name="bits">Its random bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Factor(uint bits) => bits >= _threshold ? _scale : 0f;
}
