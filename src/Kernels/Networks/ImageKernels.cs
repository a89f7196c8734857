using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>From a set's images to blocks of examples.</summary>
internal static class ImageKernels
{
    /// <summary>
    /// Copies images as the step's shift has them; lanes without an example get background. Grid: (row, block).
    /// </summary>
    /// <param name="images">(256, stride): one row per pixel, this launch's examples first in it.</param>
    /// <param name="stride">Examples from one row of images to the next.</param>
    /// <param name="count">Examples of this launch.</param>
    /// <param name="firstExample">The first example's place in the training set.</param>
    /// <param name="perturbation">How images are rolled.</param>
    /// <param name="output">(blocks, 1, 16, 16, lanes), with its border.</param>
    public static void Load<TSizes>(
        ArrayView<float> images, int stride, int count, int firstExample, Perturbation perturbation, ArrayView<float> output)
        where TSizes : struct, IUnitSizes
    {
        int example = Grid.IdxY * TSizes.Lanes + Group.IdxX;
        bool isThere = example < count;
        int place = isThere ? example : 0;
        int row = Grid.IdxX;
        int to = UnitPlace.Bordered<TSizes>(row * Shape1989.InputSize);
        if (perturbation.MaximumShift == 0)
        {
            int from = row * Shape1989.InputSize * stride + place;
            for (int column = 0; column < Shape1989.InputSize; column++)
            {
                float value = images[from + column * stride];
                output[to + column * TSizes.Lanes] = isThere ? value : Shape1989.PaddingValue;
            }

            return;
        }

        perturbation.Shift(firstExample + place, out int rows, out int columns);
        int source = ((row - rows) & (Shape1989.InputSize - 1)) * Shape1989.InputSize;
        for (int column = 0; column < Shape1989.InputSize; column++)
        {
            float value = images[(source + ((column - columns) & (Shape1989.InputSize - 1))) * stride + place];
            output[to + column * TSizes.Lanes] = isThere ? value : Shape1989.PaddingValue;
        }
    }

    /// <summary>Writes a value everywhere, so that it is on the border.</summary>
    /// <param name="index">The place.</param>
    /// <param name="value">The value.</param>
    /// <param name="output">(blocks, places, lanes).</param>
    public static void Fill(Index1D index, float value, ArrayView<float> output) => output[index] = value;
}
