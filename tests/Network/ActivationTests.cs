using GpuConvnet.Model.Activations;

namespace GpuConvnet.Tests.Network;

/// <summary>Every activation's own statements about itself, against each other.</summary>
public class ActivationTests
{
    public static TheoryData<Activation> All => [.. Activation.All];

    [Theory]
    [MemberData(nameof(All))]
    public void TheDerivativeIsTheSlopeOfTheFunction(Activation activation)
    {
        // A central difference of fourth order, good to 1e-11 where there is no kink.
        const double H = 1e-3;
        for (double x = -4.05; x < 4.1; x += 0.1)
        {
            double slope = (8 * (activation.Apply(x + H) - activation.Apply(x - H))
                - (activation.Apply(x + 2 * H) - activation.Apply(x - 2 * H))) / (12 * H);
            Assert.Equal(slope, activation.Derivative(x), 1e-9);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void TheKernelsFormIsTheDefinitions(Activation activation)
    {
        Forms forms = default;
        activation.Accept(ref forms);
        for (float x = -9.05f; x < 9.1f; x += 0.1f)
        {
            float value = forms.Apply!(x);
            Assert.Equal(activation.Apply(x), value, 2e-6);
            Assert.Equal(activation.Derivative(x), forms.Derivative!(activation.DerivativeNeedsSum ? x : value), 1e-5);
        }
    }

    [Fact]
    public void NamesTellThemApart() =>
        Assert.Equal(Activation.All.Count, Activation.All.Select(activation => activation.Name).Distinct().Count());

    private struct Forms : IActivationVisitor
    {
        public Func<float, float>? Apply { get; private set; }

        public Func<float, float>? Derivative { get; private set; }

        public void Visit<TActivation>()
            where TActivation : struct, IActivation
        {
            Apply = TActivation.Apply;
            Derivative = TActivation.Derivative;
        }
    }
}
