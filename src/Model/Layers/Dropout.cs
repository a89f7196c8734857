using System.Runtime.Intrinsics;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Randomness;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// Units dropped at random in training, each by itself; those kept are multiplied with 1/(1 - probability), so that expected
/// sums stay the same. Evaluation drops none.
/// </summary>
/// <remarks>The layer before dense H3 of 1989 draws the bits that the fast paths draw, and so drops the same units.</remarks>
public sealed class Dropout : Layer
{
    private const int MostExamples = 32;

    private readonly int _firstUnits;
    private readonly uint _threshold;
    private readonly float _scale;

    /// <summary>Creates a layer.</summary>
    /// <param name="input">Any shape.</param>
    /// <param name="probability">How likely a unit is dropped, in [0, 1).</param>
    /// <param name="firstUnit">How many units the layers before it drop, each rounded up to a multiple of 4.</param>
    /// <exception cref="LayerException">The probability is none, or there are too many units.</exception>
    public Dropout(TensorShape input, double probability, int firstUnit)
        : base(input, input)
    {
        LayerException.Require(
            probability >= 0 && probability < 1, $"expected a probability from 0 to below 1, found {probability}");
        ArgumentNullException.ThrowIfNull(input);
        EndUnit = firstUnit + (input.Count + 3) / 4 * 4;
        LayerException.Require(
            EndUnit <= Perturbation.MostDroppedUnits,
            $"the layers with dropout may have {Perturbation.MostDroppedUnits} units in all, found {EndUnit}");
        Probability = probability;
        _firstUnits = firstUnit / 4;
        _threshold = (uint)((float)probability * 4294967296.0);
        _scale = 1f / (1f - (float)probability);
    }

    /// <summary>How likely a unit is dropped.</summary>
    public double Probability { get; }

    /// <summary>Where the units of the next layer that drops some begin.</summary>
    internal int EndUnit { get; }

    /// <summary>Of its first four units, the address of their bits.</summary>
    internal int FirstUnits => _firstUnits;

    /// <summary>Bits below it drop a unit.</summary>
    internal uint Threshold => _threshold;

    /// <summary>What a kept unit is multiplied with.</summary>
    internal float Scale => _scale;

    /// <inheritdoc/>
    public override string Description => FormattableString.Invariant($"dropout of {Probability}");

    /// <summary>The factors.</summary>
    /// <inheritdoc/>
    public override int Kept => Input.Count;

    /// <inheritdoc/>
    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        if (!pass.IsTraining)
        {
            for (int unit = 0; unit < Input.Count; unit++)
            {
                pass.Output[unit] = pass.Input[unit];
            }

            return;
        }

        float* factors = stackalloc float[4 * MostExamples];
        for (int unit = 0; unit < Input.Count; unit += 4)
        {
            Draw(pass.Perturbation, pass.FirstExample, TReal.Examples, _firstUnits + unit / 4, factors);
            for (int i = 0; i < 4 && unit + i < Input.Count; i++)
            {
                TReal factor = TReal.Load(factors + i * MostExamples);
                pass.Kept[unit + i] = factor;
                pass.Output[unit + i] = pass.Input[unit + i] * factor;
            }
        }
    }

    /// <inheritdoc/>
    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        for (int unit = 0; unit < Input.Count; unit++)
        {
            pass.InputGradient[unit] = pass.IsTraining
                ? pass.OutputGradient[unit] * pass.Kept[unit]
                : pass.OutputGradient[unit];
        }
    }

    /// <summary>The factors of four units, (4, MostExamples): sixteen examples at a time where they are lanes.</summary>
    private unsafe void Draw(in Perturbation perturbation, int firstExample, int examples, int units, float* factors)
    {
        int example = 0;
        for (; example + Vector512<uint>.Count <= examples; example += Vector512<uint>.Count)
        {
            PhiloxWide bits = perturbation.DropBitsOfLanes(firstExample + example, units);
            Factors(bits.Word0).Store(factors + example);
            Factors(bits.Word1).Store(factors + example + MostExamples);
            Factors(bits.Word2).Store(factors + example + 2 * MostExamples);
            Factors(bits.Word3).Store(factors + example + 3 * MostExamples);
        }

        for (; example < examples; example++)
        {
            Philox bits = perturbation.DropBits(firstExample + example, units);
            factors[example] = Factor(bits.Word0);
            factors[example + MostExamples] = Factor(bits.Word1);
            factors[example + 2 * MostExamples] = Factor(bits.Word2);
            factors[example + 3 * MostExamples] = Factor(bits.Word3);
        }
    }

    private float Factor(uint bits) => bits >= _threshold ? _scale : 0f;

    private Vector512<float> Factors(Vector512<uint> bits) =>
        Vector512.GreaterThanOrEqual(bits, Vector512.Create(_threshold)).AsSingle() & Vector512.Create(_scale);
}
