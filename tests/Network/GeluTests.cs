using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;

namespace GpuConvnet.Tests.Network;

public class GeluTests
{
    /// <summary>
    /// Values of PyTorch's <c>gelu(x, approximate="tanh")</c> in float64, by its formula, and of its derivative.
    /// </summary>
    [Theory]
    [InlineData(0f, 0.0, 0.5)]
    [InlineData(1f, 0.8411919906082768, 1.0829640838457826)]
    [InlineData(-1f, -0.15880800939172324, -0.08296408384578262)]
    [InlineData(-10f, 0.0, 0.0)]
    [InlineData(10f, 10.0, 1.0)]
    [InlineData(-1e30f, 0.0, 0.0)]
    [InlineData(1000f, 1000.0, 1.0)]
    [InlineData(float.NegativeInfinity, 0.0, 0.0)]
    public void ValueAndDerivativeAreThoseOfTheDefinition(float x, double value, double slope)
    {
        Assert.Equal(value, Gelu.Apply(x), 1e-6 * Math.Max(1, Math.Abs(value)));
        Assert.Equal(value, Gelu.Apply(Vector512.Create(x))[9], 1e-6 * Math.Max(1, Math.Abs(value)));
        Assert.Equal(slope, Gelu.Derivative(x), 5e-6);
        Assert.Equal(slope, Gelu.Derivative(Vector512.Create(x))[9], 5e-6);
    }

    [Fact]
    public void IsWithinHalfAThousandthOfTheExactFunction()
    {
        double worst = 0;
        double normal = 0.5;
        double before = 0;
        const double Step = 1e-3;
        for (int i = 0; i <= 6_000; i++)
        {
            // The normal distribution by Simpson's rule: x times it is the exact function, and its mirror the left side.
            double x = i * Step;
            if (i > 0)
            {
                normal += Step / 6 * (Density(before) + 4 * Density((before + x) / 2) + Density(x));
            }

            before = x;
            worst = Math.Max(worst, Math.Abs(Gelu.Apply((float)x) - x * normal));
            worst = Math.Max(worst, Math.Abs(Gelu.Apply((float)-x) + x * (1 - normal)));
        }

        Assert.InRange(worst, 1e-4, 5e-4);
    }

    private static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
}
