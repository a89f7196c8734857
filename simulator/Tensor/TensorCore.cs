using System.Numerics;

namespace GpuConvnet.Simulator.Tensor;

/// <summary>
/// How tensor cores form a product of TF32 matrices, or of BF16's, to the bit. Some products of elements and the sum so far are added at once:
/// products are exact, all addends are cut off below the same place, a fixed number of bits below the largest exponent among
/// them, and the sum is cut off to a float. Denormal numbers are kept. Of an element of A or B the lower 13 bits are not read.
/// </summary>
/// <remarks>
/// M. Fasi, N. J. Higham, M. Mikaitis, S. Pranesh, "Numerical behavior of NVIDIA tensor cores", PeerJ Computer Science 7 (2021);
/// for how many are added at once and where they are cut off, F. A. Khattak, M. Mikaitis, "Accurate models of NVIDIA tensor cores",
/// arXiv 2512.07004, whose models agree with what they measured on an A100 and an H100. Neither says what becomes of a product that
/// is no number; here it is one number, 0x7FFFFFFF, as in NVIDIA's other arithmetic, and a sum that is too large is infinite.
/// </remarks>
/// <param name="Together">Products of TF32 that are added at once; of BF16 they are twice as many.</param>
/// <param name="ExtraBits">Bits of an addend below those of a float with the largest exponent.</param>
/// <param name="LeastExponent">What the largest exponent is at least.</param>
internal sealed record TensorCore(int Together, int ExtraBits, int LeastExponent)
{
    /// <summary>Rows of A and C.</summary>
    public const int Rows = 16;

    /// <summary>Columns of B and C.</summary>
    public const int Columns = 8;

    /// <summary>Columns of A and rows of B; of BF16 each is two.</summary>
    public const int Depth = 8;

    private const uint ReadBits = 0xFFFF_E000;
    private const uint Infinity = 0x7F80_0000;
    private const uint NoNumber = 0x7FFF_FFFF;
    private const uint Sign = 0x8000_0000;
    private const int FloatBits = 23;
    private const int Bias = 127;

    // A product of two elements has 10 bits of each one's fraction.
    private const int ProductBits = 20;

    /// <summary>Four products at once.</summary>
    public static TensorCore A100 { get; } = new(4, 1, -132);

    /// <summary>Eight products at once.</summary>
    public static TensorCore H100 { get; } = new(8, 2, -133);

    /// <summary>C += A * B, of floats' bits.</summary>
    /// <param name="left">A, 16 x 8, row by row.</param>
    /// <param name="right">B, 8 x 8, column by column.</param>
    /// <param name="sums">C, 16 x 8, row by row.</param>
    public void Multiply(ReadOnlySpan<uint> left, ReadOnlySpan<uint> right, Span<uint> sums) =>
        Multiply(left, right, sums, Depth, Together);

    /// <summary>C += A * B, of pairs of BF16, the even column or row in the lower half.</summary>
    /// <param name="left">A, 16 x 8 pairs, row by row.</param>
    /// <param name="right">B, 8 pairs x 8, column by column.</param>
    /// <param name="sums">C, 16 x 8, row by row.</param>
    public void MultiplyPairs(ReadOnlySpan<uint> left, ReadOnlySpan<uint> right, Span<uint> sums)
    {
        Span<uint> lefts = stackalloc uint[2 * Rows * Depth];
        Span<uint> rights = stackalloc uint[2 * Depth * Columns];
        Unpack(left, lefts);
        Unpack(right, rights);
        Multiply(lefts, rights, sums, 2 * Depth, 2 * Together);
    }

    private static void Unpack(ReadOnlySpan<uint> pairs, Span<uint> elements)
    {
        for (int i = 0; i < pairs.Length; i++)
        {
            elements[2 * i] = BFloat16.Lower(pairs[i]);
            elements[2 * i + 1] = BFloat16.Upper(pairs[i]);
        }
    }

    private void Multiply(ReadOnlySpan<uint> left, ReadOnlySpan<uint> right, Span<uint> sums, int depth, int together)
    {
        Span<int> leftNumbers = stackalloc int[Rows * depth];
        Span<int> leftExponents = stackalloc int[Rows * depth];
        Span<int> rightNumbers = stackalloc int[depth * Columns];
        Span<int> rightExponents = stackalloc int[depth * Columns];
        bool isFinite = Decode(left, leftNumbers, leftExponents) & Decode(right, rightNumbers, rightExponents);
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column < Columns; column++)
            {
                uint sum = sums[row * Columns + column];
                for (int k = 0; k < depth; k += together)
                {
                    int a = row * depth + k;
                    int b = column * depth + k;
                    if ((isFinite && IsFinite(sum))
                        || !IsUnusual(left.Slice(a, together), right.Slice(b, together), sum, out uint unusual))
                    {
                        sum = Add(
                            leftNumbers.Slice(a, together), leftExponents.Slice(a, together),
                            rightNumbers.Slice(b, together), rightExponents.Slice(b, together), sum);
                    }
                    else
                    {
                        sum = unusual;
                    }
                }

                sums[row * Columns + column] = sum;
            }
        }
    }

    /// <summary>Takes floats apart, each a whole number of 11 bits times 2^(exponent - 10).</summary>
    /// <returns>Whether all are finite.</returns>
    private static bool Decode(ReadOnlySpan<uint> bits, Span<int> numbers, Span<int> exponents)
    {
        bool isFinite = true;
        for (int i = 0; i < bits.Length; i++)
        {
            uint one = bits[i] & ReadBits;
            int exponent = (int)(one >> FloatBits & 0xFF);
            int number = (int)((one & 0x7F_FFFF) >> 13) | (exponent == 0 ? 0 : 1 << 10);
            numbers[i] = (one & Sign) == 0 ? number : -number;
            exponents[i] = Math.Max(exponent, 1) - Bias;
            isFinite &= exponent != 0xFF;
        }

        return isFinite;
    }

    private static bool IsFinite(uint bits) => (bits & Infinity) != Infinity;

    private static float Read(uint bits) => BitConverter.UInt32BitsToSingle(bits & ReadBits);

    /// <summary>Whether something among the addends is not finite, and what the sum is then.</summary>
    private static bool IsUnusual(ReadOnlySpan<uint> left, ReadOnlySpan<uint> right, uint sum, out uint result)
    {
        double all = IsFinite(sum) ? 0 : BitConverter.UInt32BitsToSingle(sum);
        for (int i = 0; i < left.Length; i++)
        {
            if (!IsFinite(left[i]) || !IsFinite(right[i]))
            {
                all += (double)Read(left[i]) * Read(right[i]);
            }
        }

        result = double.IsNaN(all) ? NoNumber : BitConverter.SingleToUInt32Bits((float)all);
        return !double.IsFinite(all);
    }

    /// <summary>The sum of some products and one more addend.</summary>
    private uint Add(
        ReadOnlySpan<int> leftNumbers, ReadOnlySpan<int> leftExponents,
        ReadOnlySpan<int> rightNumbers, ReadOnlySpan<int> rightExponents, uint sum)
    {
        int sumExponent = Math.Max((int)(sum >> FloatBits & 0xFF), 1) - Bias;
        int sumNumber = (int)(sum & 0x7F_FFFF) | ((sum & Infinity) == 0 ? 0 : 1 << FloatBits);
        int most = sumNumber == 0 ? LeastExponent : Math.Max(LeastExponent, sumExponent);
        for (int i = 0; i < leftNumbers.Length; i++)
        {
            // A product of which one factor is 0 has no exponent.
            if (leftNumbers[i] != 0 && rightNumbers[i] != 0)
            {
                most = Math.Max(most, leftExponents[i] + rightExponents[i]);
            }
        }

        long all = Place(sumNumber << ExtraBits, most - sumExponent);
        all = (sum & Sign) == 0 ? all : -all;
        for (int i = 0; i < leftNumbers.Length; i++)
        {
            int product = leftNumbers[i] * rightNumbers[i];
            int placed = Place(
                Math.Abs(product) << FloatBits - ProductBits + ExtraBits, most - leftExponents[i] - rightExponents[i]);
            all += product < 0 ? -placed : placed;
        }

        return Round(all, most - FloatBits - ExtraBits);
    }

    private static int Place(int number, int shift) => shift > 31 ? 0 : number >> shift;

    /// <summary>A float with the upper bits of number * 2^exponent.</summary>
    private static uint Round(long number, int exponent)
    {
        if (number == 0)
        {
            return 0;
        }

        ulong magnitude = (ulong)Math.Abs(number);
        uint sign = number < 0 ? Sign : 0;
        int upper = exponent + BitOperations.Log2(magnitude);
        if (upper > Bias)
        {
            return sign | Infinity;
        }

        // The place of the last bit: 23 below the first, or where denormal numbers end.
        int last = Math.Max(upper, 1 - Bias) - FloatBits;
        ulong kept = last >= exponent
            ? (last - exponent > 63 ? 0 : magnitude >> last - exponent)
            : magnitude << exponent - last;

        // The first bit of a number that is not denormal is not written, but makes its exponent one higher.
        return sign | ((uint)kept + ((uint)Math.Max(upper + Bias - 1, 0) << FloatBits));
    }
}
