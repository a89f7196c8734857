using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// The squares that second derivatives are passed back through, by the layers' own kernels. The twin on the host is
/// <c>Model/Simd/SquaredWorkspace</c>.
/// </summary>
internal static class SquareKernels
{
    /// <summary>Squares parameters.</summary>
    /// <param name="index">The parameter.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="squares">Their squares, out.</param>
    public static void Parameters(Index1D index, ArrayView<float> parameters, ArrayView<float> squares)
    {
        float parameter = parameters[index];
        squares[index] = parameter * parameter;
    }

    /// <summary>Squares images.</summary>
    /// <param name="index">X: the example; Y: the pixel.</param>
    /// <param name="batch">Images in.</param>
    /// <param name="squares">(256, stride): their squares, out.</param>
    /// <param name="stride">Examples from one row of squares to the next.</param>
    public static void Images(Index2D index, Batch batch, ArrayView<float> squares, int stride)
    {
        float pixel = batch.Images[index.Y * batch.ImageStride + index.X];
        squares[index.Y * stride + index.X] = pixel * pixel;
    }

    /// <summary>
    /// Squares hidden units and their slopes, which wait where second derivatives will be written. What dropout multiplies with
    /// is squared into H2's.
    /// </summary>
    /// <param name="index">X: the example; Y: the unit.</param>
    /// <param name="batch">Activations, Kept and slopes in, before any delta is written.</param>
    /// <param name="squares">Activations, Kept and Deltas out.</param>
    /// <param name="perturbation">What dropout dropped.</param>
    public static void Units<THidden>(Index2D index, Batch batch, Batch squares, Perturbation perturbation)
        where THidden : struct, IActivation
    {
        int place = index.Y * batch.Stride + index.X;
        float value = batch.Activations[place];
        float slope = THidden.DerivativeNeedsSum ? batch.Deltas[place] : THidden.Derivative(value);
        squares.Activations[place] = value * value;
        int h2 = index.Y - Layout.H2Row;
        if (perturbation.Drops && h2 >= 0 && h2 < Layout.H2Units)
        {
            Float4 factors = Float4.KeepFactors(perturbation, batch.First + index.X, h2 / Shape1989.H2Size);
            int column = h2 % Shape1989.H2Size;
            slope *= column == 0 ? factors.C0 : column == 1 ? factors.C1 : column == 2 ? factors.C2 : factors.C3;
            float kept = batch.Kept[h2 * batch.Stride + index.X];
            squares.Kept[h2 * batch.Stride + index.X] = kept * kept;
        }

        squares.Deltas[place] = slope * slope;
    }
}
