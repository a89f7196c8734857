using GpuConvnet.Model;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Model.Losses;

namespace GpuConvnet.Tests.Ensembles;

/// <summary>What is averaged, against what a hand would compute in double precision.</summary>
public sealed class OutputAveragingTests
{
    private static readonly Loss s_crossEntropy = Loss.Of<SoftmaxCrossEntropy>();
    private static readonly Loss s_squared = Loss.Of<SquaredError>();

    private static readonly float[] s_one = [3, -1, 0.5f, 2, -2, 0, 1, -3, 2.5f, -0.5f];
    private static readonly float[] s_other = [-1, 4, 0, 1.5f, -2.5f, 2, -1.5f, 0.5f, 3, 1];

    [Fact]
    public void The_softmax_of_the_outputs_is_the_mean_of_the_members_softmaxes()
    {
        OutputAveraging averaging = new([s_crossEntropy, s_crossEntropy], OutputAverage.Probabilities);

        float[] outputs = Averaged(averaging, s_one, s_other);

        Assert.Equal(s_crossEntropy, averaging.Loss);
        double[] mean = [.. Softmax(s_one).Zip(Softmax(s_other), (one, other) => (one + other) / 2)];
        Assert.Equal(1, mean.Sum(), 1e-12);
        for (int digit = 0; digit < 10; digit++)
        {
            Assert.Equal(Math.Log(mean[digit]), outputs[digit], 1e-6);
            Assert.Equal(mean[digit], Softmax(outputs)[digit], 1e-6);
        }
    }

    [Fact]
    public void Of_logits_the_outputs_are_the_mean()
    {
        OutputAveraging averaging = new([s_crossEntropy, s_crossEntropy], OutputAverage.Logits);

        Assert.Equal(s_one.Zip(s_other, (one, other) => (one + other) / 2), Averaged(averaging, s_one, s_other));
        Assert.Equal(s_crossEntropy, averaging.Loss);
    }

    [Fact]
    public void Of_squared_error_the_mean_of_the_outputs_is_that_of_the_probabilities_that_they_estimate()
    {
        float[] one = [0.9f, -1, -0.5f, -1, -1, -1, 0.2f, -1, -1, -0.9f];
        float[] other = [-0.3f, 1, -1, -1, -0.75f, -1, -1, -1, 0.5f, -1];
        OutputAveraging averaging = new([s_squared, s_squared], OutputAverage.Probabilities);

        float[] outputs = Averaged(averaging, one, other);

        Assert.Equal(s_squared, averaging.Loss);
        for (int digit = 0; digit < 10; digit++)
        {
            Assert.Equal(((one[digit] + 1.0) / 2 + (other[digit] + 1.0) / 2) / 2, (outputs[digit] + 1.0) / 2, 1e-7);
        }
    }

    [Fact]
    public void Of_a_mixture_estimates_become_probabilities_that_add_up_to_one()
    {
        float[] squared = [0.8f, -1.2f, -1, 0, -1, -1, -1, -1, -1, 1.5f];
        OutputAveraging averaging = new([s_crossEntropy, s_squared], OutputAverage.Probabilities);

        float[] outputs = Averaged(averaging, s_one, squared);

        double[] estimates = [.. squared.Select(output => Math.Min(1, Math.Max(1e-6, (output + 1.0) / 2)))];
        Assert.Equal(s_crossEntropy, averaging.Loss);
        for (int digit = 0; digit < 10; digit++)
        {
            double mean = (Softmax(s_one)[digit] + estimates[digit] / estimates.Sum()) / 2;
            Assert.Equal(Math.Log(mean), outputs[digit], 1e-6);
        }
    }

    [Fact]
    public void Logits_that_are_far_apart_give_finite_outputs()
    {
        float[] far = [1000, -1000, 0, 0, 0, 0, 0, 0, 0, 0];

        float[] outputs = Averaged(new OutputAveraging([s_crossEntropy, s_crossEntropy], OutputAverage.Probabilities), far, far);

        Assert.All(outputs, output => Assert.True(float.IsFinite(output)));
        Assert.Equal(0, ClassifierExtensions.Answer(outputs));
    }

    [Fact]
    public void Squared_error_trains_no_logits()
    {
        Assert.Contains("a member was trained by mse", OutputAveraging.Problem([s_crossEntropy, s_squared], OutputAverage.Logits), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new OutputAveraging([s_squared], OutputAverage.Logits));
        Assert.Null(OutputAveraging.Problem([s_crossEntropy, s_squared], OutputAverage.Probabilities));
    }

    [Fact]
    public void Both_squared_errors_mean_the_same_by_their_outputs()
    {
        OutputAveraging averaging = new([Loss.Of<HalfSquaredError>(), s_squared], OutputAverage.Probabilities);

        Assert.True(averaging.IsOfOutputs);
        Assert.Equal(s_squared, averaging.Loss);
        Assert.Equal(
            Loss.Of<HalfSquaredError>(),
            new OutputAveraging([Loss.Of<HalfSquaredError>(), Loss.Of<HalfSquaredError>()], OutputAverage.Probabilities).Loss);
    }

    private static float[] Averaged(OutputAveraging averaging, params float[][] members)
    {
        double[] sums = new double[10];
        for (int member = 0; member < members.Length; member++)
        {
            averaging.Add(member, members[member], sums);
        }

        float[] outputs = new float[10];
        averaging.Finish(sums, outputs);
        return outputs;
    }

    private static double[] Softmax(float[] outputs)
    {
        double sum = outputs.Sum(output => Math.Exp(output));
        return [.. outputs.Select(output => Math.Exp(output) / sum)];
    }
}
