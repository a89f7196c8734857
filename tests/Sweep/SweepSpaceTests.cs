using System.Globalization;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Schedules;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Studies.Sweep;

namespace GpuConvnet.Tests.Sweep;

/// <summary>From what --set says to the points of a sweep.</summary>
public sealed class SweepSpaceTests
{
    private static readonly ExperimentConfiguration s_base = ConfigurationFile.Load("1989-fullbatch");

    [Fact]
    public void A_grid_is_every_combination_with_the_last_axis_fastest()
    {
        SweepPoint[] points = Grid("optimizer.learningRate=0.01,0.03", "shift=0,1,2");

        Assert.Equal(
            [(0.01, 0), (0.01, 1), (0.01, 2), (0.03, 0), (0.03, 1), (0.03, 2)],
            points.Select(point => (point.Configuration.Optimizer.LearningRate, point.Configuration.Shift)));
        Assert.Equal([1, 2, 3, 4, 5, 6], points.Select(point => point.Number));
        Assert.Equal("optimizer.learningRate=0.03 shift=1", SweepPoint.Text(points[4].Settings));
    }

    [Fact]
    public void A_point_is_the_configuration_with_nothing_else_changed()
    {
        SweepPoint point = Assert.Single(Grid("$.optimizer.weightDecay=0.3"));

        Assert.Equal(
            s_base with { Schema = null, Optimizer = s_base.Optimizer with { WeightDecay = 0.3 } }, point.Configuration);
    }

    [Fact]
    public void Words_need_no_quotation_marks_and_numbers_and_truths_are_what_they_are()
    {
        SweepPoint[] points = Grid("batch=full,64", "hidden=relu", "optimizer.kind=sgd", "optimizer.momentum=0.9", "optimizer.nesterov=true,false");

        Assert.Equal(
            [(BatchSize.Full, true), (BatchSize.Full, false), (new BatchSize(64), true), (new BatchSize(64), false)],
            points.Select(point => (point.Configuration.Batch, point.Configuration.Optimizer.Nesterov)));
    }

    /// <summary>Of the base's constants those go with its optimizer that are no other's.</summary>
    [Theory]
    [InlineData("muon", 0.95, true, 0.9, 0.999, "optimizer.kind=muon")]
    [InlineData("lion", 0, false, 0.9, 0.99, "optimizer.kind=lion")]
    [InlineData("adamw", 0, false, 0.9, 0.999, "optimizer.kind=adamw")]
    [InlineData("newton", 0, false, 0.9, 0.999, "optimizer.kind=newton")]
    [InlineData("scheduleFreeAdamw", 0, false, 0.98, 0.999, "optimizer.beta1=0.98", "optimizer.kind=scheduleFreeAdamw")]
    [InlineData("muon", 0.8, true, 0.9, 0.98, "optimizer.momentum=0.8", "optimizer.kind=muon", "optimizer.beta2=0.98")]
    [InlineData("sgd", 0.7, true, 0.9, 0.999, "optimizer.kind=sgd")]
    public void Another_optimizer_begins_with_its_own_constants(
        string kind, double momentum, bool nesterov, double beta1, double beta2, params string[] sets)
    {
        OptimizerOptions before = new(Optimizer.Of<Sgd>(), 0.05)
        {
            Momentum = 0.7,
            Nesterov = true,
            Schedule = ScheduleKind.Cosine,
            FinalLearningRate = 0.01,
            WarmupSteps = 7,
            WeightDecay = 0.2,
        };
        OptimizerOptions options = Assert.Single(
            SweepSpace.Grid(s_base with { Optimizer = before }, [.. sets.Select(SweepAxis.Parse)])).Configuration.Optimizer;

        Assert.Equal(
            (kind, momentum, nesterov, beta1, beta2),
            (options.Kind.Name, options.Momentum, options.Nesterov, options.Beta1, options.Beta2));
        Assert.Equal((0.05, 7), (options.LearningRate, options.WarmupSteps));
        Assert.Equal(kind == "newton" ? 0 : 0.2, options.WeightDecay);
        Assert.Equal(kind == "scheduleFreeAdamw" ? ScheduleKind.Constant : ScheduleKind.Cosine, options.Schedule);
    }

    [Fact]
    public void Muons_own_keys_go_with_it()
    {
        OptimizerOptions muon = ConfigurationFile.Load("muon-fullbatch").Optimizer;

        SweepPoint[] points = SweepSpace.Grid(ConfigurationFile.Load("muon-fullbatch"), [SweepAxis.Parse("optimizer.kind=muon,adamw")]);

        Assert.Equal(muon, points[0].Configuration.Optimizer);
        Assert.Null(points[1].Configuration.Optimizer.VectorLearningRate);
        Assert.Equal(muon.LearningRate, points[1].Configuration.Optimizer.LearningRate);
    }

    [Theory]
    [InlineData("passes=3", null, 3)]
    [InlineData("steps=30", 30, null)]
    public void Passes_replace_steps_and_steps_passes(string set, int? steps, int? passes)
    {
        SweepPoint point = Assert.Single(Grid(set));

        Assert.Equal((steps, passes), (point.Configuration.Steps, point.Configuration.Passes));
    }

    [Theory]
    [InlineData("$.optimizer.learninRate: unknown key 'learninRate'; did you mean 'learningRate'?", "optimizer.learninRate=0.01")]
    [InlineData("$.optimiser: unknown key 'optimiser'; did you mean 'optimizer'?", "optimiser.learningRate=0.01")]
    [InlineData("with optimizer.learningRate=-1: $.optimizer.learningRate: expected a number above 0 and up to 100, found -1", "optimizer.learningRate=0.1,-1")]
    [InlineData("$.batch: expected \"full\" or a positive whole number, found \"ful\"", "batch=full,ful")]
    [InlineData("$.hidden: expected one of tanh, scaledTanh, relu, gelu, found \"tahn\"", "hidden=tahn")]
    [InlineData("$.shift: expected a whole number, found 0.5", "shift=0,0.5")]
    [InlineData("$.shift: null is not a value", "shift=null")]
    [InlineData("$.train is a value, and there is nothing in it to set", "train.more=1")]
    [InlineData("found both; remove one", "steps=1", "passes=1")]
    [InlineData("momentum", "optimizer.momentum=0.9")]
    [InlineData("takes PATH=VALUE,VALUE,...", "optimizer.learningRate")]
    [InlineData("takes PATH=VALUE,VALUE,...", "=0.01")]
    [InlineData("takes PATH=VALUE,VALUE,...", "shift=")]
    [InlineData("has an empty value", "shift=0,,1")]
    [InlineData("has 0.10 twice", "optimizer.learningRate=0.1,0.10")]
    [InlineData("--set shift is given twice", "shift=0", "shift=1")]
    [InlineData("is a range, which a grid cannot walk", "optimizer.learningRate=0.01..0.1")]
    [InlineData("use --seed and --runs", "seed=1,2")]
    [InlineData("use --validation", "validation=100")]
    [InlineData("does not look at the test split", "test=100")]
    [InlineData("more than 10,000 points", "train=1,2,3,4,5,6,7,8,9,10", "dataSeed=1,2,3,4,5,6,7,8,9,10", "optimizer.warmupSteps=1,2,3,4,5,6,7,8,9,10", "evaluateEvery=1,2,3,4,5,6,7,8,9,10", "shift=0,1")]
    public void What_is_no_experiment_is_refused_with_its_path(string words, params string[] sets) =>
        Assert.Contains(words, Assert.Throws<BadInputException>(() => Grid(sets)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("two numbers", "optimizer.learningRate=0.1..x")]
    [InlineData("two numbers", "optimizer.learningRate=0.1..0.01")]
    [InlineData("two numbers", "optimizer.learningRate=0.1..0.2..0.3")]
    [InlineData("two numbers", "optimizer.learningRate=0.1..Infinity")]
    [InlineData("above 0 for log:", "optimizer.learningRate=log:0..1")]
    [InlineData("$.shift takes whole numbers", "shift=0..2.5")]
    [InlineData("asks for more points than there are: 5 different ones", "shift=0..4")]
    [InlineData("$.optimizer.learningRate: expected a number above 0", "optimizer.learningRate=-2..-1")]
    public void A_range_that_is_none_is_refused(string words, string set) =>
        Assert.Contains(words, Assert.Throws<BadInputException>(() => Random(6, 1, set)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_same_search_seed_draws_the_same_points_and_more_begin_with_them()
    {
        string[] sets = ["optimizer.learningRate=log:0.001..0.1", "optimizer.weightDecay=0..1", "shift=0..4", "batch=full,64,256"];

        string[] Texts(int count, uint seed) => [.. Random(count, seed, sets).Select(point => SweepPoint.Text(point.Settings))];

        Assert.Equal(Texts(20, 7), Texts(20, 7));
        Assert.Equal(Texts(20, 7), Texts(50, 7)[..20]);
        Assert.NotEqual(Texts(20, 7), Texts(20, 8));
    }

    [Fact]
    public void The_points_of_a_search_seed_stay_what_they_are()
    {
        // Drawn once and written down: a folder of an older version goes on with the same points.
        SweepPoint[] points = Random(2, 1, "optimizer.learningRate=log:0.001..0.1", "shift=0..4", "batch=full,64");

        Assert.Equal(
            ["optimizer.learningRate=0.006824 shift=3 batch=full", "optimizer.learningRate=0.004024 shift=0 batch=full"],
            points.Select(point => SweepPoint.Text(point.Settings)));
    }

    [Fact]
    public void Draws_fill_their_range_and_stay_in_it()
    {
        SweepPoint[] points = Random(
            2_000, 3, "optimizer.learningRate=log:0.001..0.1", "optimizer.weightDecay=0.25..0.75", "shift=0..4",
            "optimizer.warmupSteps=log:1..100", "dropout=0,0.5");
        double[] rates = [.. points.Select(point => point.Configuration.Optimizer.LearningRate)];
        double[] decays = [.. points.Select(point => point.Configuration.Optimizer.WeightDecay)];
        int[] warmups = [.. points.Select(point => point.Configuration.Optimizer.WarmupSteps)];

        Assert.All(rates, rate => Assert.InRange(rate, 0.001, 0.1));
        Assert.All(decays, decay => Assert.InRange(decay, 0.25, 0.75));
        Assert.All(warmups, steps => Assert.InRange(steps, 1, 100));

        // Evenly in the logarithm, half of the rates lie below 0.01; evenly in the value it would be a tenth.
        // 2,000 draws: five standard deviations are 112.
        Assert.InRange(rates.Count(rate => rate < 0.01), 888, 1_112);
        Assert.InRange(warmups.Count(steps => steps < 10), 888, 1_112);
        Assert.InRange(decays.Count(decay => decay < 0.5), 888, 1_112);
        Assert.InRange(points.Count(point => point.Configuration.Dropout == 0), 888, 1_112);
        Assert.Equal([0, 1, 2, 3, 4], points.Select(point => point.Configuration.Shift).Distinct().Order());
        Assert.All([.. Enumerable.Range(0, 5)], shift =>
            Assert.InRange(points.Count(point => point.Configuration.Shift == shift), 310, 490));
    }

    [Fact]
    public void Random_points_are_all_different()
    {
        Assert.Equal(5, Random(5, 1, "shift=0..4").Select(point => point.Configuration.Shift).Distinct().Count());
    }

    [Fact]
    public void A_decimal_comma_in_the_users_culture_changes_nothing()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        string expected = SweepPoint.Text(Random(1, 1, "optimizer.learningRate=log:0.001..0.1")[0].Settings);
        try
        {
            CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            comma.NumberFormat.NumberGroupSeparator = ".";
            CultureInfo.CurrentCulture = comma;

            Assert.Equal(expected, SweepPoint.Text(Random(1, 1, "optimizer.learningRate=log:0.001..0.1")[0].Settings));
            Assert.Equal("dropout=0.5", SweepPoint.Text(Grid("dropout=0.5")[0].Settings));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static SweepPoint[] Grid(params string[] sets) => SweepSpace.Grid(s_base, [.. sets.Select(SweepAxis.Parse)]);

    private static SweepPoint[] Random(int count, uint seed, params string[] sets) =>
        SweepSpace.Random(s_base, [.. sets.Select(SweepAxis.Parse)], count, seed);
}
