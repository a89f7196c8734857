using GpuConvnet.Model.Ranks;

namespace GpuConvnet.Model.Digits;

/// <summary>
/// Built-in digits that are drawn when they are first looked at: of a long set that several processes share, each draws what it
/// looks at itself.
/// </summary>
/// <param name="seed">The set's seed.</param>
/// <param name="pixels">(count, 16, 16): room.</param>
/// <param name="labels">(count): room.</param>
/// <param name="first">The place in the set of the first of them.</param>
internal sealed class LaterDigits(uint seed, float[] pixels, byte[] labels, int first) : IExampleSource
{
    private const byte BeingDrawn = 1;
    private const byte IsThere = 2;

    private readonly byte[] _states = new byte[labels.Length];

    /// <summary>The digits.</summary>
    public Examples Examples => field ??= new Examples(pixels, labels, first, this);

    /// <summary>Draws a process's share of a whole set, on all cores; the rest is drawn when it is looked at.</summary>
    /// <param name="count">How many digits the set has.</param>
    /// <param name="seed">Which set.</param>
    /// <param name="share">Which process's share.</param>
    public static LaterDigits Draw(int count, uint seed, RankShare share)
    {
        LaterDigits digits = new(seed, new float[count * Shape1989.InputUnits], new byte[count], first: 0);
        SliceSpan own = share.Of(count);
        Parallel.For(own.First, own.End, digits.Require);
        return digits;
    }

    /// <summary>How many have been drawn.</summary>
    public int Drawn => _states.AsSpan().Count(IsThere);

    /// <inheritdoc/>
    public void Require(int index)
    {
        ref byte state = ref _states[index];
        if (Volatile.Read(ref state) == IsThere)
        {
            return;
        }

        if (Interlocked.CompareExchange(ref state, BeingDrawn, 0) == 0)
        {
            labels[index] = BuiltinDigits.Draw(
                seed, first + index, pixels.AsSpan(index * Shape1989.InputUnits, Shape1989.InputUnits));
            Volatile.Write(ref state, IsThere);
            return;
        }

        // Another thread draws it, which takes some microseconds.
        SpinWait spin = default;
        while (Volatile.Read(ref state) != IsThere)
        {
            spin.SpinOnce();
        }
    }
}
