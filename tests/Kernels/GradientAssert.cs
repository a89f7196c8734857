using GpuConvnet.Model.Network;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Compares values of parameters part by part, each by its largest value.</summary>
internal static class GradientAssert
{
    /// <summary>Fails, naming the part, where a gradient is another.</summary>
    /// <param name="expected">The host's, 9,760.</param>
    /// <param name="actual">The other, 9,760.</param>
    /// <param name="count">The batch's examples, for the message.</param>
    public static void Near(float[] expected, float[] actual, int count)
    {
        foreach (ParameterPart part in Parameters.Parts)
        {
            Near(part, expected, actual, 1e-5f, $", {count} examples");
        }
    }

    /// <summary>Fails where a part is another.</summary>
    /// <param name="part">The part.</param>
    /// <param name="expected">The host's values of all parameters.</param>
    /// <param name="actual">The others.</param>
    /// <param name="tolerance">The largest difference, in units of the part's largest value.</param>
    /// <param name="remark">What the message ends with.</param>
    public static void Near(ParameterPart part, float[] expected, float[] actual, float tolerance, string remark = "")
    {
        float[] right = part.Of((ReadOnlySpan<float>)expected).ToArray();
        float[] found = part.Of((ReadOnlySpan<float>)actual).ToArray();
        float largest = right.Max(Math.Abs);
        float worst = right.Zip(found, (one, other) => Math.Abs(one - other)).Max();
        Assert.True(worst <= tolerance * largest, $"{part.Name}: {worst} of {largest}{remark}");
    }
}
