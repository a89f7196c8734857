using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>
/// The end of a step that moves whole matrices: a group of threads per matrix makes its direction nearly orthogonal, as
/// <see cref="NewtonSchulz"/> does, and moves it; all groups share what is no matrix.
/// </summary>
/// <remarks>
/// Every iterate of X is a polynomial in A = X X^T times X, and these polynomials commute. So two iterations, and then three, are
/// taken on squares of the smaller side alone: with B = a + b A + c A A the next A is (B A) B, and the product of the B is applied to
/// X once. That takes half the products of the iteration as it is written. Five at once would take fewer still, but small
/// singular values, which A has squared, would then be off by up to a thousandth of the largest.
/// <para>
/// X is kept by columns of the smaller side, whose float4s are filled up with zeros. No sum's order depends on the threads.
/// </para>
/// </remarks>
internal static class MatrixKernels
{
    /// <summary>Threads of a group on a GPU.</summary>
    public const int Threads = 256;

    private const int Four = 4;
    private const int Blocks = 2;
    private const int IterationsOfFirstBlock = 2;

    // A norm of 1e15: the squares of larger values, and the inverse of theirs, leave a float32's range. A power of two changes no bit.
    private const float MostTrace = 1e30f;
    private const float Shrink = 1f / (1UL << 40) / (1UL << 40);

    /// <summary>Float4s that a matrix takes: its values, once or twice, and five squares of its smaller side.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="hasSecondValues">Whether its values are there twice.</param>
    public static long Float4s(in WeightMatrix matrix, bool hasSecondValues)
    {
        long row = (matrix.Smaller + Four - 1) / Four;
        long columns = (matrix.Larger + Four - 1) / Four * Four;
        return (hasSecondValues ? 2 : 1) * columns * row + 5 * Four * row * row;
    }

    /// <summary>A step. Grid: a group per matrix.</summary>
    /// <param name="memory">What it works on.</param>
    /// <param name="step">The step's constants.</param>
    public static void Step<TRule, TVectors, TRoom>(MatrixMemory memory, OptimizerConstants step)
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule
        where TRoom : struct, IMatrixRoom => Take<TRule, TVectors, TRoom>(memory, step);

    /// <summary>The same within another kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Take<TRule, TVectors, TRoom>(MatrixMemory memory, OptimizerConstants step)
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule
        where TRoom : struct, IMatrixRoom
    {
        MoveOthers<TVectors>(memory, step);
        WeightMatrix matrix = memory.Matrices[Grid.IdxX];
        ArrayView<Float4> room = TRoom.Of(memory);
        int row = (matrix.Smaller + Four - 1) / Four;
        int columns = (matrix.Larger + Four - 1) / Four * Four;
        int square = Four * row * row;
        int squares = columns * row;
        int gram = squares + Four * square;
        int factor = squares;
        int product = squares + square;
        int values = 0;
        Load<TRule>(memory, matrix, row, columns, room.Cast<float>(), step);
        Group.Barrier();
        float inverse = 1f;
        for (int block = 0; block < Blocks; block++)
        {
            inverse = Gram(room, values, columns, squares, row, matrix.Smaller, gram, block == 0);
            int polynomial = squares + 2 * square;
            int next = squares + 3 * square;
            int iterations = block == 0 ? IterationsOfFirstBlock : NewtonSchulz.Iterations - IterationsOfFirstBlock;
            for (int iteration = 0; iteration < iterations; iteration++)
            {
                // The first factor is the polynomial.
                Factor(room, gram, row, factor, iteration == 0 ? polynomial : factor);
                Group.Barrier();
                if (iteration > 0)
                {
                    Multiply(room, factor, polynomial, row, next);
                    int spare = polynomial;
                    polynomial = next;
                    next = spare;
                }

                if (iteration + 1 < iterations)
                {
                    Multiply(room, factor, gram, row, product);
                    Group.Barrier();
                    Multiply(room, product, factor, row, gram);
                }

                Group.Barrier();
            }

            if (block + 1 < Blocks)
            {
                int applied = TRoom.HasSecondValues ? gram + square : values;
                Apply<TRoom>(room, polynomial, row, values, columns, inverse, applied);
                Group.Barrier();
                values = applied;
            }
            else
            {
                Move<TRule>(memory, matrix, room, polynomial, row, values, columns, step);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MoveOthers<TVectors>(MatrixMemory memory, OptimizerConstants step)
        where TVectors : struct, IUpdateRule
    {
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < memory.Others.IntLength; i += Grid.DimX * Group.DimX)
        {
            int place = memory.Others[i];
            float parameter = memory.Parameters.Values[place];
            float first = memory.State1[place];
            float second = memory.State2[place];
            TVectors.Update(ref parameter, memory.Gradient[place], ref first, ref second, step);
            memory.State1[place] = first;
            memory.State2[place] = second;
            memory.Parameters.Set(place, parameter);
        }
    }

    /// <summary>The direction into the room; neighbouring threads read neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<TRule>(
        MatrixMemory memory, WeightMatrix matrix, int row, int columns, ArrayView<float> values, OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        int rows = Four * row;
        int along = matrix.LargerStride == 1 ? columns : rows;
        for (int i = Group.IdxX; i < rows * columns; i += Group.DimX)
        {
            int slow = i / along;
            int fast = i - slow * along;
            int column = matrix.LargerStride == 1 ? fast : slow;
            int r = matrix.LargerStride == 1 ? slow : fast;
            float value = 0f;
            if (r < matrix.Smaller && column < matrix.Larger)
            {
                int place = matrix.Offset + r * matrix.SmallerStride + column * matrix.LargerStride;
                float momentum = memory.State1[place];
                value = TRule.Direction(memory.Gradient[place], ref momentum, step);
                memory.State1[place] = momentum;
            }

            values[column * rows + r] = value;
        }
    }

    /// <summary>
    /// X X^T, in four parts that are added up; of the first also the division by the norm, whose square is its trace. Where that is too
    /// large, X is made smaller before.
    /// </summary>
    /// <returns>What X is to be multiplied with.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Gram(
        ArrayView<Float4> room, int values, int columns, int squares, int row, int smaller, int gram, bool isFirst)
    {
        int tiles = row * row;
        int square = Four * tiles;
        int columnsOfPart = columns / Four;
        float inverse = 1f;

        // All threads have the same trace, and go round again together.
        bool isDone = false;
        for (int attempt = 0; attempt < 2 && !isDone; attempt++)
        {
            for (int task = Group.IdxX; task < Four * tiles; task += Group.DimX)
            {
                int part = task / tiles;
                int tile = task - part * tiles;
                int first = values + part * columnsOfPart * row;
                Tile4 sums = Products(room, first, first, row, columnsOfPart, tile);
                Store(room, squares + part * square, row, tile, sums);
            }

            Group.Barrier();
            isDone = true;
            if (isFirst)
            {
                float trace = Trace(room.Cast<float>(), squares, square, row, smaller);
                float norm = MathF.Sqrt(trace);
                inverse = 1f / (norm < NewtonSchulz.Epsilon ? NewtonSchulz.Epsilon : norm);
                isDone = attempt == 1 || trace < MostTrace;
                if (!isDone)
                {
                    for (int i = Group.IdxX; i < columns * row; i += Group.DimX)
                    {
                        room[values + i] = room[values + i].Times(Float4.Of(Shrink));
                    }

                    Group.Barrier();
                }
            }
        }

        Float4 scale = Float4.Of(inverse * inverse);
        for (int i = Group.IdxX; i < square; i += Group.DimX)
        {
            Float4 sum = room[squares + i].Plus(room[squares + square + i])
                .Plus(room[squares + 2 * square + i].Plus(room[squares + 3 * square + i]));
            room[gram + i] = sum.Times(scale);
        }

        Group.Barrier();
        return inverse;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Trace(ArrayView<float> scalars, int squares, int square, int row, int smaller)
    {
        float trace = 0f;
        for (int r = 0; r < smaller; r++)
        {
            int place = Four * squares + r * (Four * row + 1);
            trace += scalars[place] + scalars[place + Four * square]
                + (scalars[place + 2 * Four * square] + scalars[place + 3 * Four * square]);
        }

        return trace;
    }

    /// <summary>a + b A + c A A.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Factor(ArrayView<Float4> room, int gram, int row, int factor, int again)
    {
        for (int tile = Group.IdxX; tile < row * row; tile += Group.DimX)
        {
            Tile4 sums = Products(room, gram, gram, row, Four * row, tile);
            int block = tile / row;
            int column = tile - block * row;
            float diagonal = block == column ? NewtonSchulz.A : 0f;
            int place = gram + Four * block * row + column;
            Tile4 sum = new()
            {
                R0 = Polynomial(sums.R0, room[place]).Plus(Float4.Of(diagonal, 0f, 0f, 0f)),
                R1 = Polynomial(sums.R1, room[place + row]).Plus(Float4.Of(0f, diagonal, 0f, 0f)),
                R2 = Polynomial(sums.R2, room[place + 2 * row]).Plus(Float4.Of(0f, 0f, diagonal, 0f)),
                R3 = Polynomial(sums.R3, room[place + 3 * row]).Plus(Float4.Of(0f, 0f, 0f, diagonal)),
            };
            Store(room, factor, row, tile, sum);
            if (again != factor)
            {
                Store(room, again, row, tile, sum);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float4 Polynomial(Float4 squared, Float4 values) =>
        squared.TimesPlus(NewtonSchulz.C, values.Times(Float4.Of(NewtonSchulz.B)));

    /// <summary>The product of two squares that commute, which are as good by rows as by columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(ArrayView<Float4> room, int left, int right, int row, int product)
    {
        for (int tile = Group.IdxX; tile < row * row; tile += Group.DimX)
        {
            Store(room, product, row, tile, Products(room, left, right, row, Four * row, tile));
        }
    }

    /// <summary>Four times four sums over <paramref name="count"/> rows of the products of two of their values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Tile4 Products(ArrayView<Float4> room, int left, int right, int row, int count, int tile)
    {
        int block = tile / row;
        int column = tile - block * row;
        Tile4 sums = default;
        for (int i = 0; i < count; i++)
        {
            sums = sums.Plus(room[left + i * row + column], room[right + i * row + block]);
        }

        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ArrayView<Float4> room, int square, int row, int tile, Tile4 sums)
    {
        int block = tile / row;
        int place = square + Four * block * row + (tile - block * row);
        room[place] = sums.R0;
        room[place + row] = sums.R1;
        room[place + 2 * row] = sums.R2;
        room[place + 3 * row] = sums.R3;
    }

    /// <summary>Four rows of four columns of the polynomial times X.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Tile4 Applied(ArrayView<Float4> room, int polynomial, int row, int values, int task)
    {
        int block = task / row;
        int rows = task - block * row;
        int first = values + Four * block * row;
        Tile4 sums = default;
        for (int i = 0; i < row; i++)
        {
            Float4 column0 = room[first + i];
            Float4 column1 = room[first + row + i];
            Float4 column2 = room[first + 2 * row + i];
            Float4 column3 = room[first + 3 * row + i];
            int place = polynomial + Four * i * row + rows;
            sums = sums.Plus(room[place], Float4.Of(column0.C0, column1.C0, column2.C0, column3.C0))
                .Plus(room[place + row], Float4.Of(column0.C1, column1.C1, column2.C1, column3.C1))
                .Plus(room[place + 2 * row], Float4.Of(column0.C2, column1.C2, column2.C2, column3.C2))
                .Plus(room[place + 3 * row], Float4.Of(column0.C3, column1.C3, column2.C3, column3.C3));
        }

        return sums;
    }

    /// <summary>The polynomial times X, times a factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Apply<TRoom>(
        ArrayView<Float4> room, int polynomial, int row, int values, int columns, float scale, int applied)
        where TRoom : struct, IMatrixRoom
    {
        int tasks = columns / Four * row;
        Float4 factor = Float4.Of(scale);
        if (TRoom.HasSecondValues)
        {
            for (int task = Group.IdxX; task < tasks; task += Group.DimX)
            {
                StoreApplied(room, applied, row, task, Applied(room, polynomial, row, values, task), factor);
            }

            return;
        }

        // Whole columns in a round, so that one overwrites nothing that a later one reads.
        int round = Group.DimX / row * row;
        for (int first = 0; first < tasks; first += round)
        {
            int task = first + Group.IdxX;
            bool takesPart = Group.IdxX < round && task < tasks;
            Tile4 sums = default;
            if (takesPart)
            {
                sums = Applied(room, polynomial, row, values, task);
            }

            Group.Barrier();
            if (takesPart)
            {
                StoreApplied(room, applied, row, task, sums, factor);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreApplied(ArrayView<Float4> room, int applied, int row, int task, Tile4 sums, Float4 factor) =>
        Store(room, applied, row, task, new Tile4
        {
            R0 = sums.R0.Times(factor),
            R1 = sums.R1.Times(factor),
            R2 = sums.R2.Times(factor),
            R3 = sums.R3.Times(factor),
        });

    /// <summary>The polynomial times X is the orthogonal matrix, by which the weights are moved.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move<TRule>(
        MatrixMemory memory, WeightMatrix matrix, ArrayView<Float4> room, int polynomial, int row, int values, int columns,
        OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        for (int task = Group.IdxX; task < columns / Four * row; task += Group.DimX)
        {
            Tile4 sums = Applied(room, polynomial, row, values, task);
            int block = task / row;
            int r = Four * (task - block * row);
            MoveColumn<TRule>(memory, matrix, Four * block, r, sums.R0, step);
            MoveColumn<TRule>(memory, matrix, Four * block + 1, r, sums.R1, step);
            MoveColumn<TRule>(memory, matrix, Four * block + 2, r, sums.R2, step);
            MoveColumn<TRule>(memory, matrix, Four * block + 3, r, sums.R3, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MoveColumn<TRule>(
        MatrixMemory memory, WeightMatrix matrix, int column, int r, Float4 orthogonal, OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        if (column < matrix.Larger)
        {
            MoveOne<TRule>(memory, matrix, column, r, orthogonal.C0, step);
            MoveOne<TRule>(memory, matrix, column, r + 1, orthogonal.C1, step);
            MoveOne<TRule>(memory, matrix, column, r + 2, orthogonal.C2, step);
            MoveOne<TRule>(memory, matrix, column, r + 3, orthogonal.C3, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MoveOne<TRule>(
        MatrixMemory memory, WeightMatrix matrix, int column, int r, float orthogonal, OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        if (r < matrix.Smaller)
        {
            int place = matrix.Offset + r * matrix.SmallerStride + column * matrix.LargerStride;
            memory.Parameters.Set(place, TRule.Moved(memory.Parameters.Values[place], orthogonal, matrix, step));
        }
    }
}
