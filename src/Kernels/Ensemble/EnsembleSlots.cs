using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>
/// Where a member's state of each parameter lies: where neighbouring threads of the kernels find neighbouring ones, which is not in the
/// order of the parameters.
/// </summary>
internal static class EnsembleSlots
{
    private static readonly int[] s_slots = Slots();

    /// <summary>States by slot, in the order of the parameters.</summary>
    /// <param name="slots">A state by slot, as long as the parameters.</param>
    public static float[] InOrder(ReadOnlySpan<float> slots)
    {
        float[] values = new float[Layout.Parameters];
        for (int parameter = 0; parameter < values.Length; parameter++)
        {
            values[parameter] = slots[s_slots[parameter]];
        }

        return values;
    }

    /// <summary>States in the order of the parameters, by slot.</summary>
    /// <param name="values">A state, as long as the parameters.</param>
    public static float[] BySlot(ReadOnlySpan<float> values)
    {
        float[] slots = new float[Layout.Parameters];
        for (int parameter = 0; parameter < slots.Length; parameter++)
        {
            slots[s_slots[parameter]] = values[parameter];
        }

        return slots;
    }

    private static int[] Slots()
    {
        int[] slots = [.. Enumerable.Range(0, Layout.Parameters)];

        // H2's weights: by the task of EnsembleH2.BackwardWeights, a map of two at a time, then by tap.
        const int Size = Shape1989.KernelSize;
        int tasks = Shape1989.H2Maps / 2 * Shape1989.H2Sources * Size;
        for (int weight = 0; weight < Shape1989.H2Maps * Shape1989.H2Sources * Layout.KernelTaps; weight++)
        {
            int tap = weight % Size;
            int tapRow = weight / Size % Size;
            int source = weight / Layout.KernelTaps % Shape1989.H2Sources;
            int map = weight / (Layout.KernelTaps * Shape1989.H2Sources);
            int task = (map / 2 * Size + tapRow) * Shape1989.H2Sources + source;
            slots[Layout.H2w + weight] = Layout.H2w + (map % 2 * Size + tap) * tasks + task;
        }

        // H3's and the outputs': all weights that lead into a unit side by side, not those that lead away from one.
        Transpose(slots, Layout.H3w, Layout.H2Units, Shape1989.H3Units);
        Transpose(slots, Layout.Outw, Shape1989.H3Units, Layout.Outputs);
        return slots;
    }

    private static void Transpose(int[] slots, int first, int inputs, int units)
    {
        for (int weight = 0; weight < inputs * units; weight++)
        {
            slots[first + weight] = first + weight % units * inputs + weight / units;
        }
    }
}
