using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>
/// The end of a step that moves whole matrices. <see cref="Direct"/> makes directions of gradients, and moves what is no matrix.
/// <see cref="Step"/> makes each matrix of directions nearly orthogonal, as <see cref="NewtonSchulz"/> does, and moves the weights by it.
/// </summary>
/// <remarks>
/// Every iterate of X is a polynomial in A = X X^T times X, and these polynomials commute. So two iterations, and then three, are
/// taken on squares of the smaller side alone: with B = a + b A + c A A the next A is (A B) B, and the product of the B is applied to
/// X once. That takes half the products of the iteration as it is written. Five at once would take fewer still, but small
/// singular values, which A has squared, would then be off by up to a thousandth of the largest.
/// <para>
/// Matrices are of any size, and lie in the device's memory, or rather its caches; <c>TensorMatrixKernels</c> has small ones on the chip.
/// X is kept by columns of the smaller side, whose float4s are filled up with zeros. No sum's order depends on the threads.
/// </para>
/// </remarks>
internal static class MatrixKernels
{
    /// <summary>Threads of a group on a GPU.</summary>
    public const int Threads = 512;

    private const int Four = 4;
    // Four squares have room for so many halves with the diagonal, however small they are.
    private const int Parts = 4;

    internal const int Blocks = 2;
    internal const int IterationsOfFirstBlock = 2;
    internal const int IterationsOfLastBlock = NewtonSchulz.Iterations - IterationsOfFirstBlock;

    // A norm of 1e15: the squares of larger values, and the inverse of theirs, leave a float32's range. A power of two changes no bit.
    internal const float MostTrace = 1e30f;
    internal const float Shrink = 1f / (1UL << 40) / (1UL << 40);

    /// <summary>Float4s that a matrix takes: its values, twice, and five squares of its smaller side.</summary>
    /// <param name="columns">Its columns.</param>
    /// <param name="row">Float4s of a column.</param>
    public static long Float4s(long columns, long row) => 2 * columns * row + 5 * Four * row * row;

    /// <summary>Makes a direction of a parameter's gradient, or moves it if it is of no matrix.</summary>
    /// <param name="index">The parameter.</param>
    /// <param name="gradient">The batch's gradient by all parameters.</param>
    /// <param name="memory">What the step works on.</param>
    /// <param name="step">The step's constants.</param>
    public static void Direct<TRule, TVectors>(Index1D index, ArrayView<float> gradient, MatrixMemory memory, OptimizerConstants step)
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule =>
        new MatrixParameter(memory, index).Take<TRule, TVectors>(memory, gradient[index], step);

    /// <summary>Moves the matrices by their directions. Grid: a group per share of a matrix.</summary>
    /// <param name="memory">What it works on.</param>
    /// <param name="step">The step's constants.</param>
    public static void Step<TRule>(MatrixMemory memory, OptimizerConstants step)
        where TRule : struct, IMatrixRule => Take<TRule>(memory, step);

    /// <summary>The same within another kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Take<TRule>(MatrixMemory memory, OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        MatrixShare share = memory.Shares[Grid.IdxX];
        ArrayView<Float4> room = memory.Room.SubView(share.Room, share.Form.Room);
        MatrixTiles tiles = new(share.Form.ColumnStride / Four);
        int count = share.Form.Float4s;
        int square = Four * tiles.Row * tiles.Row;
        int gram = count;
        int applied = gram + 5 * square;
        Load(memory.Directions.SubView(share.Directions, count), room);
        bool isShrunk = false;
        for (int block = 0; block < Blocks;)
        {
            bool isFirst = block == 0;
            int iterations = isFirst ? IterationsOfFirstBlock : IterationsOfLastBlock;
            Gram(room, isFirst ? 0 : applied, count / (Four * tiles.Row), tiles, gram);
            float inverse = 1f;
            if (isFirst)
            {
                float trace = Trace(room, gram, tiles.Row);

                // All threads have the same trace, and go round again together.
                Group.Barrier();
                if (trace >= MostTrace && !isShrunk)
                {
                    isShrunk = true;
                    Scale(room, 0, count, Shrink);
                    continue;
                }

                // A matrix of zeros stays one.
                float norm = MathF.Sqrt(trace);
                inverse = 1f / (norm < NewtonSchulz.Epsilon ? NewtonSchulz.Epsilon : norm);
                Scale(room, gram, square, inverse * inverse);
            }

            Iterate(room, gram, tiles, iterations);
            if (isFirst)
            {
                Apply(room, PolynomialAfter(iterations - 1, gram, square), tiles, count / (Four * tiles.Row), inverse, applied);
            }

            block++;
        }

        Move<TRule>(memory, share, room, applied, PolynomialAfter(IterationsOfLastBlock - 1, gram, square), tiles, step);
    }

    /// <summary>The directions into the room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(ArrayView<Float4> directions, ArrayView<Float4> room)
    {
        int count = directions.IntLength;
        int stride = Group.DimX;
        for (int i = Group.IdxX; i < count; i += 4 * stride)
        {
            // Four at once: none waits for the memory of another.
            Float4 value0 = directions[i];
            Float4 value1 = i + stride < count ? directions[i + stride] : default;
            Float4 value2 = i + 2 * stride < count ? directions[i + 2 * stride] : default;
            Float4 value3 = i + 3 * stride < count ? directions[i + 3 * stride] : default;
            room[i] = value0;
            if (i + stride < count)
            {
                room[i + stride] = value1;
            }

            if (i + 2 * stride < count)
            {
                room[i + 2 * stride] = value2;
            }

            if (i + 3 * stride < count)
            {
                room[i + 3 * stride] = value3;
            }
        }

        Group.Barrier();
    }

    /// <summary>Multiplies what lies in the room with a factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Scale(ArrayView<Float4> room, int place, int count, float factor)
    {
        for (int i = Group.IdxX; i < count; i += Group.DimX)
        {
            room[place + i] = room[place + i].Times(Float4.Of(factor));
        }

        Group.Barrier();
    }

    /// <summary>A = X X^T, in parts that are then added up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gram(ArrayView<Float4> room, int values, int quads, MatrixTiles tiles, int gram)
    {
        int row = tiles.Row;
        int parts = gram + Four * row * row;
        int quadsOfPart = (quads + Parts - 1) / Parts;
        int tasks = Parts * tiles.Half;
        for (int task = Group.IdxX; task < tasks; task += Group.DimX)
        {
            int part = task / tiles.Half;
            MatrixTiles.OfHalf(task - part * tiles.Half, out int block, out int column);
            int first = part * quadsOfPart;
            int end = first + quadsOfPart < quads ? first + quadsOfPart : quads;
            int place = values + Four * first * row;
            Products(room, place + column, place + block, row, end - first).Store(room, parts + task, tasks);
        }

        Group.Barrier();

        for (int tile = Group.IdxX; tile < tiles.Half; tile += Group.DimX)
        {
            MatrixTiles.OfHalf(tile, out int block, out int column);
            Tile4 sums = default;
            for (int part = 0; part < Parts; part++)
            {
                sums = sums.Plus(Tile4.Load(room, parts + part * tiles.Half + tile, tasks));
            }

            sums.Store(room, gram + Four * block * row + column, row);
            sums.Transposed.Store(room, gram + Four * column * row + block, row);
        }

        Group.Barrier();
    }

    /// <summary>The sum of a square's diagonal, which is 0 in rows that fill up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Trace(ArrayView<Float4> room, int gram, int row)
    {
        float sum = 0f;
        for (int i = 0; i < row; i++)
        {
            sum += Tile4.Load(room, gram + Four * i * row + i, row).Trace;
        }

        return sum;
    }

    /// <summary>The product of the factors B of some iterations that begin with A, which is overwritten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Iterate(ArrayView<Float4> room, int gram, MatrixTiles tiles, int iterations)
    {
        int square = Four * tiles.Row * tiles.Row;
        int product = gram + 3 * square;
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            // The first factor is the polynomial.
            bool isFirst = iteration == 0;
            bool hasMore = iteration + 1 < iterations;
            int polynomial = PolynomialAfter(iteration, gram, square);
            int factor = isFirst ? polynomial : gram + 4 * square;
            Factor(room, gram, tiles, factor);
            Multiply(
                room, factor, tiles, gram, hasMore, product, PolynomialAfter(iteration + 1, gram, square), !isFirst, polynomial);
            if (hasMore)
            {
                Multiply(room, factor, tiles, product, true, gram, product, false, product);
            }
        }
    }

    /// <summary>Where the polynomial is after an iteration: by turns in two squares, as the one before is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PolynomialAfter(int iteration, int gram, int square) => gram + (1 + (iteration & 1)) * square;

    /// <summary>B = a + b A + c A A.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Factor(ArrayView<Float4> room, int gram, MatrixTiles tiles, int factor)
    {
        int row = tiles.Row;
        for (int task = Group.IdxX; task < tiles.Tasks(row); task += Group.DimX)
        {
            int column = tiles.Column(task);
            int block = tiles.Line(task);
            int place = Four * block * row + column;
            Tile4 linear = Tile4.Load(room, gram + place, row).Times(NewtonSchulz.B);
            Products(room, gram + column, gram + block, row, row)
                .TimesPlus(NewtonSchulz.C, linear)
                .Plus(Tile4.Diagonal(block == column ? NewtonSchulz.A : 0f))
                .Store(room, factor + place, row);
        }

        Group.Barrier();
    }

    /// <summary>
    /// One or two products with a square, of squares that commute with it, which are as good by rows as by columns; with two by
    /// other threads each.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(
        ArrayView<Float4> room, int factor, MatrixTiles tiles,
        int first, bool hasFirst, int firstProduct, int second, bool hasSecond, int secondProduct)
    {
        int row = tiles.Row;
        int tasks = tiles.Tasks(row);
        int begin = hasFirst ? 0 : tasks;
        int end = hasSecond ? 2 * tasks : tasks;
        for (int number = begin + Group.IdxX; number < end; number += Group.DimX)
        {
            bool isSecond = number >= tasks;
            int task = isSecond ? number - tasks : number;
            int column = tiles.Column(task);
            int block = tiles.Line(task);
            Products(room, factor + column, (isSecond ? second : first) + block, row, row)
                .Store(room, (isSecond ? secondProduct : firstProduct) + Four * block * row + column, row);
        }

        Group.Barrier();
    }

    /// <summary>Four times four sums over some columns of the products of two of their values, four columns at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Tile4 Products(ArrayView<Float4> room, int left, int right, int row, int quads)
    {
        Tile4 sums = default;
        for (int i = 0; i < quads; i++)
        {
            // Views: with them what differs between loads is a constant.
            ArrayView<Float4> columns = room.SubView(left + Four * i * row);
            ArrayView<Float4> rows = room.SubView(right + Four * i * row);
            sums = sums.PlusProducts(Tile4.Load(columns, 0, row), Tile4.Load(rows, 0, row));
        }

        return sums;
    }

    /// <summary>The polynomial times X, times a factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Apply(
        ArrayView<Float4> room, int polynomial, MatrixTiles tiles, int quads, float scale, int applied)
    {
        int row = tiles.Row;
        for (int task = Group.IdxX; task < tiles.Tasks(quads); task += Group.DimX)
        {
            int column = tiles.Column(task);
            int block = Four * tiles.Line(task) * row;
            Tile4 sums = default;
            for (int i = 0; i < row; i++)
            {
                sums = sums.PlusProducts(
                    Tile4.Load(room, polynomial + column + Four * i * row, row), Tile4.Load(room, block + i, row).Transposed);
            }

            sums.Times(scale).Store(room, applied + block + column, row);
        }

        Group.Barrier();
    }

    /// <summary>Moves the share's weights by the polynomial times X, four rows of a column at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move<TRule>(
        MatrixMemory memory, MatrixShare share, ArrayView<Float4> room, int values, int polynomial, MatrixTiles tiles,
        OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        int row = tiles.Row;
        WeightMatrix matrix = share.Matrix;
        for (int task = Group.IdxX; task < tiles.Tasks(share.End - share.First); task += Group.DimX)
        {
            int block = tiles.Column(task);
            int column = share.First + tiles.Line(task);
            // Asked for now, so that they are there by the time the sums are.
            int place = matrix.Offset + column * matrix.LargerStride + Four * block * matrix.SmallerStride;
            int rows = matrix.Smaller - Four * block;
            MatrixElement element0 = new(memory.Parameters, place, rows > 0);
            MatrixElement element1 = new(memory.Parameters, place + matrix.SmallerStride, rows > 1);
            MatrixElement element2 = new(memory.Parameters, place + 2 * matrix.SmallerStride, rows > 2);
            MatrixElement element3 = new(memory.Parameters, place + 3 * matrix.SmallerStride, rows > 3);
            Float4 sums = default;
            for (int i = 0; i < row; i++)
            {
                Float4 value = room[values + column * row + i];
                Tile4 factors = Tile4.Load(room, polynomial + Four * i * row + block, row);
                sums = factors.R0.TimesPlus(value.C0, sums);
                sums = factors.R1.TimesPlus(value.C1, sums);
                sums = factors.R2.TimesPlus(value.C2, sums);
                sums = factors.R3.TimesPlus(value.C3, sums);
            }

            element0.Move<TRule>(memory.Parameters, sums.C0, matrix, step);
            element1.Move<TRule>(memory.Parameters, sums.C1, matrix, step);
            element2.Move<TRule>(memory.Parameters, sums.C2, matrix, step);
            element3.Move<TRule>(memory.Parameters, sums.C3, matrix, step);
        }
    }
}
