using System.Buffers.Binary;
using System.Text;

namespace GpuConvnet.Tests.Fuzzing;

/// <summary>
/// Damaged copies of good files, the same ones for the same seed: what a failing disk, a half-done download and somebody
/// malicious make of them. Each copy has one to three of: flipped bits, a cut, a splice with another file, a changed length
/// field, bytes put in, taken out, repeated or overwritten, and numbers too large, binary and written out.
/// </summary>
public sealed class Mutations
{
    /// <summary>What one change adds at most, so that a few of them make no file large in itself.</summary>
    private const int LargestInsertion = 4096;

    /// <summary>Where most formats keep sizes and counts; half of the length edits fall here.</summary>
    private const int Header = 64;

    private static readonly string[] s_hugeNumbers =
    [
        "2147483647", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616",
        "-1", "-2147483649", "-9223372036854775809", "1e38", "1e39", "1e308", "1e309", "-1e999", "1e-999", "0.1e99999999999",
        "99999999999999999999999999999999999999999999999999", "NaN", "Infinity", "00", "-0", "1.", ".5", "0x7f",
    ];

    private readonly IReadOnlyList<byte[]> _seeds;
    private readonly Random _random;

    private Mutations(IReadOnlyList<byte[]> seeds, int seed)
    {
        _seeds = seeds;
        _random = new Random(seed);
    }

    /// <summary><paramref name="count"/> damaged copies of <paramref name="seeds"/>, taken in turn.</summary>
    /// <param name="seeds">Good files, at least one; none is changed. Small ones are damaged more thoroughly.</param>
    /// <param name="count">How many copies.</param>
    /// <param name="seed">The same seed gives the same copies.</param>
    /// <exception cref="ArgumentException">There is no seed file.</exception>
    public static IEnumerable<byte[]> Of(IReadOnlyList<byte[]> seeds, int count, int seed)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        if (seeds.Count == 0)
        {
            throw new ArgumentException("There is no file to damage.", nameof(seeds));
        }

        return Copies();

        IEnumerable<byte[]> Copies()
        {
            Mutations mutations = new(seeds, seed);
            for (int number = 0; number < count; number++)
            {
                yield return mutations.Next(seeds[number % seeds.Count]);
            }
        }
    }

    private byte[] Next(byte[] good)
    {
        byte[] bad = [.. good];
        for (int changes = _random.Next(1, 4); changes > 0; changes--)
        {
            bad = Change(bad);
        }

        // Two changes can undo one another.
        return bad.AsSpan().SequenceEqual(good) ? [.. bad, (byte)_random.Next(256)] : bad;
    }

    private byte[] Change(byte[] bytes) => _random.Next(10) switch
    {
        0 or 1 => FlipBits(bytes),
        2 => bytes[..Position(bytes)],
        3 => Splice(bytes),
        4 or 5 => EditLength(bytes),
        6 => Insert(bytes, RandomBytes(_random.Next(1, 33))),
        7 => Repeat(bytes),
        8 => Overwrite(bytes),
        _ => _random.Next(2) == 0 ? WriteHugeNumber(bytes) : Remove(bytes),
    };

    private byte[] FlipBits(byte[] bytes)
    {
        for (int flips = bytes.Length == 0 ? 0 : _random.Next(1, 9); flips > 0; flips--)
        {
            bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
        }

        return bytes;
    }

    private byte[] Splice(byte[] bytes)
    {
        byte[] other = _seeds[_random.Next(_seeds.Count)];
        return [.. bytes[..Position(bytes)], .. other[Position(other)..]];
    }

    /// <summary>
    /// An integer of 1, 2, 4 or 8 bytes, of either byte order, becomes an edge of its range or moves by a little.
    /// </summary>
    private byte[] EditLength(byte[] bytes)
    {
        int width = 1 << _random.Next(4);
        if (bytes.Length < width)
        {
            return bytes;
        }

        int within = _random.Next(2) == 0 ? Math.Min(Header, bytes.Length) : bytes.Length;
        Span<byte> field = bytes.AsSpan(_random.Next(Math.Max(1, within - width + 1)), width);
        Span<byte> wide = stackalloc byte[sizeof(ulong)];
        bool isLittleEndian = _random.Next(2) == 0;
        if (!isLittleEndian)
        {
            field.Reverse();
        }

        wide.Clear();
        field.CopyTo(wide);
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(wide);
        ulong largest = ulong.MaxValue >> (64 - (8 * width));
        value = _random.Next(8) switch
        {
            0 => 0,
            1 => largest,
            2 => largest >> 1,
            3 => (largest >> 1) + 1,
            4 => value + 1,
            5 => value - 1,
            6 => value * 256,
            _ => (ulong)bytes.Length + (ulong)_random.Next(3) - 1,
        };
        BinaryPrimitives.WriteUInt64LittleEndian(wide, value);
        wide[..width].CopyTo(field);
        if (!isLittleEndian)
        {
            field.Reverse();
        }

        return bytes;
    }

    private byte[] Insert(byte[] bytes, byte[] inserted)
    {
        int position = Position(bytes);
        return [.. bytes[..position], .. inserted, .. bytes[position..]];
    }

    /// <summary>A few bytes many times over: chunks that come twice, brackets that nest too deep.</summary>
    private byte[] Repeat(byte[] bytes)
    {
        int start = Position(bytes);
        byte[] repeated = bytes[start..Math.Min(bytes.Length, start + (1 << _random.Next(8)))];
        if (repeated.Length == 0)
        {
            return bytes;
        }

        int times = _random.Next(1, 1 + Math.Max(1, LargestInsertion / repeated.Length));
        return [.. bytes[..start], .. Enumerable.Repeat(repeated, times).SelectMany(block => block), .. bytes[start..]];
    }

    private byte[] Overwrite(byte[] bytes)
    {
        int start = Position(bytes);
        Span<byte> block = bytes.AsSpan(start, Math.Min(bytes.Length - start, _random.Next(1, 65)));
        switch (_random.Next(3))
        {
            case 0:
                block.Clear();
                break;
            case 1:
                block.Fill(0xFF);
                break;
            default:
                _random.NextBytes(block);
                break;
        }

        return bytes;
    }

    private byte[] Remove(byte[] bytes)
    {
        int start = Position(bytes);
        return [.. bytes[..start], .. bytes[Math.Min(bytes.Length, start + _random.Next(1, 65))..]];
    }

    /// <summary>Replaces the next number that is written in digits; where a file has none, the number is put in.</summary>
    private byte[] WriteHugeNumber(byte[] bytes)
    {
        byte[] number = Encoding.ASCII.GetBytes(s_hugeNumbers[_random.Next(s_hugeNumbers.Length)]);
        int from = Position(bytes);
        int start = bytes.AsSpan(from).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (start < 0)
        {
            return Insert(bytes, number);
        }

        start += from;
        int length = bytes.AsSpan(start).IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return [.. bytes[..start], .. number, .. length < 0 ? [] : bytes[(start + length)..]];
    }

    private int Position(byte[] bytes) => _random.Next(bytes.Length + 1);

    private byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
