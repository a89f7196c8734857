using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>A lane's values of a product's right matrix (8 rows, 8 columns), in two parts each. In registers.</summary>
internal struct RightOperand
{
    /// <summary>The first parts, in the order of <see cref="Mma"/>.</summary>
    public float High0, High1;

    /// <summary>Each first part once more, and what is left of it below: <see cref="Split.Pair"/>.</summary>
    public uint Pair0, Pair1;

    /// <summary>Splits a lane's values.</summary>
    /// <param name="b0">Row t, column g.</param>
    /// <param name="b1">Row t + 4, column g.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RightOperand Of(float b0, float b1)
    {
        RightOperand operand = new() { High0 = Split.High(b0), High1 = Split.High(b1) };
        operand.Pair0 = Split.Pair(operand.High0, b0 - operand.High0);
        operand.Pair1 = Split.Pair(operand.High1, b1 - operand.High1);
        return operand;
    }
}
