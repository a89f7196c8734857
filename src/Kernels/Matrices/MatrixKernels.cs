using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>
/// The end of a step that moves whole matrices: a group of threads per matrix makes its direction nearly orthogonal, as
/// <see cref="NewtonSchulz"/> does, and moves it; one more moves what is no matrix.
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
    public const int Threads = 1024;

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

    /// <summary>A step. Grid: a group per matrix, and one for what is no matrix.</summary>
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
        if (Grid.IdxX == memory.Matrices.IntLength)
        {
            MoveOthers<TVectors>(memory, step);
            return;
        }

        WeightMatrix matrix = memory.Matrices[Grid.IdxX];
        ArrayView<Float4> room = TRoom.Of(memory);
        MatrixTiles tiles = new((matrix.Smaller + Four - 1) / Four);
        int row = tiles.Row;
        int columns = (matrix.Larger + Four - 1) / Four * Four;
        int square = Four * row * row;
        int squares = columns * row;
        int gram = squares + Four * square;
        int factor = squares;
        int product = squares + square;
        int values = 0;
        Load<TRule>(memory, matrix, Four * row, columns, room.Cast<float>(), step);
        Group.Barrier();
        for (int block = 0; block < Blocks; block++)
        {
            float inverse = Gram(room, values, columns, squares, tiles, gram, block == 0);
            int polynomial = squares + 2 * square;
            int next = squares + 3 * square;
            int iterations = block == 0 ? IterationsOfFirstBlock : NewtonSchulz.Iterations - IterationsOfFirstBlock;
            for (int iteration = 0; iteration < iterations; iteration++)
            {
                // The first factor is the polynomial.
                Factor(room, gram, tiles, factor, iteration == 0 ? polynomial : factor);
                Group.Barrier();
                bool hasMore = iteration + 1 < iterations;
                Multiply(room, factor, tiles, gram, hasMore, product, polynomial, iteration > 0, next);
                Group.Barrier();
                if (iteration > 0)
                {
                    int spare = polynomial;
                    polynomial = next;
                    next = spare;
                }

                if (hasMore)
                {
                    Multiply(room, factor, tiles, product, true, gram, product, false, product);
                    Group.Barrier();
                }
            }

            int applied = TRoom.HasSecondValues && block == 0 ? gram + square : 0;
            Apply<TRoom>(room, polynomial, tiles, values, columns, inverse, applied);
            Group.Barrier();
            values = applied;
        }

        Move<TRule>(memory, matrix, Four * row, columns, room.Cast<float>().SubView(Four * values), step);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MoveOthers<TVectors>(MatrixMemory memory, OptimizerConstants step)
        where TVectors : struct, IUpdateRule
    {
        for (int i = Group.IdxX; i < memory.Others.IntLength; i += Group.DimX)
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

    /// <summary>The direction into the room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<TRule>(
        MatrixMemory memory, WeightMatrix matrix, int rows, int columns, ArrayView<float> values, OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        MatrixWalk walk = new(matrix, rows, columns);
        int elements = walk.Count;
        for (int i = Group.IdxX; i < elements; i += Four * Group.DimX)
        {
            // Four at once: none waits for the memory of another.
            MatrixElement element0 = walk.Next();
            MatrixElement element1 = walk.Next();
            MatrixElement element2 = walk.Next();
            MatrixElement element3 = walk.Next();
            float gradient0 = Read(memory.Gradient, element0);
            float gradient1 = Read(memory.Gradient, element1);
            float gradient2 = Read(memory.Gradient, element2);
            float gradient3 = Read(memory.Gradient, element3);
            float momentum0 = Read(memory.State1, element0);
            float momentum1 = Read(memory.State1, element1);
            float momentum2 = Read(memory.State1, element2);
            float momentum3 = Read(memory.State1, element3);
            Direct<TRule>(memory.State1, element0, gradient0, momentum0, values, step);
            Direct<TRule>(memory.State1, element1, gradient1, momentum1, values, step);
            Direct<TRule>(memory.State1, element2, gradient2, momentum2, values, step);
            Direct<TRule>(memory.State1, element3, gradient3, momentum3, values, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Read(ArrayView<float> view, MatrixElement element) => element.IsInside ? view[element.Place] : 0f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Direct<TRule>(
        ArrayView<float> momenta, MatrixElement element, float gradient, float momentum, ArrayView<float> values, OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        if (element.Cell >= 0)
        {
            float direction = 0f;
            if (element.IsInside)
            {
                direction = TRule.Direction(gradient, ref momentum, step);
                momenta[element.Place] = momentum;
            }

            values[element.Cell] = direction;
        }
    }

    /// <summary>
    /// X X^T, in four parts that are added up; of the first also the division by the norm, whose square is its trace. Where that is too
    /// large, X is made smaller before.
    /// </summary>
    /// <returns>What X is to be multiplied with.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Gram(
        ArrayView<Float4> room, int values, int columns, int squares, MatrixTiles tiles, int gram, bool isFirst)
    {
        int row = tiles.Row;
        int square = Four * row * row;
        int quads = columns / Four;
        int quadsOfPart = (quads + Four - 1) / Four;
        ArrayView<float> scalars = room.Cast<float>();
        float inverse = 1f;

        // All threads have the same trace, and go round again together.
        bool isDone = false;
        for (int attempt = 0; attempt < 2 && !isDone; attempt++)
        {
            // Tasks of a line go through the parts before those of the next line, so that a part's number needs no division either.
            for (int task = Group.IdxX; task < tiles.Tasks(Four * row); task += Group.DimX)
            {
                int column = tiles.Column(task);
                int part = tiles.Line(task) & (Four - 1);
                int block = tiles.Line(task) / Four;
                if (column < row)
                {
                    int first = part * quadsOfPart;
                    int end = first + quadsOfPart < quads ? first + quadsOfPart : quads;
                    int place = values + Four * first * row;
                    Tile4 sums = Products(room, place + column, place + block, row, end - first);
                    Store(room, squares + part * square, row, block, column, sums);
                }
            }

            Group.Barrier();
            for (int i = Group.IdxX; i < square; i += Group.DimX)
            {
                room[gram + i] = room[squares + i].Plus(room[squares + square + i])
                    .Plus(room[squares + 2 * square + i].Plus(room[squares + 3 * square + i]));
            }

            Group.Barrier();
            isDone = true;
            if (isFirst)
            {
                // One thread adds up, and says it where nothing is any more.
                if (Group.IdxX == 0)
                {
                    float sum = Trace(scalars, Four * gram, row);
                    float norm = MathF.Sqrt(sum);
                    scalars[Four * squares] = sum;
                    scalars[Four * squares + 1] = 1f / (norm < NewtonSchulz.Epsilon ? NewtonSchulz.Epsilon : norm);
                }

                Group.Barrier();
                inverse = scalars[Four * squares + 1];
                isDone = attempt == 1 || scalars[Four * squares] < MostTrace;
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

        if (!isFirst)
        {
            return 1f;
        }

        Float4 scale = Float4.Of(inverse * inverse);
        for (int i = Group.IdxX; i < square; i += Group.DimX)
        {
            room[gram + i] = room[gram + i].Times(scale);
        }

        Group.Barrier();
        return inverse;
    }

    /// <summary>The sum of a square's diagonal, which is 0 in rows that fill up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Trace(ArrayView<float> scalars, int square, int row)
    {
        int along = Four * row + 1;
        int diagonal = square;
        float sum0 = 0f;
        float sum1 = 0f;
        float sum2 = 0f;
        float sum3 = 0f;
        for (int i = 0; i < row; i++)
        {
            sum0 += scalars[diagonal];
            sum1 += scalars[diagonal + along];
            sum2 += scalars[diagonal + 2 * along];
            sum3 += scalars[diagonal + 3 * along];
            diagonal += Four * along;
        }

        return sum0 + sum1 + (sum2 + sum3);
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
    private static void Factor(ArrayView<Float4> room, int gram, MatrixTiles tiles, int factor, int again)
    {
        int row = tiles.Row;
        for (int task = Group.IdxX; task < tiles.Tasks(row); task += Group.DimX)
        {
            int column = tiles.Column(task);
            int block = tiles.Line(task);
            if (column < row)
            {
                Tile4 sums = Products(room, gram + column, gram + block, row, row);
                int place = gram + Four * block * row + column;
                float diagonal = block == column ? NewtonSchulz.A : 0f;
                Tile4 sum = new()
                {
                    R0 = Polynomial(sums.R0, room[place]).Plus(Float4.Of(diagonal, 0f, 0f, 0f)),
                    R1 = Polynomial(sums.R1, room[place + row]).Plus(Float4.Of(0f, diagonal, 0f, 0f)),
                    R2 = Polynomial(sums.R2, room[place + 2 * row]).Plus(Float4.Of(0f, 0f, diagonal, 0f)),
                    R3 = Polynomial(sums.R3, room[place + 3 * row]).Plus(Float4.Of(0f, 0f, 0f, diagonal)),
                };
                Store(room, factor, row, block, column, sum);
                if (again != factor)
                {
                    Store(room, again, row, block, column, sum);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float4 Polynomial(Float4 squared, Float4 values) =>
        squared.TimesPlus(NewtonSchulz.C, values.Times(Float4.Of(NewtonSchulz.B)));

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
            if (column < row)
            {
                Tile4 sums = Products(room, factor + column, (isSecond ? second : first) + block, row, row);
                Store(room, isSecond ? secondProduct : firstProduct, row, block, column, sums);
            }
        }
    }

    /// <summary>Four times four sums over some columns of the products of two of their values, four columns at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Tile4 Products(ArrayView<Float4> room, int left, int right, int row, int quads)
    {
        Tile4 sums = default;
        for (int i = 0; i < quads; i++)
        {
            Float4 left0 = room[left];
            Float4 left1 = room[left + row];
            Float4 left2 = room[left + 2 * row];
            Float4 left3 = room[left + 3 * row];
            Float4 right0 = room[right];
            Float4 right1 = room[right + row];
            Float4 right2 = room[right + 2 * row];
            Float4 right3 = room[right + 3 * row];
            sums = sums.Plus(left0, right0).Plus(left1, right1).Plus(left2, right2).Plus(left3, right3);
            left += Four * row;
            right += Four * row;
        }

        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ArrayView<Float4> room, int square, int row, int block, int column, Tile4 sums)
    {
        int place = square + Four * block * row + column;
        room[place] = sums.R0;
        room[place + row] = sums.R1;
        room[place + 2 * row] = sums.R2;
        room[place + 3 * row] = sums.R3;
    }

    /// <summary>Four rows of four columns of the polynomial times X.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Tile4 Applied(ArrayView<Float4> room, int polynomial, int row, int values, int block, int rows)
    {
        int column = values + Four * block * row;
        int place = polynomial + rows;
        Tile4 sums = default;
        for (int i = 0; i < row; i++)
        {
            Float4 column0 = room[column];
            Float4 column1 = room[column + row];
            Float4 column2 = room[column + 2 * row];
            Float4 column3 = room[column + 3 * row];
            sums = sums.Plus(room[place], Float4.Of(column0.C0, column1.C0, column2.C0, column3.C0))
                .Plus(room[place + row], Float4.Of(column0.C1, column1.C1, column2.C1, column3.C1))
                .Plus(room[place + 2 * row], Float4.Of(column0.C2, column1.C2, column2.C2, column3.C2))
                .Plus(room[place + 3 * row], Float4.Of(column0.C3, column1.C3, column2.C3, column3.C3));
            column++;
            place += Four * row;
        }

        return sums;
    }

    /// <summary>The polynomial times X, times a factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Apply<TRoom>(
        ArrayView<Float4> room, int polynomial, MatrixTiles tiles, int values, int columns, float scale, int applied)
        where TRoom : struct, IMatrixRoom
    {
        int row = tiles.Row;
        int tasks = tiles.Tasks(columns / Four);
        Float4 factor = Float4.Of(scale);
        if (TRoom.HasSecondValues)
        {
            for (int task = Group.IdxX; task < tasks; task += Group.DimX)
            {
                if (tiles.Column(task) < row)
                {
                    Tile4 sums = Applied(room, polynomial, row, values, tiles.Line(task), tiles.Column(task));
                    StoreApplied(room, applied, row, tiles.Line(task), tiles.Column(task), sums, factor);
                }
            }

            return;
        }

        // Whole columns in a round, so that one overwrites nothing that a later one reads.
        int round = tiles.Tasks(tiles.Line(Group.DimX));
        for (int first = 0; first < tasks; first += round)
        {
            int task = first + Group.IdxX;
            bool takesPart = Group.IdxX < round && task < tasks && tiles.Column(task) < row;
            Tile4 sums = default;
            if (takesPart)
            {
                sums = Applied(room, polynomial, row, values, tiles.Line(task), tiles.Column(task));
            }

            Group.Barrier();
            if (takesPart)
            {
                StoreApplied(room, applied, row, tiles.Line(task), tiles.Column(task), sums, factor);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreApplied(
        ArrayView<Float4> room, int applied, int row, int block, int column, Tile4 sums, Float4 factor) =>
        Store(room, applied, row, block, column, new Tile4
        {
            R0 = sums.R0.Times(factor),
            R1 = sums.R1.Times(factor),
            R2 = sums.R2.Times(factor),
            R3 = sums.R3.Times(factor),
        });

    /// <summary>Moves the weights by the orthogonal matrix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move<TRule>(
        MatrixMemory memory, WeightMatrix matrix, int rows, int columns, ArrayView<float> values, OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        ParameterPlaces parameters = memory.Parameters;
        MatrixWalk walk = new(matrix, rows, columns);
        int elements = walk.Count;
        for (int i = Group.IdxX; i < elements; i += Four * Group.DimX)
        {
            MatrixElement element0 = walk.Next();
            MatrixElement element1 = walk.Next();
            MatrixElement element2 = walk.Next();
            MatrixElement element3 = walk.Next();
            float parameter0 = Read(parameters.Values, element0);
            float parameter1 = Read(parameters.Values, element1);
            float parameter2 = Read(parameters.Values, element2);
            float parameter3 = Read(parameters.Values, element3);
            ParameterCopies copies0 = Find(parameters, element0);
            ParameterCopies copies1 = Find(parameters, element1);
            ParameterCopies copies2 = Find(parameters, element2);
            ParameterCopies copies3 = Find(parameters, element3);
            MoveOne<TRule>(parameters, matrix, element0, copies0, parameter0, values, step);
            MoveOne<TRule>(parameters, matrix, element1, copies1, parameter1, values, step);
            MoveOne<TRule>(parameters, matrix, element2, copies2, parameter2, values, step);
            MoveOne<TRule>(parameters, matrix, element3, copies3, parameter3, values, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ParameterCopies Find(ParameterPlaces parameters, MatrixElement element) =>
        parameters.CopiesOf(element.Place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MoveOne<TRule>(
        ParameterPlaces parameters, WeightMatrix matrix, MatrixElement element, ParameterCopies copies, float parameter,
        ArrayView<float> values, OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        if (element.IsInside)
        {
            parameters.Set(element.Place, copies, TRule.Moved(parameter, values[element.Cell], matrix, step));
        }
    }
}
