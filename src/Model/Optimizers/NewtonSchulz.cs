using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Numbers;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// Makes a matrix nearly orthogonal: U S V^T becomes U S' V^T with S' between about 0.7 and 1.2. Five iterations of
/// X = a X + (b A + c A A) X with A = X X^T, from the matrix divided by its Frobenius norm; X lies on its longer side. The
/// quintic is Jordan's (https://kellerjordan.github.io/posts/muon/), which PyTorch has as well.
/// </summary>
/// <remarks>
/// Rows are filled up with zeros to whole vectors, which change no sum. The order of all sums is fixed by the matrix's shape.
/// </remarks>
internal sealed unsafe class NewtonSchulz : IDisposable
{
    /// <summary>The quintic's coefficients.</summary>
    public const float A = 3.4445f;

    /// <inheritdoc cref="A"/>
    public const float B = -4.7750f;

    /// <inheritdoc cref="A"/>
    public const float C = 2.0315f;

    /// <summary>How often it is applied.</summary>
    public const int Iterations = 5;

    /// <summary>The least norm that a matrix is divided by.</summary>
    public const float Epsilon = 1e-7f;

    private const int Lanes = 16;

    private readonly AlignedFloats _matrix;
    private readonly AlignedFloats _next;
    private readonly AlignedFloats _gram;
    private readonly AlignedFloats _factor;

    /// <summary>Makes room.</summary>
    /// <param name="matrices">The matrices there are, one after the other.</param>
    public NewtonSchulz(IReadOnlyList<WeightMatrix> matrices)
    {
        ArgumentNullException.ThrowIfNull(matrices);
        _matrix = new AlignedFloats(matrices.Max(matrix => matrix.Smaller * Padded(matrix.Larger)));
        _next = new AlignedFloats(_matrix.Count);
        _gram = new AlignedFloats(matrices.Max(matrix => matrix.Smaller * Padded(matrix.Smaller)));
        _factor = new AlignedFloats(_gram.Count);
    }

    /// <summary>Makes a matrix nearly orthogonal.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="values">(rows, columns), in and out.</param>
    public void Orthogonalize(in WeightMatrix shape, Span<float> values)
    {
        int rows = shape.Smaller;
        int columns = shape.Larger;
        int stride = Padded(columns);
        int gramStride = Padded(rows);
        double square = 0;
        foreach (float value in values[..(rows * columns)])
        {
            square += (double)value * value;
        }

        // A matrix of zeros stays one, and what is not finite is seen by whoever looks at the parameters.
        float norm = (float)Math.Sqrt(square);
        norm = norm < Epsilon ? Epsilon : norm;
        float* matrix = _matrix.Pointer;
        float* next = _next.Pointer;
        new Span<float>(matrix, rows * stride).Clear();
        new Span<float>(_gram.Pointer, rows * gramStride).Clear();
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                matrix[row * stride + column] = values[row * shape.SmallerStride + column * shape.LargerStride] / norm;
            }
        }

        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            Gram(matrix, rows, stride, _gram.Pointer, gramStride);

            // b A + c A A, and a on its diagonal: with it the last product is the whole of the next matrix.
            Product(_gram.Pointer, rows, gramStride, _gram.Pointer, gramStride, _factor.Pointer);
            Polynomial(_gram.Pointer, _factor.Pointer, rows, gramStride);
            Product(_factor.Pointer, rows, gramStride, matrix, stride, next);
            float* done = matrix;
            matrix = next;
            next = done;
        }

        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                values[row * shape.SmallerStride + column * shape.LargerStride] = matrix[row * stride + column];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _matrix.Dispose();
        _next.Dispose();
        _gram.Dispose();
        _factor.Dispose();
    }

    private static int Padded(int count) => (count + Lanes - 1) / Lanes * Lanes;

    private static void Polynomial(float* gram, float* factor, int rows, int stride)
    {
        for (int row = 0; row < rows; row++)
        {
            float* of = factor + row * stride;
            for (int i = 0; i < stride; i += Lanes)
            {
                Vector512.MultiplyAddEstimate(
                    Vector512.Create(C), Vector512.LoadAligned(of + i),
                    Vector512.Create(B) * Vector512.LoadAligned(gram + row * stride + i)).StoreAligned(of + i);
            }

            of[row] += A;
        }
    }

    /// <summary>The products of all pairs of rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gram(float* matrix, int rows, int stride, float* gram, int gramStride)
    {
        for (int row = 0; row < rows; row++)
        {
            float* one = matrix + row * stride;
            int other = 0;
            for (; other + 4 <= row + 1; other += 4)
            {
                float* first = matrix + other * stride;
                Wide sum0 = Wide.Zero;
                Wide sum1 = Wide.Zero;
                Wide sum2 = Wide.Zero;
                Wide sum3 = Wide.Zero;
                for (int i = 0; i < stride; i += Lanes)
                {
                    Wide value = Vector512.LoadAligned(one + i);
                    sum0 = Vector512.MultiplyAddEstimate(value, Vector512.LoadAligned(first + i), sum0);
                    sum1 = Vector512.MultiplyAddEstimate(value, Vector512.LoadAligned(first + i + stride), sum1);
                    sum2 = Vector512.MultiplyAddEstimate(value, Vector512.LoadAligned(first + i + 2 * stride), sum2);
                    sum3 = Vector512.MultiplyAddEstimate(value, Vector512.LoadAligned(first + i + 3 * stride), sum3);
                }

                Keep(gram, gramStride, row, other, sum0);
                Keep(gram, gramStride, row, other + 1, sum1);
                Keep(gram, gramStride, row, other + 2, sum2);
                Keep(gram, gramStride, row, other + 3, sum3);
            }

            for (; other <= row; other++)
            {
                Wide sum = Wide.Zero;
                for (int i = 0; i < stride; i += Lanes)
                {
                    sum = Vector512.MultiplyAddEstimate(
                        Vector512.LoadAligned(one + i), Vector512.LoadAligned(matrix + other * stride + i), sum);
                }

                Keep(gram, gramStride, row, other, sum);
            }
        }
    }

    private static void Keep(float* gram, int stride, int row, int other, Wide lanes)
    {
        float sum = Vector512.Sum(lanes);
        gram[row * stride + other] = sum;
        gram[other * stride + row] = sum;
    }

    /// <summary>(rows, rows) times (rows, columns).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Product(float* left, int rows, int leftStride, float* right, int stride, float* product)
    {
        int row = 0;
        for (; row + 4 <= rows; row += 4)
        {
            float* factors = left + row * leftStride;
            for (int column = 0; column < stride; column += Lanes)
            {
                Wide sum0 = Wide.Zero;
                Wide sum1 = Wide.Zero;
                Wide sum2 = Wide.Zero;
                Wide sum3 = Wide.Zero;
                for (int i = 0; i < rows; i++)
                {
                    Wide value = Vector512.LoadAligned(right + i * stride + column);
                    sum0 = Vector512.MultiplyAddEstimate(Vector512.Create(factors[i]), value, sum0);
                    sum1 = Vector512.MultiplyAddEstimate(Vector512.Create(factors[i + leftStride]), value, sum1);
                    sum2 = Vector512.MultiplyAddEstimate(Vector512.Create(factors[i + 2 * leftStride]), value, sum2);
                    sum3 = Vector512.MultiplyAddEstimate(Vector512.Create(factors[i + 3 * leftStride]), value, sum3);
                }

                float* to = product + row * stride + column;
                sum0.StoreAligned(to);
                sum1.StoreAligned(to + stride);
                sum2.StoreAligned(to + 2 * stride);
                sum3.StoreAligned(to + 3 * stride);
            }
        }

        for (; row < rows; row++)
        {
            for (int column = 0; column < stride; column += Lanes)
            {
                Wide sum = Wide.Zero;
                for (int i = 0; i < rows; i++)
                {
                    sum = Vector512.MultiplyAddEstimate(
                        Vector512.Create(left[row * leftStride + i]), Vector512.LoadAligned(right + i * stride + column), sum);
                }

                sum.StoreAligned(product + row * stride + column);
            }
        }
    }
}
