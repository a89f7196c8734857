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
/// matrices of up to 32 rows and 200 columns, all in the shared memory. A warp has a square's block of sixteen rows and eight columns.
/// </summary>
/// <remarks>
/// Several groups do all of this for the same matrix, and each then moves some of its columns: other multiprocessors would have nothing
/// to do. A product's right matrix is read by rows as its left one is: squares are symmetric, and X X^T has it turned round. Rows are so
/// long that what half a warp reads at once, two neighbours of each row, lies in different banks.
/// </remarks>
internal static class TensorMatrixKernels
{
    /// <summary>Threads of a group: a warp for each block of a square.</summary>
    public const int Threads = 256;

    private const int Warps = Threads / 32;

    // Of all matrices alike, whose values fill up with zeros.
    private const int Rows = 32;
    private const int Columns = 200;

    // In pairs of neighbours from here on: X, A, B, A B and the product of the B.
    private const int Row = Columns / 2;
    private const int SquareRow = 20;
    private const int Square = Rows * SquareRow;
    private const int Gram = Rows * Row;
    private const int Factor = Gram + Square;
    private const int Product = Factor + Square;
    private const int Polynomial = Product + Square;
    private const int Float4s = (Polynomial + Square) / 2;

    /// <summary>By rows, which are as many and as long for all matrices.</summary>
    public static MatrixForm Form => new() { RowStride = Columns, ColumnStride = 1, Float4s = Gram / 2, Room = 0 };

    /// <summary>Whether a device can move some matrices so; <see cref="MatrixKernels"/> can always.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="matrices">The matrices.</param>
    public static bool CanMove(Accelerator accelerator, IReadOnlyList<WeightMatrix> matrices) =>
        TensorDevice.UnsupportedReason(accelerator) is null
        && OnChip.UnsupportedReason(accelerator, Threads, Float4s * 4 * sizeof(float)) is null
        && matrices.All(matrix => matrix.Smaller <= Rows && matrix.Larger <= Columns);

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
        ArrayView<Float4> float4s = SharedMemory.Allocate<Float4>(Float4s);
        ArrayView<Float2> room = float4s.Cast<Float2>();
        Lane lane = new(Group.IdxX);
        Load(memory.Directions.SubView(share.Directions), float4s);
        float inverse = 1f;
        bool isShrunk = false;
        for (int block = 0; block < MatrixKernels.Blocks;)
        {
            SumGram(lane, room);
            bool isFirst = block == 0;
            if (isFirst)
            {
                float trace = Trace(float4s.Cast<float>());

                // All threads have the same trace, and go round again together.
                Group.Barrier();
                if (trace >= MatrixKernels.MostTrace && !isShrunk)
                {
                    isShrunk = true;
                    MatrixKernels.Scale(float4s, 0, Gram / 2, MatrixKernels.Shrink);
                    continue;
                }

                // A matrix of zeros stays one.
                float norm = MathF.Sqrt(trace);
                inverse = 1f / (norm < NewtonSchulz.Epsilon ? NewtonSchulz.Epsilon : norm);
                MatrixKernels.Scale(float4s, Gram / 2, Square / 2, inverse * inverse);
            }

            Iterate(lane, room, isFirst ? MatrixKernels.IterationsOfFirstBlock : MatrixKernels.IterationsOfLastBlock);
            if (isFirst)
            {
                Apply(lane, room, share.Matrix.Larger, inverse);
            }

            block++;
        }

        Move<TRule>(lane, memory, share, room, step);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(ArrayView<Float4> directions, ArrayView<Float4> room)
    {
        // Seven at once, the last of them for some threads: none waits for the memory of another.
        int thread = Group.IdxX;
        bool hasLast = thread < Gram / 2 - 6 * Threads;
        Float4 value0 = directions[thread];
        Float4 value1 = directions[thread + Threads];
        Float4 value2 = directions[thread + 2 * Threads];
        Float4 value3 = directions[thread + 3 * Threads];
        Float4 value4 = directions[thread + 4 * Threads];
        Float4 value5 = directions[thread + 5 * Threads];
        Float4 value6 = hasLast ? directions[thread + 6 * Threads] : default;
        room[thread] = value0;
        room[thread + Threads] = value1;
        room[thread + 2 * Threads] = value2;
        room[thread + 3 * Threads] = value3;
        room[thread + 4 * Threads] = value4;
        room[thread + 5 * Threads] = value5;
        if (hasLast)
        {
            room[thread + 6 * Threads] = value6;
        }

        Group.Barrier();
    }

    /// <summary>A = X X^T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SumGram(Lane lane, ArrayView<Float2> room)
    {
        PartSums sums = default;
        ArrayView<Float2> left = room.SubView((FirstRow(lane) + lane.Row) * Row + lane.Column);
        ArrayView<Float2> right = room.SubView((FirstColumn(lane) + lane.Row) * Row + lane.Column);

        // The assembler unrolls no loop of such products.
        AddColumns(ref sums, left, right);
        AddColumns(ref sums, left.SubView(20), right.SubView(20));
        AddColumns(ref sums, left.SubView(40), right.SubView(40));
        AddColumns(ref sums, left.SubView(60), right.SubView(60));
        AddColumns(ref sums, left.SubView(80), right.SubView(80));
        Store(room.SubView(Gram + Place(lane)), SquareRow, sums.Sums);
        Group.Barrier();
    }

    /// <summary>Adds the products of forty columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddColumns(ref PartSums sums, ArrayView<Float2> left, ArrayView<Float2> right)
    {
        sums.Add(LeftParts.Load(left, Row), RightParts.Of(right[0]));
        sums.Add(LeftParts.Load(left.SubView(4), Row), RightParts.Of(right[4]));
        sums.Add(LeftParts.Load(left.SubView(8), Row), RightParts.Of(right[8]));
        sums.Add(LeftParts.Load(left.SubView(12), Row), RightParts.Of(right[12]));
        sums.Add(LeftParts.Load(left.SubView(16), Row), RightParts.Of(right[16]));
    }

    /// <summary>The sum of A's diagonal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Trace(ArrayView<float> room)
    {
        const int Along = 2 * SquareRow + 1;
        Float4 sums = default;
        for (int i = 0; i < Rows; i += 4)
        {
            sums = sums.Plus(Float4.Load(room.SubView(2 * Gram + i * Along), 0, Along));
        }

        return sums.Sum;
    }

    /// <summary>The product of the factors B of some iterations that begin with A, which is overwritten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Iterate(Lane lane, ArrayView<Float2> room, int iterations)
    {
        ArrayView<Float2> own = room.SubView(Place(lane));
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            bool isFirst = iteration == 0;
            bool hasMore = iteration + 1 < iterations;
            ProductSums factor = FactorOf(lane, own.SubView(Gram), Multiply(lane, room, Gram, Gram));
            Store(own.SubView(Factor), SquareRow, factor);
            if (isFirst)
            {
                Store(own.SubView(Polynomial), SquareRow, factor);
            }

            Group.Barrier();
            ProductSums polynomial = default;
            if (!isFirst)
            {
                polynomial = Multiply(lane, room, Factor, Polynomial);
            }

            if (hasMore)
            {
                Store(own.SubView(Product), SquareRow, Multiply(lane, room, Gram, Factor));
            }

            Group.Barrier();
            if (!isFirst)
            {
                Store(own.SubView(Polynomial), SquareRow, polynomial);
            }

            if (hasMore)
            {
                // The next A is (A B) B.
                Store(own.SubView(Gram), SquareRow, Multiply(lane, room, Product, Factor));
            }

            Group.Barrier();
        }
    }

    /// <summary>B = a + b A + c A A, of a lane's sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ProductSums FactorOf(Lane lane, ArrayView<Float2> gram, ProductSums squared)
    {
        int row = FirstRow(lane) + lane.Row;
        int column = FirstColumn(lane) + 2 * lane.Column;
        Float4 diagonal = Float4.Of(
            row == column ? NewtonSchulz.A : 0f, row == column + 1 ? NewtonSchulz.A : 0f,
            row + 8 == column ? NewtonSchulz.A : 0f, row + 8 == column + 1 ? NewtonSchulz.A : 0f);
        Float4 linear = Float4.Of(gram[0].C0, gram[0].C1, gram[8 * SquareRow].C0, gram[8 * SquareRow].C1);
        return ProductSums.Of(squared.Values.TimesPlus(NewtonSchulz.C, linear.TimesPlus(NewtonSchulz.B, diagonal)));
    }

    /// <summary>This warp's block of the product of two squares that commute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ProductSums Multiply(Lane lane, ArrayView<Float2> room, int left, int right)
    {
        PartSums sums = default;
        ArrayView<Float2> lefts = room.SubView(left + (FirstRow(lane) + lane.Row) * SquareRow + lane.Column);
        ArrayView<Float2> rights = room.SubView(right + (FirstColumn(lane) + lane.Row) * SquareRow + lane.Column);
        sums.Add(LeftParts.Load(lefts, SquareRow), RightParts.Of(rights[0]));
        sums.Add(LeftParts.Load(lefts.SubView(4), SquareRow), RightParts.Of(rights[4]));
        sums.Add(LeftParts.Load(lefts.SubView(8), SquareRow), RightParts.Of(rights[8]));
        sums.Add(LeftParts.Load(lefts.SubView(12), SquareRow), RightParts.Of(rights[12]));
        return sums.Sums;
    }

    /// <summary>The polynomial times X, times a factor, in the place of X.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Apply(Lane lane, ArrayView<Float2> room, int columns, float scale)
    {
        PolynomialRows upper = PolynomialRows.Load(room.SubView(Polynomial + lane.Row * SquareRow + lane.Column), SquareRow);
        PolynomialRows lower = PolynomialRows.Load(room.SubView(Polynomial + (16 + lane.Row) * SquareRow + lane.Column), SquareRow);
        for (int first = 0; first < columns; first += 8 * Warps)
        {
            int column = first + 8 * lane.Warp;
            ProductSums upperSums = default;
            ProductSums lowerSums = default;
            if (column < columns)
            {
                ArrayView<float> values = room.Cast<float>().SubView(2 * lane.Column * Columns + column + lane.Row);
                RightParts right0 = RightParts.Of(Float2.Of(values[0], values[Columns]));
                RightParts right1 = RightParts.Of(Float2.Of(values[8 * Columns], values[9 * Columns]));
                RightParts right2 = RightParts.Of(Float2.Of(values[16 * Columns], values[17 * Columns]));
                RightParts right3 = RightParts.Of(Float2.Of(values[24 * Columns], values[25 * Columns]));
                upperSums = upper.Times(right0, right1, right2, right3);
                lowerSums = lower.Times(right0, right1, right2, right3);
            }

            Group.Barrier();
            if (column < columns)
            {
                ArrayView<Float2> place = room.SubView(lane.Row * Row + column / 2 + lane.Column);
                Store(place, Row, Scaled(upperSums, scale));
                Store(place.SubView(16 * Row), Row, Scaled(lowerSums, scale));
            }
        }

        Group.Barrier();
    }

    /// <summary>Moves the share's weights by the polynomial times X, sixteen rows of eight columns at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move<TRule>(
        Lane lane, MatrixMemory memory, MatrixShare share, ArrayView<Float2> room, OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        WeightMatrix matrix = share.Matrix;
        for (int task = lane.Warp; 8 * (task >> 1) < share.End - share.First; task += Warps)
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
            ArrayView<float> values = room.Cast<float>().SubView(2 * lane.Column * Columns + block + lane.Row);
            ProductSums sums = PolynomialRows.Load(room.SubView(Polynomial + row * SquareRow + lane.Column), SquareRow).Times(
                RightParts.Of(Float2.Of(values[0], values[Columns])),
                RightParts.Of(Float2.Of(values[8 * Columns], values[9 * Columns])),
                RightParts.Of(Float2.Of(values[16 * Columns], values[17 * Columns])),
                RightParts.Of(Float2.Of(values[24 * Columns], values[25 * Columns])));
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

    /// <summary>The first pair of a lane's sums in a square.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place(Lane lane) => (FirstRow(lane) + lane.Row) * SquareRow + FirstColumn(lane) / 2 + lane.Column;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ProductSums Scaled(ProductSums sums, float factor) => ProductSums.Of(sums.Values.Times(Float4.Of(factor)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ArrayView<Float2> place, int row, ProductSums sums)
    {
        place[0] = Float2.Of(sums.C0, sums.C1);
        place[8 * row] = Float2.Of(sums.C2, sums.C3);
    }
}
