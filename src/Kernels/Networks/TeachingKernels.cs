using GpuConvnet.Model;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// What a teacher's outputs make of the loss, whose twin is <c>Model/Teaching/Teacher</c>. Grid: (1, block); a thread has an
/// example.
/// </summary>
internal static class TeachingKernels
{
    /// <summary>Adds a member's outputs, or the probabilities that they stand for, to the members' mean.</summary>
    /// <param name="outputs">(blocks, 10, lanes).</param>
    /// <param name="isFirst">1 for the first member, which replaces what was there; else 0.</param>
    /// <param name="asProbabilities">1 for the softmax of the outputs; 0 for the outputs as they are.</param>
    /// <param name="share">What each member counts: one over the members.</param>
    /// <param name="taught">(blocks, 10, lanes).</param>
    public static void Add<TLanes>(
        ArrayView<float> outputs, int isFirst, int asProbabilities, float share, ArrayView<float> taught)
        where TLanes : struct, ISize
    {
        int first = Grid.IdxY * (Shape1989.Outputs * TLanes.Value) + Group.IdxX;
        float largest = Largest<TLanes>(outputs, first);
        float total = Total<TLanes>(outputs, first, largest, 1f);
        for (int digit = 0; digit < Shape1989.Outputs; digit++)
        {
            int place = first + digit * TLanes.Value;
            float output = outputs[place];
            float value = asProbabilities == 0 ? output : MathF.Exp(output - largest) / total;
            taught[place] = (isFirst != 0 ? 0f : taught[place]) + value * share;
        }
    }

    /// <summary>Turns the members' mean logits, or probabilities, into what a learner's outputs should be.</summary>
    /// <param name="areProbabilities">1 if the mean is of probabilities; 0 if it is of logits.</param>
    /// <param name="inverseTemperature">One over what logits are divided by.</param>
    /// <param name="scale">What a probability is multiplied with: 1, or 2 where targets go from -1 to 1.</param>
    /// <param name="offset">What is added then: 0, or -1.</param>
    /// <param name="taught">(blocks, 10, lanes).</param>
    public static void Soften<TLanes>(
        int areProbabilities, float inverseTemperature, float scale, float offset, ArrayView<float> taught)
        where TLanes : struct, ISize
    {
        int first = Grid.IdxY * (Shape1989.Outputs * TLanes.Value) + Group.IdxX;
        for (int digit = 0; digit < Shape1989.Outputs && areProbabilities != 0; digit++)
        {
            int place = first + digit * TLanes.Value;
            taught[place] = MathF.Log(taught[place] + (float)OutputAveraging.LeastProbability);
        }

        float largest = Largest<TLanes>(taught, first);
        float total = Total<TLanes>(taught, first, largest, inverseTemperature);
        for (int digit = 0; digit < Shape1989.Outputs; digit++)
        {
            int place = first + digit * TLanes.Value;
            taught[place] = MathF.Exp((taught[place] - largest) * inverseTemperature) / total * scale + offset;
        }
    }

    /// <summary>The gradient by the outputs of the mean loss by labels and by a teacher.</summary>
    /// <param name="outputs">(blocks, 10, lanes).</param>
    /// <param name="taught">What they should be, likewise.</param>
    /// <param name="labels">This launch's digits first.</param>
    /// <param name="aim">How many examples there are, and what of labels and teacher counts.</param>
    /// <param name="gradient">(blocks, 10, lanes).</param>
    public static void Backward<TLanes, TLoss>(
        ArrayView<float> outputs, ArrayView<float> taught, ArrayView<byte> labels, TeachingAim aim, ArrayView<float> gradient)
        where TLanes : struct, ISize
        where TLoss : struct, ILoss
    {
        int example = Grid.IdxY * TLanes.Value + Group.IdxX;
        bool isThere = example < aim.Count;
        int label = labels[isThere ? example : 0];
        float inverseTemperature = aim.InverseTemperature;
        int first = Grid.IdxY * (Shape1989.Outputs * TLanes.Value) + Group.IdxX;
        float largest = Largest<TLanes>(outputs, first);
        float softened = largest * inverseTemperature;
        float total = 0f;
        float softenedTotal = 0f;
        for (int digit = 0; digit < Shape1989.Outputs; digit++)
        {
            float output = outputs[first + digit * TLanes.Value];
            total += TLoss.Weight(output, largest);
            softenedTotal += TLoss.Weight(output * inverseTemperature, softened);
        }

        for (int digit = 0; digit < Shape1989.Outputs; digit++)
        {
            int place = first + digit * TLanes.Value;
            float output = outputs[place];
            float target = digit == label ? aim.Targets.Label : aim.Targets.Other;
            float derivative = aim.ByLabel * TLoss.Gradient(output, largest, total, target)
                + aim.ByTeacher * TLoss.Gradient(output * inverseTemperature, softened, softenedTotal, taught[place]);
            gradient[place] = isThere ? derivative : 0f;
        }
    }

    private static float Largest<TLanes>(ArrayView<float> outputs, int first)
        where TLanes : struct, ISize
    {
        float largest = outputs[first];
        for (int digit = 1; digit < Shape1989.Outputs; digit++)
        {
            float output = outputs[first + digit * TLanes.Value];
            largest = output > largest ? output : largest;
        }

        return largest;
    }

    private static float Total<TLanes>(ArrayView<float> logits, int first, float largest, float inverseTemperature)
        where TLanes : struct, ISize
    {
        float total = 0f;
        for (int digit = 0; digit < Shape1989.Outputs; digit++)
        {
            total += MathF.Exp((logits[first + digit * TLanes.Value] - largest) * inverseTemperature);
        }

        return total;
    }
}
