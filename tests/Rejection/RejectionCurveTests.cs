using System.Globalization;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;
using GpuConvnet.Recognition;
using GpuConvnet.Tests.Errors;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Views.Rejection;

namespace GpuConvnet.Tests.Rejection;

/// <summary>The curve, held to counts that are made digit by digit.</summary>
public sealed class RejectionCurveTests
{
    /// <summary>Seeds, and how many different margins there are at most: with few of them ties are everywhere.</summary>
    public static TheoryData<int, int, double> Cases => new()
    {
        { 1, 1_000_000, 0.1 },
        { 2, 1_000_000, 0.9 },
        { 3, 5, 0.3 },
        { 4, 40, 0.05 },
        { 5, 1, 0.5 },
        { 6, 30, 0 },
        { 7, 30, 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_point_is_what_a_count_of_the_digits_says(int seed, int values, double missShare)
    {
        foreach ((double[] margins, bool[] isMiss) in Draw(seed, values, missShare))
        {
            RejectionCurve curve = new(margins, isMiss);
            RejectionPoint[] points = [.. curve.Points];

            Assert.Equal(margins.Distinct().Count(), points.Length);
            Assert.Equal((0.0, 0), (points[0].Threshold, points[0].Rejected));
            Assert.All(points, point => Assert.Equal(Count(margins, isMiss, point.Threshold), point));
            Assert.All(points, point => Assert.Equal(point, curve.At(point.Threshold)));
            Assert.All(points, point => Assert.Contains(point.Rejected, margins.Select(own => margins.Count(other => other < own))));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_least_share_for_an_error_is_the_least_that_any_threshold_brings_it_with(int seed, int values, double missShare)
    {
        foreach ((double[] margins, bool[] isMiss) in Draw(seed, values, missShare))
        {
            RejectionCurve curve = new(margins, isMiss);
            foreach (double target in new[] { 0, 0.5, 1, 5, 30, 100 })
            {
                // Any threshold that makes a difference is one of the margins.
                int? expected = margins.Select(threshold => Count(margins, isMiss, threshold))
                    .Where(point => point.ErrorPercent <= target)
                    .Min(point => (int?)point.Rejected);

                Assert.Equal(expected, curve.LeastFor(target)?.Rejected);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Within_a_share_it_is_the_most_that_a_threshold_can_reject(int seed, int values, double missShare)
    {
        foreach ((double[] margins, bool[] isMiss) in Draw(seed, values, missShare))
        {
            RejectionCurve curve = new(margins, isMiss);
            foreach (int share in new[] { 0, 1, 7, 50, 99 })
            {
                int expected = margins.Select(threshold => margins.Count(margin => margin < threshold))
                    .Where(rejected => 100 * rejected <= share * margins.Length)
                    .Max();

                Assert.Equal(expected, curve.MostWithin(share).Rejected);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_turn_is_the_least_share_for_its_number_of_misses_and_none_is_left_out(int seed, int values, double missShare)
    {
        foreach ((double[] margins, bool[] isMiss) in Draw(seed, values, missShare))
        {
            RejectionCurve curve = new(margins, isMiss);

            RejectionPoint[] expected = [.. curve.Points.GroupBy(point => point.Misses).Select(same => same.MinBy(point => point.Rejected)!)];
            Assert.Equal(expected, curve.Turns);
        }
    }

    [Fact]
    public void Without_a_miss_nothing_is_rejected_and_with_misses_alone_no_share_is_enough()
    {
        double[] margins = [0.5, 0.1, 0.5, 0.9];
        RejectionCurve right = new(margins, [false, false, false, false]);
        RejectionCurve wrong = new(margins, [true, true, true, true]);

        Assert.Equal(new RejectionPoint(0, 0, 0, 4, 0, 0), right.LeastFor(0));
        Assert.Single(right.Turns);
        Assert.Null(wrong.LeastFor(99));
        Assert.Equal([4, 3, 1], wrong.Turns.Select(point => point.Misses));
        Assert.Equal(new RejectionPoint(1, 4, 100, 0, 0, null), wrong.At(1));
    }

    [Fact]
    public void A_thousand_turns_and_more_are_thinned_and_both_ends_stay()
    {
        double[] margins = [.. Enumerable.Range(0, 2501).Select(index => (double)index)];
        bool[] isMiss = new bool[margins.Length];
        Array.Fill(isMiss, true);

        IReadOnlyList<RejectionPoint> turns = new RejectionCurve(margins, isMiss).Turns;

        Assert.Equal([0, 3, 6], turns.Take(3).Select(point => point.Rejected));
        Assert.Equal(2500, turns[^1].Rejected);
        Assert.InRange(turns.Count, 800, 1001);
    }

    [Fact]
    public void A_threshold_has_no_more_decimals_than_it_takes_to_part_the_digits()
    {
        RejectionCurve curve = new([0.123456, 0.7349, 0.7351, 3.2, 3.2000000000000006], [true, true, true, true, false]);

        Assert.Equal(
            ["0", "0.7", "0.735", "3", "3.2000000000000006"],
            curve.Points.Select(point => point.Threshold.ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void What_is_no_curve_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new RejectionCurve([], []));
        Assert.Throws<ArgumentException>(() => new RejectionCurve([1], [true, false]));
        Assert.Throws<ArgumentException>(() => new RejectionCurve([1, double.NaN], [true, false]));
        Assert.Throws<ArgumentException>(() => new RejectionCurve([1, -0.1], [true, false]));
    }

    [Fact]
    public void Of_a_network_the_misses_are_those_of_its_evaluation()
    {
        Examples examples = BuiltinDigits.Draw(150, seed: 3);
        using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
        network.Load(InitialParameters.Draw(NetworkOptions.Base1989, 1337));
        network.Train(examples, 0, 120, 0.03f);

        RejectionCurve curve = RejectionCurve.Of(network, examples, NetworkOptions.Base1989.Loss);

        RejectionPoint nothing = curve.At(0);
        Assert.Equal((network.Evaluate(examples).Misses, 150), (nothing.Misses, nothing.Kept));
        Assert.InRange(nothing.Misses, 1, 149);
        float[] outputs = new float[10];
        double[] margins =
        [
            .. Enumerable.Range(0, 150).Select(index =>
            {
                network.Outputs(examples.Image(index), outputs);
                float[] sorted = [.. outputs.OrderDescending()];
                return (double)sorted[0] - sorted[1];
            }),
        ];
        Assert.Equal(margins.Count(margin => margin < 0.3), curve.At(0.3).Rejected);
    }

    [Fact]
    public void Outputs_that_are_no_numbers_are_refused()
    {
        NetworkOptions options = NetworkOptions.Base1989 with { Output = Activation.Of<Linear>() };
        float[] parameters = KnownModel.Parameters(0, 1);
        Parameters.H3b.Of(parameters.AsSpan()).Fill(float.MaxValue);
        Parameters.Outw.Of(parameters.AsSpan()).Fill(float.MaxValue);
        using SimdNetwork network = SimdNetwork.Create(options);
        network.Load(parameters);

        Assert.Throws<BadInputException>(
            () => RejectionCurve.Of(network, BuiltinDigits.Draw(10, seed: 1), options.Loss));
    }

    [Fact]
    public void The_margin_is_of_outputs_under_squared_error_and_of_probabilities_under_cross_entropy()
    {
        float[] outputs = [-1, 2, 0.5f, 1.25f, 0, 0, 0, 0, 0, 0];
        double sum = outputs.Sum(output => Math.Exp(output));

        Assert.Equal(0.75, Confidence.Margin(outputs, Loss.Of<SquaredError>()));
        Assert.Equal((Math.Exp(2) - Math.Exp(1.25)) / sum, Confidence.Margin(outputs, Loss.Of<SoftmaxCrossEntropy>()), 1e-9);
        Assert.Equal(new MostActive(1, 3), MostActive.Of(outputs));

        // Of equal outputs the first one leads, as in an evaluation.
        Assert.Equal(new MostActive(0, 1), MostActive.Of(new float[10]));
        Assert.Equal(0, Confidence.Margin(new float[10], Loss.Of<SquaredError>()));
    }

    /// <summary>Some sets, the smallest of one digit.</summary>
    private static IEnumerable<(double[] Margins, bool[] IsMiss)> Draw(int seed, int values, double missShare)
    {
        Random random = new(seed);
        foreach (int count in new[] { 1, 2, 3, 50, 200 })
        {
            yield return (
                [.. Enumerable.Range(0, count).Select(_ => 2.0 * random.Next(values) / values)],
                [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < missShare)]);
        }
    }

    private static RejectionPoint Count(double[] margins, bool[] isMiss, double threshold)
    {
        int[] kept = [.. Enumerable.Range(0, margins.Length).Where(index => margins[index] >= threshold)];
        int misses = kept.Count(index => isMiss[index]);
        int rejected = margins.Length - kept.Length;
        return new RejectionPoint(
            threshold, rejected, 100.0 * rejected / margins.Length, kept.Length, misses, 100.0 * misses / kept.Length);
    }
}
