using System.Runtime.CompilerServices;
using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>A lane's values of a product's left matrix (16 rows, 8 columns), in two parts each. In registers.</summary>
internal struct LeftOperand
{
    /// <summary>The first parts, in the order of <see cref="Mma"/>.</summary>
    public float High0, High1, High2, High3;

    /// <summary>What is left of each, and the first part once more below it: <see cref="Split.Pair"/>.</summary>
    public uint Pair0, Pair1, Pair2, Pair3;

    /// <summary>The border's value everywhere.</summary>
    public static LeftOperand Border
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            const float Value = Shape1989.PaddingValue;

            // No rest, and -1 as BF16.
            const uint Pair = 0xBF80;
            return new()
            {
                High0 = Value,
                High1 = Value,
                High2 = Value,
                High3 = Value,
                Pair0 = Pair,
                Pair1 = Pair,
                Pair2 = Pair,
                Pair3 = Pair,
            };
        }
    }

    /// <summary>Splits a lane's values.</summary>
    /// <param name="a0">Row g, column t.</param>
    /// <param name="a1">Row g + 8, column t.</param>
    /// <param name="a2">Row g, column t + 4.</param>
    /// <param name="a3">Row g + 8, column t + 4.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeftOperand Of(float a0, float a1, float a2, float a3)
    {
        LeftOperand operand = new()
        {
            High0 = Split.High(a0),
            High1 = Split.High(a1),
            High2 = Split.High(a2),
            High3 = Split.High(a3),
        };
        operand.Pair0 = Split.Pair(a0 - operand.High0, operand.High0);
        operand.Pair1 = Split.Pair(a1 - operand.High1, operand.High1);
        operand.Pair2 = Split.Pair(a2 - operand.High2, operand.High2);
        operand.Pair3 = Split.Pair(a3 - operand.High3, operand.High3);
        return operand;
    }

    /// <summary>Splits a lane's values of a matrix whose rows from 8 are 0.</summary>
    /// <param name="a0">Row g, column t.</param>
    /// <param name="a2">Row g, column t + 4.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeftOperand OfUpperRows(float a0, float a2)
    {
        LeftOperand operand = new() { High0 = Split.High(a0), High1 = 0f, High2 = Split.High(a2), High3 = 0f, Pair1 = 0u, Pair3 = 0u };
        operand.Pair0 = Split.Pair(a0 - operand.High0, operand.High0);
        operand.Pair2 = Split.Pair(a2 - operand.High2, operand.High2);
        return operand;
    }
}
