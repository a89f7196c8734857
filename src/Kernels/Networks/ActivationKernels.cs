using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// An activation of every unit, whose plain twin is <c>Model/Layers/ActivationLayer</c>. Grid: (sixteen units, block).
/// </summary>
internal static class ActivationKernels
{
    /// <summary>output = f(input).</summary>
    /// <param name="input">(blocks, units, lanes), with their border.</param>
    /// <param name="output">(blocks, units, lanes), with their border; may be the input.</param>
    public static void Forward<TSizes, TActivation>(ArrayView<float> input, ArrayView<float> output)
        where TSizes : struct, IUnitSizes
        where TActivation : struct, IActivation
    {
        int first = Grid.IdxX * UnitPlace.UnitsOfThread;
        for (int unit = first; unit < first + UnitPlace.UnitsOfThread && unit < TSizes.Units; unit++)
        {
            int place = UnitPlace.Bordered<TSizes>(unit);
            output[place] = TActivation.Apply(input[place]);
        }
    }

    /// <summary>From the output's gradient to the input's.</summary>
    /// <param name="values">The output; the input, where the activation's derivative is computed of that.</param>
    /// <param name="gradient">(blocks, units, lanes): the output's, which becomes the input's.</param>
    public static void Backward<TSizes, TActivation>(ArrayView<float> values, ArrayView<float> gradient)
        where TSizes : struct, IUnitSizes
        where TActivation : struct, IActivation
    {
        int first = Grid.IdxX * UnitPlace.UnitsOfThread;
        for (int unit = first; unit < first + UnitPlace.UnitsOfThread && unit < TSizes.Units; unit++)
        {
            gradient[UnitPlace.Plain<TSizes>(unit)] *=
                TActivation.Derivative(values[UnitPlace.Bordered<TSizes>(unit)]);
        }
    }
}
