using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Matrices;
using GpuConvnet.Model.Optimizers;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// <see cref="MatrixKernels.Step"/> on tensor cores, to nearly float32's precision (<see cref="PartSums"/>): the same iterations, for
/// matrices of up to 32 rows and 200 columns, all in the shared memory. A warp has a product's block of sixteen rows and eight columns.
/// </summary>
/// <remarks>
/// Squares are symmetric, and so are read by rows as a product's right matrix too: then what a warp's lanes read lies in different banks.
/// </remarks>
internal static class TensorMatrixKernels
{
    /// <summary>Threads of a group: a warp for each block of a square.</summary>
    public const int Threads = 256;

    /// <summary>Rows that matrices are filled up to.</summary>
    public const int Rows = 32;

    /// <summary>The most columns.</summary>
    public const int MostColumns = 200;

    /// <summary>Columns that are read at once; those that fill up are 0.</summary>
    private const int ColumnsAtOnce = 40;

    /// <summary>From a row of a matrix to the next one.</summary>
    public const int Stride = 204;

    /// <summary>The shared memory: a matrix and five squares, 48 KiB.</summary>
    public const int Floats = Rows * Stride + 5 * Square;

    private const int SquareStride = 36;
    private const int Square = Rows * SquareStride;
    private const int Warps = Threads / 32;

    /// <summary>By rows, which are as many and as long for all matrices.</summary>
    public static MatrixForm Form => new() { RowStride = Stride, ColumnStride = 1, Float4s = Rows * Stride / 4 };

    /// <summary>Why a device cannot move some matrices so; null if it can.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="matrices">The matrices.</param>
    public static string? UnsupportedReason(Accelerator accelerator, IReadOnlyList<WeightMatrix> matrices) =>
        TensorDevice.UnsupportedReason(accelerator) ?? OnChip.UnsupportedReason(accelerator, Threads, Floats * sizeof(float))
        ?? (matrices.All(matrix => matrix.Smaller <= Rows && matrix.Larger <= MostColumns)
            ? null
            : $"it is cut for matrices of up to {Rows} x {MostColumns}");

    /// <summary>Moves the matrices by their directions. Grid: a group per share of a matrix.</summary>
    /// <param name="memory">What it works on.</param>
    /// <param name="step">The step's constants.</param>
    public static void Step<TRule>(MatrixMemory memory, OptimizerConstants step)
        where TRule : struct, IMatrixRule => Take<TRule>(memory, step);

    /// <summary>The same for a step that is planned.</summary>
    /// <param name="memory">What it works on.</param>
    /// <param name="plans">The steps that are planned.</param>
    /// <param name="index">Which of them this is.</param>
    public static void PlannedStep<TRule>(MatrixMemory memory, ArrayView<PlannedStep> plans, int index)
        where TRule : struct, IMatrixRule => Take<TRule>(memory, plans[index].Step.Optimizer);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take<TRule>(MatrixMemory memory, OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        MatrixShare share = memory.Shares[Grid.IdxX];
        ArrayView<Float4> float4s = SharedMemory.Allocate<Float4>(Floats / 4);
        ArrayView<float> room = float4s.Cast<float>();
        int gram = Rows * Stride;
        int polynomial = gram;
        MatrixKernels.Load(memory.Directions.SubView(share.Directions, Rows * Stride / 4), float4s);
        bool isShrunk = false;
        for (int block = 0; block < MatrixKernels.Blocks;)
        {
            Gram(room, gram, share.Matrix.Larger);
            float inverse = 1f;
            if (block == 0)
            {
                float trace = Trace(room.SubView(gram));

                // All threads have the same trace, and go round again together.
                if (trace >= MatrixKernels.MostTrace && !isShrunk)
                {
                    isShrunk = true;
                    Group.Barrier();
                    MatrixKernels.Scale(float4s, 0, Rows * Stride / 4, MatrixKernels.Shrink);
                    continue;
                }

                // A matrix of zeros stays one.
                float norm = MathF.Sqrt(trace);
                inverse = 1f / (norm < NewtonSchulz.Epsilon ? NewtonSchulz.Epsilon : norm);
                Group.Barrier();
                MatrixKernels.Scale(float4s, gram / 4, Square / 4, inverse * inverse);
            }

            polynomial = Polynomial(
                room, gram,
                block == 0 ? MatrixKernels.IterationsOfFirstBlock : NewtonSchulz.Iterations - MatrixKernels.IterationsOfFirstBlock);
            if (block == 0)
            {
                Apply(room, polynomial, share.Matrix.Larger, inverse);
            }

            block++;
        }

        Move<TRule>(memory, share, room, polynomial, step);
    }

    /// <summary>A = X X^T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gram(ArrayView<float> room, int gram, int columns)
    {
        Lane lane = new(Group.IdxX);
        PartSums sums = default;
        int place = lane.Row * Stride + lane.Column;
        ArrayView<float> lefts = room.SubView(place + FirstRow(lane) * Stride);
        ArrayView<float> rights = room.SubView(place + FirstColumn(lane) * Stride);
        for (int column = 0; column < columns; column += ColumnsAtOnce)
        {
            // The assembler unrolls no loop of such products.
            ArrayView<float> left = lefts.SubView(column);
            ArrayView<float> right = rights.SubView(column);
            sums.Add(LeftParts.Load(left, Stride), RightParts.Load(right, 4));
            sums.Add(LeftParts.Load(left.SubView(8), Stride), RightParts.Load(right.SubView(8), 4));
            sums.Add(LeftParts.Load(left.SubView(16), Stride), RightParts.Load(right.SubView(16), 4));
            sums.Add(LeftParts.Load(left.SubView(24), Stride), RightParts.Load(right.SubView(24), 4));
            sums.Add(LeftParts.Load(left.SubView(32), Stride), RightParts.Load(right.SubView(32), 4));
        }

        Store(room, gram + Place(lane), SquareStride, sums.Sums);
        Group.Barrier();
    }

    /// <summary>The sum of a square's diagonal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Trace(ArrayView<float> square)
    {
        Float4 sums = default;
        for (int i = 0; i < Rows; i += 4)
        {
            sums = sums.Plus(Float4.Load(square.SubView(i * (SquareStride + 1)), 0, SquareStride + 1));
        }

        return sums.Sum;
    }

    /// <summary>The product of the factors B of some iterations that begin with A, which is overwritten.</summary>
    /// <returns>Where it is.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Polynomial(ArrayView<float> room, int gram, int iterations)
    {
        Lane lane = new(Group.IdxX);
        int place = Place(lane);
        int polynomial = gram + Square;
        int next = gram + 2 * Square;
        int product = gram + 3 * Square;
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            // B = a + b A + c A A; the first is the polynomial.
            bool isFirst = iteration == 0;
            bool hasMore = iteration + 1 < iterations;
            int factor = isFirst ? polynomial : gram + 4 * Square;
            Store(room, factor + place, SquareStride, Factor(lane, Load(room, gram + place), Multiply(lane, room, gram, gram)));
            Group.Barrier();
            if (!isFirst)
            {
                Store(room, next + place, SquareStride, Multiply(lane, room, factor, polynomial));
                int spare = polynomial;
                polynomial = next;
                next = spare;
            }

            if (hasMore)
            {
                // The next A is (A B) B.
                Store(room, product + place, SquareStride, Multiply(lane, room, gram, factor));
                Group.Barrier();
                Store(room, gram + place, SquareStride, Multiply(lane, room, product, factor));
            }

            Group.Barrier();
        }

        return polynomial;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ProductSums Factor(Lane lane, ProductSums linear, ProductSums squared)
    {
        int row = FirstRow(lane) + lane.Row;
        int column = FirstColumn(lane) + 2 * lane.Column;
        Float4 diagonal = Float4.Of(
            row == column ? NewtonSchulz.A : 0f, row == column + 1 ? NewtonSchulz.A : 0f,
            row + 8 == column ? NewtonSchulz.A : 0f, row + 8 == column + 1 ? NewtonSchulz.A : 0f);
        return ProductSums.Of(squared.Values.TimesPlus(NewtonSchulz.C, linear.Values.TimesPlus(NewtonSchulz.B, diagonal)));
    }

    /// <summary>This warp's block of the product of two squares that commute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ProductSums Multiply(Lane lane, ArrayView<float> room, int left, int right)
    {
        PartSums sums = default;
        int place = lane.Row * SquareStride + lane.Column;
        ArrayView<float> lefts = room.SubView(left + place + FirstRow(lane) * SquareStride);
        ArrayView<float> rights = room.SubView(right + place + FirstColumn(lane) * SquareStride);
        sums.Add(LeftParts.Load(lefts, SquareStride), RightParts.Load(rights, 4));
        sums.Add(LeftParts.Load(lefts.SubView(8), SquareStride), RightParts.Load(rights.SubView(8), 4));
        sums.Add(LeftParts.Load(lefts.SubView(16), SquareStride), RightParts.Load(rights.SubView(16), 4));
        sums.Add(LeftParts.Load(lefts.SubView(24), SquareStride), RightParts.Load(rights.SubView(24), 4));

        return sums.Sums;
    }

    /// <summary>The polynomial times X, times a factor, in the place of X: a warp has all rows of its columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Apply(ArrayView<float> room, int polynomial, int columns, float scale)
    {
        Lane lane = new(Group.IdxX);
        for (int column = 8 * lane.Warp; column < columns; column += 8 * Warps)
        {
            ProductSums upper = Applied(lane, room, polynomial, 0, column);
            ProductSums lower = Applied(lane, room, polynomial, 16, column);
            int place = lane.Row * Stride + column + 2 * lane.Column;
            Store(room, place, Stride, ProductSums.Of(upper.Values.Times(Float4.Of(scale))));
            Store(room, place + 16 * Stride, Stride, ProductSums.Of(lower.Values.Times(Float4.Of(scale))));
        }

        Group.Barrier();
    }

    /// <summary>Sixteen rows of eight columns of the polynomial times X.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ProductSums Applied(Lane lane, ArrayView<float> room, int polynomial, int row, int column)
    {
        PartSums sums = default;
        ArrayView<float> lefts = room.SubView(polynomial + (row + lane.Row) * SquareStride + lane.Column);
        ArrayView<float> rights = room.SubView(lane.Column * Stride + column + lane.Row);
        sums.Add(LeftParts.Load(lefts, SquareStride), RightParts.Load(rights, 4 * Stride));
        sums.Add(LeftParts.Load(lefts.SubView(8), SquareStride), RightParts.Load(rights.SubView(8 * Stride), 4 * Stride));
        sums.Add(LeftParts.Load(lefts.SubView(16), SquareStride), RightParts.Load(rights.SubView(16 * Stride), 4 * Stride));
        sums.Add(LeftParts.Load(lefts.SubView(24), SquareStride), RightParts.Load(rights.SubView(24 * Stride), 4 * Stride));

        return sums.Sums;
    }

    /// <summary>Moves the share's weights by the polynomial times X, sixteen rows of eight columns at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move<TRule>(
        MatrixMemory memory, MatrixShare share, ArrayView<float> room, int polynomial, OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        Lane lane = new(Group.IdxX);
        WeightMatrix matrix = share.Matrix;
        for (int task = lane.Warp; 4 * task < share.End - share.First; task += Warps)
        {
            int first = 16 * (task & 1);
            int block = share.First + 8 * (task >> 1);

            // Asked for now, so that they are there by the time the sums are.
            int row = first + lane.Row;
            int column = block + 2 * lane.Column;
            int place = matrix.Offset + column * matrix.LargerStride + row * matrix.SmallerStride;
            bool isInside = column < matrix.Larger;
            bool isNextInside = column + 1 < matrix.Larger;
            MatrixElement element0 = new(memory.Parameters, place, isInside && row < matrix.Smaller);
            MatrixElement element1 = new(memory.Parameters, place + matrix.LargerStride, isNextInside && row < matrix.Smaller);
            place += 8 * matrix.SmallerStride;
            MatrixElement element2 = new(memory.Parameters, place, isInside && row + 8 < matrix.Smaller);
            MatrixElement element3 = new(memory.Parameters, place + matrix.LargerStride, isNextInside && row + 8 < matrix.Smaller);
            ProductSums sums = Applied(lane, room, polynomial, first, block);
            element0.Move<TRule>(memory.Parameters, sums.C0, matrix, step);
            element1.Move<TRule>(memory.Parameters, sums.C1, matrix, step);
            element2.Move<TRule>(memory.Parameters, sums.C2, matrix, step);
            element3.Move<TRule>(memory.Parameters, sums.C3, matrix, step);
        }
    }

    /// <summary>The first row of a warp's block of a square.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FirstRow(Lane lane) => 16 * (lane.Warp >> 2);

    /// <summary>The first column of a warp's block of a square.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FirstColumn(Lane lane) => 8 * (lane.Warp & 3);

    /// <summary>The first of a lane's sums in a square.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place(Lane lane) => (FirstRow(lane) + lane.Row) * SquareStride + FirstColumn(lane) + 2 * lane.Column;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ProductSums Load(ArrayView<float> room, int place) => new()
    {
        C0 = room[place],
        C1 = room[place + 1],
        C2 = room[place + 8 * SquareStride],
        C3 = room[place + 8 * SquareStride + 1],
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ArrayView<float> room, int place, int stride, ProductSums sums)
    {
        room[place] = sums.C0;
        room[place + 1] = sums.C1;
        room[place + 8 * stride] = sums.C2;
        room[place + 8 * stride + 1] = sums.C3;
    }
}
