using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Randomness;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// Units dropped at random in training, whose plain twin is <c>Model/Layers/Dropout</c>. What is dropped is drawn again on the
/// way back. Grid: (sixteen units, block).
/// </summary>
internal static class DropoutKernels
{
    /// <summary>output = input * factor.</summary>
    /// <param name="input">(blocks, units, lanes), with their border.</param>
    /// <param name="output">(blocks, units, lanes), with their border.</param>
    /// <param name="rule">What is dropped.</param>
    /// <param name="perturbation">The step's.</param>
    public static void Forward<TSizes>(
        ArrayView<float> input, ArrayView<float> output, DropoutRule rule, Perturbation perturbation)
        where TSizes : struct, IUnitSizes
    {
        int first = Grid.IdxX * UnitPlace.UnitsOfThread;
        int example = rule.FirstExample + Grid.IdxY * TSizes.Lanes + Group.IdxX;
        for (int unit = first; unit < first + UnitPlace.UnitsOfThread && unit < TSizes.Units; unit += 4)
        {
            Philox bits = perturbation.DropBits(example, rule.FirstUnits + unit / 4);
            Copy<TSizes>(input, output, unit, rule.Factor(bits.Word0));
            Copy<TSizes>(input, output, unit + 1, rule.Factor(bits.Word1));
            Copy<TSizes>(input, output, unit + 2, rule.Factor(bits.Word2));
            Copy<TSizes>(input, output, unit + 3, rule.Factor(bits.Word3));
        }
    }

    /// <summary>From the output's gradient to the input's.</summary>
    /// <param name="gradient">(blocks, units, lanes): the output's, which becomes the input's.</param>
    /// <param name="rule">What was dropped.</param>
    /// <param name="perturbation">The step's.</param>
    public static void Backward<TSizes>(ArrayView<float> gradient, DropoutRule rule, Perturbation perturbation)
        where TSizes : struct, IUnitSizes
    {
        int first = Grid.IdxX * UnitPlace.UnitsOfThread;
        int example = rule.FirstExample + Grid.IdxY * TSizes.Lanes + Group.IdxX;
        for (int unit = first; unit < first + UnitPlace.UnitsOfThread && unit < TSizes.Units; unit += 4)
        {
            Philox bits = perturbation.DropBits(example, rule.FirstUnits + unit / 4);
            Scale<TSizes>(gradient, unit, rule.Factor(bits.Word0));
            Scale<TSizes>(gradient, unit + 1, rule.Factor(bits.Word1));
            Scale<TSizes>(gradient, unit + 2, rule.Factor(bits.Word2));
            Scale<TSizes>(gradient, unit + 3, rule.Factor(bits.Word3));
        }
    }

    private static void Copy<TSizes>(ArrayView<float> input, ArrayView<float> output, int unit, float factor)
        where TSizes : struct, IUnitSizes
    {
        if (unit < TSizes.Units)
        {
            int place = UnitPlace.Bordered<TSizes>(unit);
            output[place] = input[place] * factor;
        }
    }

    private static void Scale<TSizes>(ArrayView<float> gradient, int unit, float factor)
        where TSizes : struct, IUnitSizes
    {
        if (unit < TSizes.Units)
        {
            gradient[UnitPlace.Plain<TSizes>(unit)] *= factor;
        }
    }
}
