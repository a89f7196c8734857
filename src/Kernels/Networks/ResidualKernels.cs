using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// Layers past which their input goes too, output = input + layers(input), whose plain twin is <c>Model/Layers/Residual</c>.
/// Grid: (sixteen units, block).
/// </summary>
internal static class ResidualKernels
{
    /// <summary>output = input + what the layers made of it.</summary>
    /// <param name="input">(blocks, units, lanes), with its border.</param>
    /// <param name="inner">(blocks, units, lanes): what the layers give.</param>
    /// <param name="output">(blocks, units, lanes), with its border.</param>
    public static void Forward<TInput, TOutput>(ArrayView<float> input, ArrayView<float> inner, ArrayView<float> output)
        where TInput : struct, IUnitSizes
        where TOutput : struct, IUnitSizes
    {
        int first = Grid.IdxX * UnitPlace.UnitsOfThread;
        for (int unit = first; unit < first + UnitPlace.UnitsOfThread && unit < TInput.Units; unit++)
        {
            output[UnitPlace.Bordered<TOutput>(unit)] =
                input[UnitPlace.Bordered<TInput>(unit)] + inner[UnitPlace.Plain<TInput>(unit)];
        }
    }

    /// <summary>Adds the gradient that comes back from the layers to the one that comes back past them.</summary>
    /// <param name="inner">(blocks, units, lanes).</param>
    /// <param name="gradient">(blocks, units, lanes): the output's, which becomes the input's.</param>
    public static void Backward<TInput>(ArrayView<float> inner, ArrayView<float> gradient)
        where TInput : struct, IUnitSizes
    {
        int first = Grid.IdxX * UnitPlace.UnitsOfThread;
        for (int unit = first; unit < first + UnitPlace.UnitsOfThread && unit < TInput.Units; unit++)
        {
            int place = UnitPlace.Plain<TInput>(unit);
            gradient[place] += inner[place];
        }
    }
}
