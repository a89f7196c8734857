using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// What is between the two projections of <c>Model/Layers/SelfAttention</c>, its plain twin: for each head
/// <code>
/// shares = softmax(queries * keys' * scale), output = shares * values
/// </code>
/// All are products of small matrices, one for each head of each example. A group works on a block of examples, a thread on
/// one of them.
/// </summary>
internal static class AttentionKernels
{
    /// <summary>Rows, and columns, of a thread's tile.</summary>
    public const int Tile = 4;

    /// <summary>product = left * right, each a matrix for each head. Grid: (tile: (head, four rows, four columns), block).</summary>
    /// <param name="left">(heads, rows, terms), as the steps say.</param>
    /// <param name="right">(heads, terms, columns), as the steps say.</param>
    /// <param name="scale">The factor of the product.</param>
    /// <param name="product">(heads, rows, columns), as the steps say.</param>
    public static void Multiply<TSizes>(ArrayView<float> left, ArrayView<float> right, float scale, ArrayView<float> product)
        where TSizes : struct, IProductSizes
    {
        int columnTiles = Tiles.Count(TSizes.Columns, Tile);
        int rowTiles = Tiles.Count(TSizes.Rows, Tile);
        int beginColumn = Grid.IdxX % columnTiles * Tile;
        int beginRow = Grid.IdxX / columnTiles % rowTiles * Tile;
        int head = Grid.IdxX / (columnTiles * rowTiles);
        int column = Tiles.Start(beginColumn, TSizes.Columns, Tile);
        int row = Tiles.Start(beginRow, TSizes.Rows, Tile);
        int from = (Grid.IdxY * TSizes.LeftBlock + head * TSizes.LeftHead + row * TSizes.LeftRow) * TSizes.Lanes + Group.IdxX;
        int other = (Grid.IdxY * TSizes.RightBlock + head * TSizes.RightHead + column * TSizes.RightColumn) * TSizes.Lanes
            + Group.IdxX;
        Float4 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        for (int term = 0; term < TSizes.Terms; term++)
        {
            Float4 values = Tiles.LoadFour(left, from, TSizes.LeftRow * TSizes.Lanes, TSizes.Rows);
            Float4 others = Tiles.LoadFour(right, other, TSizes.RightColumn * TSizes.Lanes, TSizes.Columns);
            sums0 = others.TimesPlus(values.C0, sums0);
            sums1 = others.TimesPlus(values.C1, sums1);
            sums2 = others.TimesPlus(values.C2, sums2);
            sums3 = others.TimesPlus(values.C3, sums3);
            from += TSizes.LeftTerm * TSizes.Lanes;
            other += TSizes.RightTerm * TSizes.Lanes;
        }

        Float4 factor = Float4.Of(scale);
        int to = (Grid.IdxY * TSizes.ProductBlock + head * TSizes.ProductHead + row * TSizes.ProductRow
            + column * TSizes.ProductColumn) * TSizes.Lanes + Group.IdxX;
        int pitch = TSizes.ProductRow * TSizes.Lanes;
        int step = TSizes.ProductColumn * TSizes.Lanes;
        int skipped = beginColumn - column;
        if (beginRow - row < 1)
        {
            Tiles.StoreFour(sums0.Times(factor), product, to, step, skipped, TSizes.Columns);
        }

        if (TSizes.Rows > 1 && beginRow - row < 2)
        {
            Tiles.StoreFour(sums1.Times(factor), product, to + pitch, step, skipped, TSizes.Columns);
        }

        if (TSizes.Rows > 2 && beginRow - row < 3)
        {
            Tiles.StoreFour(sums2.Times(factor), product, to + 2 * pitch, step, skipped, TSizes.Columns);
        }

        if (TSizes.Rows > 3)
        {
            Tiles.StoreFour(sums3.Times(factor), product, to + 3 * pitch, step, skipped, TSizes.Columns);
        }
    }

    /// <summary>From scores to shares that add up to 1. Grid: (head and query, block).</summary>
    /// <param name="scores">(blocks, heads and queries, keys, lanes): becomes the shares.</param>
    public static void Softmax<TSizes>(ArrayView<float> scores)
        where TSizes : struct, ITokenSizes
    {
        int first = (Grid.IdxY * Grid.DimX + Grid.IdxX) * (TSizes.Tokens * TSizes.Lanes) + Group.IdxX;
        float largest = scores[first];
        for (int key = 1; key < TSizes.Tokens; key++)
        {
            float score = scores[first + key * TSizes.Lanes];

            // What is no number is kept, by the sums below.
            largest = score > largest ? score : largest;
        }

        float total = 0f;
        for (int key = 0; key < TSizes.Tokens; key++)
        {
            int place = first + key * TSizes.Lanes;
            float share = MathF.Exp(scores[place] - largest);
            total += share;
            scores[place] = share;
        }

        float scale = 1f / total;
        for (int key = 0; key < TSizes.Tokens; key++)
        {
            scores[first + key * TSizes.Lanes] *= scale;
        }
    }

    /// <summary>From the shares' gradient to the scores'. Grid: (head and query, block).</summary>
    /// <param name="shares">(blocks, heads and queries, keys, lanes).</param>
    /// <param name="gradient">(blocks, heads and queries, keys, lanes): the shares', which becomes the scores'.</param>
    public static void BackwardSoftmax<TSizes>(ArrayView<float> shares, ArrayView<float> gradient)
        where TSizes : struct, ITokenSizes
    {
        int first = (Grid.IdxY * Grid.DimX + Grid.IdxX) * (TSizes.Tokens * TSizes.Lanes) + Group.IdxX;
        float mean = 0f;
        for (int key = 0; key < TSizes.Tokens; key++)
        {
            int place = first + key * TSizes.Lanes;
            mean = shares[place] * gradient[place] + mean;
        }

        for (int key = 0; key < TSizes.Tokens; key++)
        {
            int place = first + key * TSizes.Lanes;
            gradient[place] = shares[place] * (gradient[place] - mean);
        }
    }
}
