using GpuConvnet.Model;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;

namespace GpuConvnet.Tests.Simd;

/// <summary>The vector path against PyTorch's numbers, for the article's three variants of the network.</summary>
public class SimdNetworkGoldenTests
{
    public static TheoryData<string, NetworkOptions> Variants
    {
        get
        {
            TheoryData<string, NetworkOptions> variants = [];
            foreach (string variant in new[] { "base", "softmax", "relu" })
            {
                variants.Add(variant, GoldenVariants.Options(variant));
            }

            return variants;
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void InitialParametersAreBitExact(string variant, NetworkOptions options) =>
        Assert.Equal(Golden.Net($"{variant}_init"), InitialParameters.Draw(options, 1337));

    [Theory]
    [MemberData(nameof(Variants))]
    public void ThePapersInitialWeightsAreTheSameDrawsOnItsScale(string variant, NetworkOptions options)
    {
        float[] article = Golden.Net($"{variant}_init");
        float[] paper = InitialParameters.Draw(options with { InitialWeights = InitialWeights.Paper }, 1337);

        foreach (ParameterPart part in Parameters.Parts)
        {
            double root = part.IsBias ? 1 : Math.Sqrt(part.FanIn);
            for (int i = part.Offset; i < part.Offset + part.Count; i++)
            {
                Assert.Equal(article[i], paper[i] * root, 1e-7);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void OutputsAgree(string variant, NetworkOptions options)
    {
        using SimdNetwork network = Load(variant, options);
        float[] expected = Golden.Net($"{variant}_output");
        Examples examples = Golden.Examples();
        float[] outputs = new float[Shape1989.Outputs];
        for (int n = 0; n < examples.Count; n++)
        {
            network.Outputs(examples.Image(n), outputs);
            for (int digit = 0; digit < Shape1989.Outputs; digit++)
            {
                Assert.Equal(expected[n * Shape1989.Outputs + digit], outputs[digit], 2e-6f);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void GradientsAndLossesAgree(string variant, NetworkOptions options)
    {
        using SimdNetwork network = Load(variant, options);
        foreach (int batch in new[] { 1, 16 })
        {
            float[] expected = Golden.Net($"{variant}_grad_batch{batch}");
            float[] gradient = new float[Parameters.Count];
            double loss = network.Gradient(Golden.Examples(), 0, batch, gradient);

            double expectedLoss = Golden.Manifest.GetProperty("scalars").GetProperty($"{variant}_loss_batch{batch}").GetDouble();
            Assert.Equal(expectedLoss, loss, 2e-6 * Math.Max(1, expectedLoss));
            foreach (ParameterPart part in Parameters.Parts)
            {
                AssertPart(part, expected, gradient, 2e-6, relativeToNorm: 1e-4);
            }
        }
    }

    [Theory]
    [InlineData("base", 0.03f)]
    [InlineData("softmax", 0.01f)]
    [InlineData("relu", 0.01f)]
    public void FortyEightStepsOfSgdAgree(string variant, float learningRate)
    {
        using SimdNetwork network = Load(variant, GoldenVariants.Options(variant));
        for (int pass = 0; pass < 3; pass++)
        {
            network.Train(Golden.Examples(), 0, 16, learningRate);
        }

        float[] parameters = new float[Parameters.Count];
        network.Store(parameters);
        float[] expected = Golden.Net($"{variant}_after_48_sgd");
        foreach (ParameterPart part in Parameters.Parts)
        {
            AssertPart(part, expected, parameters, 1e-5, relativeToNorm: 1e-4);
        }
    }

    private static SimdNetwork Load(string variant, NetworkOptions options)
    {
        SimdNetwork network = SimdNetwork.Create(options);
        network.Load(Golden.Net($"{variant}_init"));
        return network;
    }

    private static void AssertPart(
        ParameterPart part, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double absolute,
        double relativeToNorm)
    {
        double norm = 0;
        double distance = 0;
        double worst = 0;
        for (int i = part.Offset; i < part.Offset + part.Count; i++)
        {
            double difference = Math.Abs((double)expected[i] - actual[i]);
            worst = Math.Max(worst, difference);
            distance += difference * difference;
            norm += (double)expected[i] * expected[i];
        }

        Assert.True(worst <= absolute, $"{part.Name}: worst difference {worst:e2}, allowed {absolute:e2}");
        double relative = Math.Sqrt(distance / norm);
        Assert.True(
            relative <= relativeToNorm,
            $"{part.Name}: difference {relative:e2} of the norm, allowed {relativeToNorm:e2}");
    }
}
