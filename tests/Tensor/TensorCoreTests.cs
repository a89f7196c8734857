using System.Globalization;
using GpuConvnet.Simulator.Tensor;

namespace GpuConvnet.Tests.Tensor;

/// <summary>A tensor core's arithmetic: what it drops, what it keeps, and where it differs between two GPUs.</summary>
public class TensorCoreTests
{
    /// <summary>
    /// What the GPUs themselves answered: F. A. Khattak, M. Mikaitis, github.com/north-numerical-computing/MATLAB-tensor-core,
    /// model_validation/*/tf32, four of 5,000 lines for each, which the other GPU's rules do not give.
    /// </summary>
    [Theory]
    [InlineData("A100", "be87e000 3e40c000 bf244000 bc9f2000", "3f852000 3f36a000 3f702000 bd766000", 0x3eda7c1cu, 0xbea19c0cu)]
    [InlineData("A100", "bdc52000 3fa08000 bf280000 3f572000", "3dd70000 bf9d0000 3f52a000 3f868000", 0x3f418c50u, 0xbee5e08eu)]
    [InlineData("A100", "bf3a6000 3ee98000 bfe92000 bf42c000", "bfdde000 bfaba000 3bb9a000 3f99a000", 0x3ee63be1u, 0x3e350946u)]
    [InlineData("A100", "be286000 3f97a000 3ee5e000 3fd90000", "3e10e000 4005e000 3df2a000 3dd78000", 0x3ece1e8cu, 0x4045ae72u)]
    [InlineData("H100", "bf3a6000 3ee98000 bfe92000 bf42c000", "bfdde000 bfaba000 3bb9a000 3f99a000", 0x3f01ab1du, 0x3e6f3df7u)]
    [InlineData("H100", "be286000 3f97a000 3ee5e000 3fd90000", "3e10e000 4005e000 3df2a000 3dd78000", 0x3ed64235u, 0x4046b2e6u)]
    [InlineData("H100", "beae2000 bfac4000 3f338000 3f748000", "3ea36000 bfa3e000 bbf34000 bfb60000", 0x3f0b729cu, 0x3f4bbd72u)]
    [InlineData("H100", "c006e000 bf304000 3ebd0000 3fa0e000", "3f808000 c0070000 bf652000 3f8f6000", 0x3f0f4937u, 0x3f794637u)]
    public void TheSumIsWhatTheGpuMeasured(string gpu, string left, string right, uint sum, uint measured)
    {
        uint[] a = Bits(left), b = Bits(right);
        TensorCore other = gpu == "A100" ? TensorCore.H100 : TensorCore.A100;

        Assert.Equal($"{measured:x8}", $"{Dot(Core(gpu), a, b, sum):x8}");
        Assert.NotEqual($"{measured:x8}", $"{Dot(other, a, b, sum):x8}");
    }

    [Theory]
    [InlineData("A100")]
    [InlineData("H100")]
    public void TheLowerThirteenBitsOfAnElementAreNotRead(string gpu)
    {
        // 1 + 2^-10 is read, what is below is not: both factors are cut off, none is rounded.
        float read = 1 + MathF.Pow(2, -10);
        float least = MathF.BitIncrement(1);
        float most = MathF.BitDecrement(read);

        Assert.Equal(1, Dot(gpu, [least], [most], 0));
        Assert.Equal(-1, Dot(gpu, [-most], [least], 0));
        Assert.Equal(read, Dot(gpu, [MathF.BitDecrement(1 + MathF.Pow(2, -9))], [1], 0));

        // The sum so far is read as it is.
        Assert.Equal(least, Dot(gpu, [0], [1], least));
    }

    [Theory]
    [InlineData("A100", 24)]
    [InlineData("H100", 25)]
    public void AddendsAreCutOffBelowTheLargest(string gpu, int bits)
    {
        // Twice the last place that is kept makes up a place of the sum, however small; below it all is lost.
        float last = MathF.Pow(2, -bits);
        float[] ones = [1, 1, 1, 1];

        Assert.Equal(MathF.BitIncrement(1), Dot(gpu, Repeat(last, 1 << bits - 23), Repeat(1, 1 << bits - 23), 1));
        Assert.Equal(1, Dot(gpu, Repeat(MathF.BitDecrement(last), 4), ones, 1));

        // What has been cut off is gone, also where the largest addends go.
        Assert.Equal(0, Dot(gpu, [1, last / 2, -1], [1, 1, 1], 0));
        Assert.Equal(last, Dot(gpu, [1, last, -1], [1, 1, 1], 0));
    }

    [Fact]
    public void TheSumIsRoundedTowardsZero()
    {
        float half = MathF.Pow(2, -24);

        Assert.Equal(1, Dot("A100", [1, half], [1, 1], 0));
        Assert.Equal(-1, Dot("A100", [-1, -half], [1, 1], 0));
        Assert.Equal(1, Dot("H100", [1, 1.5f * half], [1, 1], 0));
    }

    [Theory]
    [InlineData("A100")]
    [InlineData("H100")]
    public void DenormalNumbersAreKept(string gpu)
    {
        // An element's smallest, and a sum's.
        float element = MathF.Pow(2, -136);

        Assert.Equal(element, Dot(gpu, [element], [1], 0));
        Assert.Equal(-float.Epsilon, Dot(gpu, [element], [-MathF.Pow(2, -13)], 0));
        Assert.Equal(float.Epsilon, Dot(gpu, [0], [0], float.Epsilon));
        Assert.Equal(element + float.Epsilon, Dot(gpu, [element], [1], float.Epsilon));
    }

    [Theory]
    [InlineData("A100")]
    [InlineData("H100")]
    public void WhatIsNotFiniteGoesThrough(string gpu)
    {
        const float Infinity = float.PositiveInfinity;

        Assert.Equal(float.NaN, Dot(gpu, [1, float.NaN], [1, 1], 0));
        Assert.Equal(float.NaN, Dot(gpu, [1, 1], [1, 1], float.NaN));
        Assert.Equal(float.NaN, Dot(gpu, [Infinity], [0], 0));
        Assert.Equal(float.NaN, Dot(gpu, [Infinity, Infinity], [1, -1], 0));
        Assert.Equal(float.NaN, Dot(gpu, [Infinity], [1], -Infinity));
        Assert.Equal(Infinity, Dot(gpu, [Infinity, 1], [2, -float.MaxValue], -1));
        Assert.Equal(-Infinity, Dot(gpu, [1], [1], -Infinity));
        Assert.Equal(-Infinity, Dot(gpu, [MathF.Pow(2, 100)], [-MathF.Pow(2, 100)], 0));

        // Others are as they would be without.
        uint[] left = new uint[TensorCore.Rows * TensorCore.Depth];
        uint[] right = new uint[TensorCore.Depth * TensorCore.Columns];
        uint[] sums = new uint[TensorCore.Rows * TensorCore.Columns];
        left.AsSpan().Fill(BitConverter.SingleToUInt32Bits(1));
        right.AsSpan().Fill(BitConverter.SingleToUInt32Bits(2));
        left[5 * TensorCore.Depth + 3] = BitConverter.SingleToUInt32Bits(float.NaN);
        Core(gpu).Multiply(left, right, sums);

        Assert.All(sums, (sum, i) => Assert.Equal(
            i / TensorCore.Columns == 5 ? float.NaN : 16, BitConverter.UInt32BitsToSingle(sum)));
    }

    private static TensorCore Core(string gpu) => gpu == "A100" ? TensorCore.A100 : TensorCore.H100;

    private static float[] Repeat(float value, int times) => [.. Enumerable.Repeat(value, times)];

    private static uint[] Bits(string words) =>
        [.. words.Split(' ').Select(word => uint.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];

    private static float Dot(string gpu, float[] left, float[] right, float sum) => BitConverter.UInt32BitsToSingle(Dot(
        Core(gpu), [.. left.Select(BitConverter.SingleToUInt32Bits)], [.. right.Select(BitConverter.SingleToUInt32Bits)],
        BitConverter.SingleToUInt32Bits(sum)));

    /// <summary>The first row of A times the first column of B, plus the first of C.</summary>
    private static uint Dot(TensorCore core, uint[] left, uint[] right, uint sum)
    {
        uint[] a = new uint[TensorCore.Rows * TensorCore.Depth];
        uint[] b = new uint[TensorCore.Depth * TensorCore.Columns];
        uint[] c = new uint[TensorCore.Rows * TensorCore.Columns];
        left.CopyTo(a, 0);
        right.CopyTo(b, 0);
        c[0] = sum;
        core.Multiply(a, b, c);
        return c[0];
    }
}
