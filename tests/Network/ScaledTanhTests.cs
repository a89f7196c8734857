using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Tests.Network;

public class ScaledTanhTests
{
    [Fact]
    public void TargetsArePointsThatItLeavesAlone()
    {
        Assert.Equal(1, ScaledTanh.Apply(1f), 1e-4);
        Assert.Equal(-1, ScaledTanh.Apply(-1f), 1e-4);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.7f)]
    [InlineData(-1f)]
    [InlineData(3.5f)]
    [InlineData(-1e30f)]
    public void ValueAndDerivativeAreThoseOfTheDefinition(float x)
    {
        float value = ScaledTanh.Apply(x);

        Assert.Equal(1.7159 * Math.Tanh(2.0 / 3 * x), value, 4e-7);
        Assert.Equal(1.7159 * 2 / 3 / Math.Pow(Math.Cosh(2.0 / 3 * x), 2), ScaledTanh.Derivative(value), 6e-7);
        Assert.Equal(value, ScaledTanh.Apply(Vector512.Create(x))[7], 4e-7);
        Assert.Equal(ScaledTanh.Derivative(value), ScaledTanh.Derivative(Vector512.Create(value))[7], 4e-7);
    }

    [Fact]
    public void OutputBiasesBeginAtTheTargetOfMostDigits()
    {
        NetworkOptions options = new(Activation.Of<ScaledTanh>(), Activation.Of<ScaledTanh>(), Loss.Of<SquaredError>());

        Assert.All(Parameters.Outb.Of(InitialParameters.Draw(options, 1)).ToArray(), bias => Assert.Equal(-1f, bias));
    }
}
