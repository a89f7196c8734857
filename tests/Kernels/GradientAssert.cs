using GpuConvnet.Model.Network;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Compares gradients part by part: each within a hundred-thousandth of its largest value.</summary>
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
            float[] right = part.Of((ReadOnlySpan<float>)expected).ToArray();
            float[] found = part.Of((ReadOnlySpan<float>)actual).ToArray();
            float largest = right.Max(Math.Abs);
            float worst = right.Zip(found, (one, other) => Math.Abs(one - other)).Max();
            Assert.True(worst <= 1e-5f * largest, $"{part.Name}: {worst} of {largest}, {count} examples");
        }
    }
}
