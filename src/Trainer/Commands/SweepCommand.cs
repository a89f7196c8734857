using System.CommandLine;
using GpuConvnet.Trainer.Live;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Studies.Sweep;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer sweep</c>: which settings are best, found without the test split.</summary>
internal sealed class SweepCommand
{
    private const int DefaultRuns = 3;
    private const int DefaultValidation = 10_000;
    private const uint DefaultSearchSeed = 1;

    private static readonly string[] s_examples =
    [
        "trainer sweep -c 1989-fullbatch --set optimizer.learningRate=0.02,0.04 --set optimizer.weightDecay=0.1,0.2",
        "    a grid of 4 points, 3 seeds each; 10,000 held-out training digits say which is best",
        "trainer sweep -c 1989-base --set optimizer.learningRate=log:0.003..0.3 --random 20 --out runs/rates",
        "    20 points at random, saved; the same line goes on with it after Ctrl-C",
        "trainer sweep -c 1989-base --set optimizer.learningRate=0.01,0.03,0.1 --then-test",
        "    and only the best, with 3 fresh seeds, on the test split",
        "trainer sweep -c modern-fullbatch --set steps=500 --set shift=0,1 --set dropout=0..0.5 --random 32 --runs 8 --halving",
        "    all 32 points with 1 seed, the better half with 2, its better half with 4, then 8",
        "trainer sweep -c 1989-base -a cuda --set optimizer.learningRate=log:0.003..0.3 --set dropout=0..0.5 --random 132 --runs 1",
        "    132 networks at once, each on a multiprocessor of its own by a recipe of its own",
    ];

    private readonly ExperimentOptions _experiment = new();

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "What to try for a value of the configuration, by its JSON path: VALUE,VALUE,... or, with --random, "
            + "LOW..HIGH or log:LOW..HIGH; may be given several times",
        HelpName = "PATH=VALUES",
    };

    private readonly Option<long?> _random = NumberOption.Create(
        "--random", 1, SweepSpace.MostPoints, "Draw this many points at random, instead of trying the whole grid");

    private readonly Option<long?> _searchSeed = NumberOption.Create(
        "--search-seed", 0, uint.MaxValue, $"The seed of that drawing ({DefaultSearchSeed} unless told)");

    private readonly Option<long?> _runs = NumberOption.Create(
        "--runs", 1, 10_000, $"Train each point with this many seeds, counting up from --seed ({DefaultRuns} unless told)");

    private readonly Option<long?> _seed =
        NumberOption.Create("--seed", 0, uint.MaxValue, "The first seed of the initial weights");

    private readonly Option<long?> _validation = NumberOption.Create(
        "--validation",
        1,
        ExperimentConfiguration.MostExamples,
        FormattableString.Invariant($"Compare on this many digits held out of the training split ({DefaultValidation:N0} unless told or configured)"));

    private readonly Option<bool> _halving = new("--halving")
    {
        Description = "Train all points with one seed, the better half with two, its better half with four, up to --runs",
    };

    private readonly Option<bool> _thenTest = new("--then-test")
    {
        Description = "At the end train the best point with as many fresh seeds, and test it on the test split",
    };

    private readonly Option<long?> _jobs =
        NumberOption.Create(
            "--jobs", 1, 1_024, "How many runs a process trains at a time, a core each (all cores unless told), or a device at once");

    private readonly DeviceOptions _device = new(
        "Where to train: the CPU a run a core; cuda and opencl per example and in batches of at most 64 as many as there are "
            + "multiprocessors at once, otherwise one run after the other",
        takesEvery: true);

    private readonly LiveOptions _live = new();

    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "Save every finished run, the ranking and the best configuration in this folder; the same command goes "
            + "on with what an earlier one finished there",
        HelpName = "DIR",
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        SweepCommand sweep = new();
        return new CommandWithExamples(
            "sweep", "Search for the best settings: train a grid of them or some at random, and compare on validation digits.",
            s_examples, sweep.Execute, sharesRuns: true)
        {
            sweep._experiment.Config,
            sweep._set,
            sweep._random,
            sweep._searchSeed,
            sweep._runs,
            sweep._seed,
            sweep._halving,
            sweep._thenTest,
            sweep._experiment.Dataset,
            sweep._validation,
            sweep._experiment.Data,
            sweep._device.Accelerator,
            sweep._device.Device,
            sweep._jobs,
            sweep._out,
            sweep._live.Live,
            sweep._live.Port,
            sweep._live.Address,
            sweep._experiment.Json,
        };
    }

    private int Execute(ParseResult arguments, CancellationToken interruption)
    {
        // First of all: whatever goes wrong later, the other ranks are sent home.
        using Workers? workers = RankedInvocation.Workers(arguments);
        SweepAxis[] axes = [.. (arguments.GetValue(_set) ?? []).Select(SweepAxis.Parse)];
        if (axes.Length == 0)
        {
            throw new BadInputException(
                "There is nothing to search. Say what to try with --set, such as --set optimizer.learningRate=0.01,0.03.");
        }

        if (arguments.GetValue(_random) is null && arguments.GetValue(_searchSeed) is not null)
        {
            throw new BadInputException("--search-seed is the seed of --random N, and a grid draws nothing. Give both or none.");
        }

        int runs = (int)(arguments.GetValue(_runs) ?? DefaultRuns);
        SweepRequest request = new()
        {
            Configuration = Configure(arguments, runs),
            Axes = axes,
            Random = (int?)arguments.GetValue(_random),
            SearchSeed = (uint)(arguments.GetValue(_searchSeed) ?? DefaultSearchSeed),
            Runs = runs,
            Halving = arguments.GetValue(_halving),
            ThenTest = arguments.GetValue(_thenTest),
            Jobs = (int?)arguments.GetValue(_jobs),
            Accelerator = _device.Kind(arguments),
            Device = _device.Index(arguments),
            IsEveryDevice = _device.IsEvery(arguments),
            Workers = workers,
            Data = _experiment.Folder(arguments),
            Out = arguments.GetValue(_out),
            Json = arguments.GetValue(_experiment.Json),
        };
        InvocationConfiguration streams = arguments.InvocationConfiguration;
        return LiveSession.Run(
            _live.Request(arguments),
            $"sweep of {request.Configuration.Experiment}",
            request.Json ? streams.Error : streams.Output,
            streams.Error,
            (board, stop) => new SweepJob(request with { Live = board }, streams.Output, streams.Error).Execute(stop),
            interruption);
    }

    private ExperimentConfiguration Configure(ParseResult arguments, int runs)
    {
        ExperimentConfiguration configuration = _experiment.Resolve(arguments);
        if (configuration.From is { } from)
        {
            throw new BadInputException($"{configuration.Experiment} starts from {from}, and a sweep's runs start from drawn "
                + "weights. Sweep an experiment without \"from\".");
        }

        // Twice the seeds: those of the search, and the fresh ones of --then-test.
        long seed = arguments.GetValue(_seed) ?? configuration.Seed;
        if (seed + 2L * runs - 1 > uint.MaxValue)
        {
            throw new BadInputException(FormattableString.Invariant(
                $"{runs} runs from seed {seed}, and as many fresh seeds, go beyond the largest seed, {uint.MaxValue}. Use a smaller --seed."));
        }

        return configuration with
        {
            Validation = (int?)arguments.GetValue(_validation)
                ?? (configuration.IsValidation ? configuration.Validation : DefaultValidation),
            Seed = (uint)seed,
        };
    }
}
