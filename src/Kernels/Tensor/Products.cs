using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// Several products of split operands at once. Each is three of the tensor cores' one after the other, and one that adds to the sums of the
/// last waits 24 cycles for it; the assembler leaves them in their order. So the products take turns.
/// </summary>
internal static class Products
{
    /// <summary>Adds two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        ref ProductSums sums0, LeftOperand left0, RightOperand right0, ref ProductSums sums1, LeftOperand left1, RightOperand right1)
    {
        sums0.AddLowHigh(left0, right0);
        sums1.AddLowHigh(left1, right1);
        sums0.AddHighLow(left0, right0);
        sums1.AddHighLow(left1, right1);
        sums0.AddHighHigh(left0, right0);
        sums1.AddHighHigh(left1, right1);
    }

    /// <summary>Adds three.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        ref ProductSums sums0, LeftOperand left0, RightOperand right0, ref ProductSums sums1, LeftOperand left1, RightOperand right1,
        ref ProductSums sums2, LeftOperand left2, RightOperand right2)
    {
        sums0.AddLowHigh(left0, right0);
        sums1.AddLowHigh(left1, right1);
        sums2.AddLowHigh(left2, right2);
        sums0.AddHighLow(left0, right0);
        sums1.AddHighLow(left1, right1);
        sums2.AddHighLow(left2, right2);
        sums0.AddHighHigh(left0, right0);
        sums1.AddHighHigh(left1, right1);
        sums2.AddHighHigh(left2, right2);
    }

    /// <summary>Adds four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        ref ProductSums sums0, LeftOperand left0, RightOperand right0, ref ProductSums sums1, LeftOperand left1, RightOperand right1,
        ref ProductSums sums2, LeftOperand left2, RightOperand right2, ref ProductSums sums3, LeftOperand left3, RightOperand right3)
    {
        sums0.AddLowHigh(left0, right0);
        sums1.AddLowHigh(left1, right1);
        sums2.AddLowHigh(left2, right2);
        sums3.AddLowHigh(left3, right3);
        sums0.AddHighLow(left0, right0);
        sums1.AddHighLow(left1, right1);
        sums2.AddHighLow(left2, right2);
        sums3.AddHighLow(left3, right3);
        sums0.AddHighHigh(left0, right0);
        sums1.AddHighHigh(left1, right1);
        sums2.AddHighHigh(left2, right2);
        sums3.AddHighHigh(left3, right3);
    }

    /// <summary>Adds five with the same right matrix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        ref ProductSums sums0, LeftOperand left0, ref ProductSums sums1, LeftOperand left1, ref ProductSums sums2, LeftOperand left2,
        ref ProductSums sums3, LeftOperand left3, ref ProductSums sums4, LeftOperand left4, RightOperand right)
    {
        sums0.AddLowHigh(left0, right);
        sums1.AddLowHigh(left1, right);
        sums2.AddLowHigh(left2, right);
        sums3.AddLowHigh(left3, right);
        sums4.AddLowHigh(left4, right);
        sums0.AddHighLow(left0, right);
        sums1.AddHighLow(left1, right);
        sums2.AddHighLow(left2, right);
        sums3.AddHighLow(left3, right);
        sums4.AddHighLow(left4, right);
        sums0.AddHighHigh(left0, right);
        sums1.AddHighHigh(left1, right);
        sums2.AddHighHigh(left2, right);
        sums3.AddHighHigh(left3, right);
        sums4.AddHighHigh(left4, right);
    }
}
