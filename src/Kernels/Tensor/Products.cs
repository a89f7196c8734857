using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// Several products of split operands at once. Each is two of the tensor cores' one after the other, and one that adds to the sums of the
/// last waits 24 cycles for it; the assembler leaves them in their order. So the products take turns.
/// </summary>
internal static class Products
{
    /// <summary>Adds one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref ProductSums sums, LeftOperand left, RightOperand right)
    {
        sums.AddRests(left, right);
        sums.AddFirsts(left, right);
    }

    /// <summary>Adds two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        ref ProductSums sums0, LeftOperand left0, RightOperand right0, ref ProductSums sums1, LeftOperand left1, RightOperand right1)
    {
        sums0.AddRests(left0, right0);
        sums1.AddRests(left1, right1);
        sums0.AddFirsts(left0, right0);
        sums1.AddFirsts(left1, right1);
    }

    /// <summary>Adds three.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        ref ProductSums sums0, LeftOperand left0, RightOperand right0, ref ProductSums sums1, LeftOperand left1, RightOperand right1,
        ref ProductSums sums2, LeftOperand left2, RightOperand right2)
    {
        sums0.AddRests(left0, right0);
        sums1.AddRests(left1, right1);
        sums2.AddRests(left2, right2);
        sums0.AddFirsts(left0, right0);
        sums1.AddFirsts(left1, right1);
        sums2.AddFirsts(left2, right2);
    }

    /// <summary>Adds four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        ref ProductSums sums0, LeftOperand left0, RightOperand right0, ref ProductSums sums1, LeftOperand left1, RightOperand right1,
        ref ProductSums sums2, LeftOperand left2, RightOperand right2, ref ProductSums sums3, LeftOperand left3, RightOperand right3)
    {
        sums0.AddRests(left0, right0);
        sums1.AddRests(left1, right1);
        sums2.AddRests(left2, right2);
        sums3.AddRests(left3, right3);
        sums0.AddFirsts(left0, right0);
        sums1.AddFirsts(left1, right1);
        sums2.AddFirsts(left2, right2);
        sums3.AddFirsts(left3, right3);
    }

    /// <summary>Adds five.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        ref ProductSums sums0, LeftOperand left0, RightOperand right0, ref ProductSums sums1, LeftOperand left1, RightOperand right1,
        ref ProductSums sums2, LeftOperand left2, RightOperand right2, ref ProductSums sums3, LeftOperand left3, RightOperand right3,
        ref ProductSums sums4, LeftOperand left4, RightOperand right4)
    {
        sums0.AddRests(left0, right0);
        sums1.AddRests(left1, right1);
        sums2.AddRests(left2, right2);
        sums3.AddRests(left3, right3);
        sums4.AddRests(left4, right4);
        sums0.AddFirsts(left0, right0);
        sums1.AddFirsts(left1, right1);
        sums2.AddFirsts(left2, right2);
        sums3.AddFirsts(left3, right3);
        sums4.AddFirsts(left4, right4);
    }
}
