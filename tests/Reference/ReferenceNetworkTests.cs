using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Reference;
using GpuConvnet.Model.Simd;

namespace GpuConvnet.Tests.Reference;

/// <summary>The plain network in shapes of its own; that of 1989 is compared with PyTorch and the fast path elsewhere.</summary>
public class ReferenceNetworkTests
{
    private static readonly NetworkShape s_wide =
        new() { InputSize = 13, KernelSize = 3, Padding = 1, H1Maps = 3, H2Maps = 4, H2Sources = 2, H3Units = 5, Outputs = 6 };

    private static readonly H2Connections s_connections = new([[0, 1], [1, 2], [2, 0], [1, 0]], s_wide);

    public static TheoryData<NetworkOptions> Networks =>
    [
        new NetworkOptions(Activation.Of<Tanh>(), Activation.Of<ScaledTanh>(), Loss.Of<SquaredError>()),
        new NetworkOptions(Activation.Of<Gelu>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>())
        {
            LabelSmoothing = 0.1,
        },
    ];

    [Theory]
    [MemberData(nameof(Networks))]
    public void OfAnyShapeTheGradientIsTheNumericalOne(NetworkOptions options)
    {
        options = options with { Shape = s_wide, Connections = s_connections };
        Random random = new(3);
        double[] parameters = [.. InitialParameters.Draw(options, 7).Select(value => value + 0.1 * random.NextDouble())];
        float[] image = [.. Enumerable.Range(0, s_wide.InputUnits).Select(_ => random.NextSingle() * 2 - 1)];
        ReferenceNetwork network = new(options, parameters);
        double[] gradient = new double[parameters.Length];

        network.AddGradient(image, label: 5, factor: 2, gradient);

        const double Step = 1e-5;
        for (int i = 0; i < parameters.Length; i++)
        {
            double value = parameters[i];
            parameters[i] = value + Step;
            double above = network.LossOf(image, 5);
            parameters[i] = value - Step;
            double below = network.LossOf(image, 5);
            parameters[i] = value;
            Assert.Equal(2 * (above - below) / (2 * Step), gradient[i], 1e-8);
        }
    }

    [Fact]
    public void TheLayoutFollowsTheShape()
    {
        Assert.Equal(
            ["H1w (3,1,3,3)", "H1b (3,7,7)", "H2w (4,2,3,3)", "H2b (4,4,4)", "H3w (64,5)", "H3b (5)", "outw (5,6)", "outb (6)"],
            new ParameterLayout(s_wide).Parts.Select(part => $"{part.Name} ({string.Join(',', part.Shape)})"));
        Assert.Equal(27 + 147 + 72 + 64 + 320 + 5 + 30 + 6, new ParameterLayout(s_wide).Count);
    }

    [Fact]
    public void ConnectionsOfAnotherShapeAreRefused() => Assert.Throws<ArgumentException>(() => new ReferenceNetwork(
        NetworkOptions.Base1989 with { Shape = s_wide }, new double[new ParameterLayout(s_wide).Count]));

    [Fact]
    public void WhatIsCutFor1989RefusesOtherShapes()
    {
        NetworkOptions options = NetworkOptions.Base1989 with { Shape = s_wide, Connections = s_connections };

        NotSupportedException refusal = Assert.Throws<NotSupportedException>(() => SimdNetwork.Create(options));

        Assert.Contains("not those of the network of 1989", refusal.Message, StringComparison.Ordinal);
    }
}
