using GpuConvnet.Model.Network;
using GpuConvnet.Model.Randomness;

namespace GpuConvnet.Model.Augmentation;

/// <summary>
/// The shifts and the dropout of the article's own script, draw for draw: <c>numpy.random.randint(-1, 2, size=2)</c> for
/// each presentation, and <c>F.dropout</c> from the generator that has drawn the initial weights before. One step after
/// the other, so for training per example only; <see cref="Perturbation"/> is for everything that works side by side.
/// </summary>
internal sealed class ArticlePerturbation
{
    private readonly uint _seed;
    private readonly ulong _keepThreshold;
    private readonly float _keptScale;
    private Mt19937 _shifts;
    private Mt19937 _drops;
    private long _step;

    /// <summary>Seeds both generators, as the article does with 1337.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="maximumShift">The most that an image is rolled in x and y, in pixels; 0 leaves images alone.</param>
    /// <param name="dropout">The probability, in [0, 1), of dropping a unit of H2 on its way to H3.</param>
    public ArticlePerturbation(uint seed, int maximumShift, double dropout)
    {
        _seed = seed;
        MaximumShift = maximumShift;
        Drops = dropout > 0;
        _keepThreshold = (ulong)Math.Ceiling((1 - dropout) * (1ul << 53));
        _keptScale = 1f / (float)(1 - dropout);
        (_shifts, _drops) = Seeded();
    }

    /// <summary>The most that an image is rolled in x and y, in pixels.</summary>
    public int MaximumShift { get; }

    /// <summary>Whether units are dropped.</summary>
    public bool Drops { get; }

    /// <summary>Gets ready to draw a step's numbers; those of the steps before are drawn for nothing.</summary>
    /// <param name="step">The step, from 0.</param>
    public void MoveTo(long step)
    {
        if (step < _step)
        {
            (_shifts, _drops) = Seeded();
            _step = 0;
        }

        if (Drops)
        {
            _drops.Skip((step - _step) * 2 * Shape1989.H2Units);
        }

        for (; _step < step && MaximumShift > 0; _step++)
        {
            _shifts.NextNumpyWithin(MaximumShift);
            _shifts.NextNumpyWithin(MaximumShift);
        }

        _step = step;
    }

    /// <summary>Draws the numbers of the step, and is ready for the next one's.</summary>
    /// <param name="rows">Down by this many pixels.</param>
    /// <param name="columns">Right by this many pixels.</param>
    /// <param name="keepFactors">
    /// Room for the factors of the 192 units of H2, (12, 4, 4), 0 or 1/(1 - dropout); left alone if nothing is dropped.
    /// </param>
    public void Draw(out int rows, out int columns, Span<float> keepFactors)
    {
        rows = 0;
        columns = 0;
        if (MaximumShift > 0)
        {
            rows = _shifts.NextNumpyWithin(MaximumShift);
            columns = _shifts.NextNumpyWithin(MaximumShift);
        }

        if (Drops)
        {
            _drops.NextTorchBernoulli(_keepThreshold, _keptScale, keepFactors[..Shape1989.H2Units]);
        }

        _step++;
    }

    private (Mt19937 Shifts, Mt19937 Drops) Seeded()
    {
        Mt19937 drops = new(_seed);
        drops.Skip(Parameters.Parts.Where(part => !part.IsBias).Sum(part => part.Count));
        return (new Mt19937(_seed), drops);
    }
}
