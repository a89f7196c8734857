namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// The sizes of matrix products, one for each head of each example, and the steps from one of a matrix's numbers to the next,
/// as compile-time constants of a kernel.
/// </summary>
internal interface IProductSizes
{
    /// <summary>Examples of a block.</summary>
    static abstract int Lanes { get; }

    /// <summary>Heads.</summary>
    static abstract int Heads { get; }

    /// <summary>Rows of the left matrix and of the product.</summary>
    static abstract int Rows { get; }

    /// <summary>Columns of the right matrix and of the product.</summary>
    static abstract int Columns { get; }

    /// <summary>Terms of each sum: columns of the left matrix, rows of the right one.</summary>
    static abstract int Terms { get; }

    /// <summary>From an example's left matrices to the next example's.</summary>
    static abstract int LeftBlock { get; }

    /// <summary>From a head's left matrix to the next head's.</summary>
    static abstract int LeftHead { get; }

    /// <summary>From a row of the left matrix to the next.</summary>
    static abstract int LeftRow { get; }

    /// <summary>From a column of the left matrix to the next.</summary>
    static abstract int LeftTerm { get; }

    /// <summary>From an example's right matrices to the next example's.</summary>
    static abstract int RightBlock { get; }

    /// <summary>From a head's right matrix to the next head's.</summary>
    static abstract int RightHead { get; }

    /// <summary>From a column of the right matrix to the next.</summary>
    static abstract int RightColumn { get; }

    /// <summary>From a row of the right matrix to the next.</summary>
    static abstract int RightTerm { get; }

    /// <summary>From an example's products to the next example's.</summary>
    static abstract int ProductBlock { get; }

    /// <summary>From a head's product to the next head's.</summary>
    static abstract int ProductHead { get; }

    /// <summary>From a row of the product to the next.</summary>
    static abstract int ProductRow { get; }

    /// <summary>From a column of the product to the next.</summary>
    static abstract int ProductColumn { get; }
}
