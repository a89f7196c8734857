using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Ranks;

/// <summary>A training that ranks share is that of one process, to the bits: parameters, gradients and evaluations.</summary>
public sealed class SharedTrainingTests
{
    private const int Steps = 3;

    private static readonly Examples s_train = BuiltinDigits.Draw(700, seed: 3);
    private static readonly Examples s_test = BuiltinDigits.Draw(300, seed: 4);

    public static TheoryData<string, int> OnTheHost { get; } = new(
        from network in (string[])
            ["1989-fullbatch", "muon-fullbatch", "modern-fullbatch", "1989-weightnorm", "1989-paper-fullbatch", "micro-vit-64k", "lenet5"]
        from ranks in (int[])[2, 3, 5, 8]
        select (network, ranks));

    [Theory]
    [MemberData(nameof(OnTheHost))]
    public void On_the_host(string name, int ranks)
    {
        ExperimentConfiguration configuration = Configuration(name);

        Holds(ranks, own => Train(configuration, configuration.CreateHostTrainer(
            configuration.Optimizer.Kind, s_train, s_test, threads: 1, own)));
    }

    [Theory]
    [InlineData("1989-fullbatch", 3)]
    [InlineData("muon-fullbatch", 3)]
    [InlineData("modern-fullbatch", 5)]
    [InlineData("1989-weightnorm", 2)]
    [InlineData("1989-paper-fullbatch", 3)]
    [InlineData("micro-vit-64k", 3)]
    public void On_a_device(string name, int ranks)
    {
        ExperimentConfiguration configuration = Configuration(name) with { Slices = 5 };
        using AcceleratorDiscovery discovery = new(DeviceKind.OpenCL);
        Assert.SkipWhen(discovery.Devices.Count == 0, "There is no OpenCL device.");

        // Each rank has the device to itself, as a process has, and the kernels that the training alone has made.
        Holds(ranks, own =>
        {
            using AcceleratorDiscovery mine = new(DeviceKind.OpenCL) { KernelCache = KernelsOfTheRun.Folder };
            return Train(configuration, configuration.Is1989
                ? new AcceleratorTrainer(
                    mine, mine.Devices[0], configuration.Network, configuration.Optimizer.Kind, s_train, s_test, s_train.Count,
                    distorts: !configuration.Distortion.IsNone, kernels: KernelChoice.Layers, sharing: configuration.Sharing(own))
                : new AcceleratorTrainer(
                    mine, mine.Devices[0], configuration.Layers, configuration.Optimizer.Kind, s_train, s_test, s_train.Count,
                    sharing: configuration.Sharing(own)));
        });
    }

    [Fact]
    public void More_slices_are_other_bits_and_as_good_for_any_number_of_ranks()
    {
        ExperimentConfiguration configuration = Configuration("1989-fullbatch");

        (float[] usual, _) = Train(configuration, configuration.CreateHostTrainer(configuration.Optimizer.Kind, s_train, s_test));
        ExperimentConfiguration other = configuration with { Slices = 7 };
        (float[] cut, _) = Train(other, other.CreateHostTrainer(other.Optimizer.Kind, s_train, s_test));

        Assert.NotEqual(usual, cut);
        Assert.All(usual.Zip(cut), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
        Holds(3, own => Train(other, other.CreateHostTrainer(other.Optimizer.Kind, s_train, s_test, 1, own)));
    }

    [Fact]
    public void A_rank_draws_no_more_of_a_long_set_than_it_looks_at()
    {
        const int Count = 4096;
        int[] drawn = ThreadRanks.Run(4, own =>
        {
            LaterDigits digits = LaterDigits.Draw(Count, seed: 9, new RankShare(own.Rank, own.Size));
            ExperimentConfiguration configuration = Configuration("1989-fullbatch");
            using ITrainer trainer = configuration.CreateHostTrainer(
                configuration.Optimizer.Kind, digits.Examples, s_test, threads: 1, own);
            trainer.Load(configuration.DrawParameters());
            float[] gradient = new float[configuration.ParameterCount];
            trainer.Gradient(0, Count, Perturbation.None, gradient);
            trainer.Evaluate(Split.Train);
            Assert.Equal(gradient, GradientAlone(configuration, BuiltinDigits.Draw(Count, seed: 9)));
            return digits.Drawn;
        });

        Assert.All(drawn, count => Assert.Equal(Count / 4, count));
    }

    private static float[] GradientAlone(ExperimentConfiguration configuration, Examples train)
    {
        using ITrainer trainer = configuration.CreateHostTrainer(configuration.Optimizer.Kind, train, s_test);
        trainer.Load(configuration.DrawParameters());
        float[] gradient = new float[configuration.ParameterCount];
        trainer.Gradient(0, train.Count, Perturbation.None, gradient);
        return gradient;
    }

    private static ExperimentConfiguration Configuration(string name) => ConfigurationFile.Load(name) with
    {
        Batch = BatchSize.Full,
        Shuffle = PresentationOrder.AsTheyAre,
        Passes = null,
        Steps = Steps,
        Train = s_train.Count,
    };

    private static void Holds(int ranks, Func<IRanks?, (float[] Parameters, Evaluation[] Evaluations)> train)
    {
        (float[] expected, Evaluation[] evaluations) = train(null);

        Assert.All(ThreadRanks.Run(ranks, train), rank =>
        {
            Assert.Equal(expected, rank.Parameters);
            Assert.Equal(evaluations, rank.Evaluations);
        });
    }

    private static (float[] Parameters, Evaluation[] Evaluations) Train(ExperimentConfiguration configuration, ITrainer trainer)
    {
        using ITrainer own = trainer;
        own.Load(configuration.DrawParameters());
        own.Take(configuration.Schedule(s_train.Count).Steps(0, Steps));
        float[] parameters = new float[configuration.ParameterCount];
        own.Store(parameters);
        Snapshot snapshot = own.SnapshotAsync().GetAwaiter().GetResult();
        return (parameters, [snapshot.Train, snapshot.Test, own.Evaluate(Split.Train), own.Evaluate(Split.Test)]);
    }
}
