using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuConvnet.Model.Numbers;

/// <summary>Turns rows into columns, four of each at a time.</summary>
internal static unsafe class Transposition
{
    /// <summary>to[column][row] = from[row][column].</summary>
    /// <param name="from">(rows, columns).</param>
    /// <param name="rows">A multiple of four, or one.</param>
    /// <param name="columns">A multiple of four.</param>
    /// <param name="to">(columns, rows).</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Turn(float* from, int rows, int columns, float* to)
    {
        if (!Sse.IsSupported || rows % 4 != 0 || columns % 4 != 0)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < columns; column++)
                {
                    to[column * rows + row] = from[row * columns + column];
                }
            }

            return;
        }

        for (int row = 0; row < rows; row += 4)
        {
            for (int column = 0; column < columns; column += 4)
            {
                float* corner = from + row * columns + column;
                Vector128<float> a = Vector128.Load(corner);
                Vector128<float> b = Vector128.Load(corner + columns);
                Vector128<float> c = Vector128.Load(corner + 2 * columns);
                Vector128<float> d = Vector128.Load(corner + 3 * columns);
                Vector128<float> abLow = Sse.UnpackLow(a, b);
                Vector128<float> abHigh = Sse.UnpackHigh(a, b);
                Vector128<float> cdLow = Sse.UnpackLow(c, d);
                Vector128<float> cdHigh = Sse.UnpackHigh(c, d);
                float* turned = to + column * rows + row;
                Sse.MoveLowToHigh(abLow, cdLow).Store(turned);
                Sse.MoveHighToLow(cdLow, abLow).Store(turned + rows);
                Sse.MoveLowToHigh(abHigh, cdHigh).Store(turned + 2 * rows);
                Sse.MoveHighToLow(cdHigh, abHigh).Store(turned + 3 * rows);
            }
        }
    }
}
