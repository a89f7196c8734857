using System.Runtime.Intrinsics;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;
using GpuConvnet.Trainer.Studies.Verification;

namespace GpuConvnet.Tests.Simd;

/// <summary>Training per example by optimizers other than plain SGD.</summary>
public class PerExampleStepTests
{
    private static readonly OptimizerOptions s_adamW = new(Optimizer.Of<AdamW>(), 0.01) { WeightDecay = 0.1 };

    private static readonly OptimizerOptions s_nesterov =
        new(Optimizer.Of<Sgd>(), 0.01) { Momentum = 0.9, Nesterov = true, WeightDecay = 0.01 };

    /// <summary>A variant of the network, an optimizer, and whether H2 has a table of connections of its own.</summary>
    public static TheoryData<string, string, bool> Cases => new()
    {
        { "base", "adamw", false },
        { "base", "sgd", false },
        { "softmax", "adamw", false },
        { "relu", "adamw", false },
        { "relu", "adamw", true },
        { "relu", "sgd", false },
        { "relu", "lion", false },
        { "relu", "scheduleFreeAdamw", true },
    };

    /// <summary>
    /// A batch's gradient is written and then taken in one sweep; a step per example changes each parameter when its gradient comes.
    /// </summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void A_step_is_a_batch_of_one_example(string variant, string kind, bool ownTable)
    {
        NetworkOptions options = GoldenVariants.Options(variant);
        if (ownTable)
        {
            options = options with { Connections = RandomCase.DrawConnections(new Random(6)) };
        }

        OptimizerOptions optimizer = kind == "adamw" ? s_adamW : kind == "sgd" ? s_nesterov :
            new(Optimizer.All.Single(known => known.Name == kind), 0.01);
        Examples examples = RandomNetwork.Examples(new Random(1), 20);
        float[] initial = RandomNetwork.Parameters(new Random(2));
        using HostTrainer trainer = new(options, optimizer.Kind, examples, examples);
        using PerExampleTrainer perExample = new(options, optimizer.Kind, examples, examples);
        trainer.Load(initial);
        perExample.Load(initial);

        for (int step = 0; step < 20; step++)
        {
            Perturbation perturbation = new(5, (uint)step, maximumShift: 1, dropout: 0.25f);
            BatchStep[] steps = [new(step, 1, optimizer.Constants(0.001, step), perturbation)];
            trainer.Take(steps);
            perExample.Take(steps);
        }

        TrainingState expected = trainer.SaveState();
        TrainingState found = perExample.SaveState();
        Assert.Equal(expected.Parameters, found.Parameters);
        Assert.Equal(expected.States, found.States);
        Assert.NotEqual(initial, found.Parameters);
    }

    [Theory]
    [InlineData("adamw", false, false)]
    [InlineData("adamw", true, false)]
    [InlineData("sgd", false, true)]
    public void Steps_that_are_timed_are_the_same_steps(string kind, bool articlesNumbers, bool inPlace)
    {
        OptimizerOptions optimizer = kind == "adamw" ? s_adamW : new(Optimizer.Sgd, 0.01);
        Examples examples = RandomNetwork.Examples(new Random(1), 20);
        float[] initial = RandomNetwork.Parameters(new Random(2));
        BatchStep[] steps = [.. Enumerable.Range(0, 20).Select(step => new BatchStep(
            step, 1, optimizer.Constants(0.001, step),
            inPlace ? Perturbation.None : new Perturbation(5, (uint)step, maximumShift: 1, dropout: 0.25f)))];
        using PerExampleTrainer taken = Create();
        using PerExampleTrainer timed = Create();

        taken.Take(steps);
        HostStepTimes times = timed.Profile(steps);

        Assert.Equal(Stored(taken.Store), Stored(timed.Store));
        Assert.NotEqual(initial, Stored(timed.Store));
        Assert.Equal(Enum.GetValues<LayerPass>().Length, times.Passes.Count);
        Assert.All(
            Enum.GetValues<LayerPass>().Where(pass => pass is not (LayerPass.Noise or LayerPass.Curvature)),
            pass => Assert.True(times.Passes[(int)pass] > 0, $"{pass} takes time."));
        Assert.InRange(times.Passes.Sum(), 0, times.GradientSeconds);

        PerExampleTrainer Create()
        {
            PerExampleTrainer trainer = new(NetworkOptions.Base1989, optimizer.Kind, examples, examples)
            {
                IsInPlace = inPlace,
                ArticlePerturbation = articlesNumbers ? new ArticlePerturbation(7, maximumShift: 1, dropout: 0.25) : null,
            };
            trainer.Load(initial);
            return trainer;
        }
    }

    [Fact]
    public void Loading_parameters_forgets_the_optimizers_state()
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 5);
        float[] initial = RandomNetwork.Parameters(new Random(2));
        using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
        float[][] results = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            network.Load(initial);
            for (int step = 0; step < 5; step++)
            {
                network.Step<Adam>(examples, step, s_adamW.Constants(0.01, step), Perturbation.None);
            }

            return Stored(network.Store);
        })];

        Assert.Equal(results[0], results[1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sixteen_parameters_are_updated_as_one_is(bool adamW)
    {
        Random random = new(3);
        float[] parameters = Draw(random, 1);
        float[] state1 = Draw(random, 0.1);
        float[] state2 = [.. Draw(random, 0.1).Select(Math.Abs)];
        float[] gradients = Draw(random, 0.3);
        Vector512<float> wide = Vector512.Create(parameters);
        Vector512<float> wide1 = Vector512.Create(state1);
        Vector512<float> wide2 = Vector512.Create(state2);
        OptimizerConstants step = (adamW ? s_adamW : s_nesterov).Constants(0.01, 7);

        if (adamW)
        {
            UpdateBoth<Adam>();
        }
        else
        {
            UpdateBoth<Sgd>();
        }

        for (int i = 0; i < parameters.Length; i++)
        {
            Assert.Equal(parameters[i], wide[i], 1e-6f);
            Assert.Equal(state1[i], wide1[i], 1e-7f);
            Assert.Equal(state2[i], wide2[i], 1e-7f);
        }

        void UpdateBoth<TRule>()
            where TRule : struct, IUpdateRule
        {
            TRule.Update(ref wide, Vector512.Create(gradients), ref wide1, ref wide2, step);
            for (int i = 0; i < parameters.Length; i++)
            {
                TRule.Update(ref parameters[i], gradients[i], ref state1[i], ref state2[i], step);
            }
        }
    }

    private static float[] Draw(Random random, double size) =>
        [.. Enumerable.Range(0, Vector512<float>.Count).Select(_ => (float)((random.NextDouble() * 2 - 1) * size))];

    private delegate void Store(Span<float> parameters);

    private static float[] Stored(Store store)
    {
        float[] parameters = new float[Parameters.Count];
        store(parameters);
        return parameters;
    }
}
