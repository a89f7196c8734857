using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;

namespace GpuConvnet.Tests.Network;

public class TanhTests
{
    [Fact]
    public void IsWithinSevenUnitsInTheLastPlaceAndNeverBeyondOne()
    {
        double worst = 0;
        for (int bits = 0x3000_0000; bits < 0x4140_0000; bits += 101)
        {
            float x = BitConverter.Int32BitsToSingle(bits);
            double exact = Math.Tanh(x);
            double unit = Math.Pow(2, Math.Floor(Math.Log2(exact)) - 23);
            foreach (float y in new[] { Tanh.Apply(x), Tanh.Apply(Vector512.Create(x))[3] })
            {
                worst = Math.Max(worst, Math.Abs(y - exact) / unit);
                Assert.InRange(y, 0f, 1f);
            }
        }

        Assert.InRange(worst, 0, 7);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1e-30f)]
    [InlineData(0.5f)]
    [InlineData(8.2f)]
    [InlineData(1e30f)]
    [InlineData(float.PositiveInfinity)]
    public void IsOddAndSaturates(float x)
    {
        Assert.Equal(-Tanh.Apply(x), Tanh.Apply(-x));
        Assert.Equal(Math.Tanh(x), Tanh.Apply(x), 3e-7);
        Assert.Equal(Math.Tanh(x), Tanh.Apply(Vector512.Create(x))[0], 3e-7);
    }
}
