using System.CommandLine;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Live;
using GpuConvnet.Trainer.Live.Serving;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Commands;

/// <summary>The bare command: it trains.</summary>
internal sealed class TrainCommand
{
    /// <summary>What the help of the bare command ends with.</summary>
    public static IReadOnlyList<string> Examples { get; } =
    [
        "trainer                                         the article's experiment on whatever digits are at hand",
        "trainer --config 1989-base --out runs/base      the article's replay on MNIST, saved",
        "trainer --config 1989-usps --seed 7             on the zip-code digits, from other initial weights",
        "trainer --runs 10 --quiet                       ten seeds, statistics only",
        "trainer -c 1989-base -a cuda --replicas 132     132 seeds at once on a GPU, per example",
        "trainer --config my.json --json > result.json   an experiment of yours, the result as JSON",
        "trainer --config 1989-usps --from runs/base     fine-tuning: from a saved model, on other digits",
        "trainer --config 1989-base --live               on a web page while it trains: curves, kernels, mistakes, a pad",
        "trainer --resume runs/base                      goes on where a run was interrupted or killed",
        "trainer --resume runs/base --passes 40          makes a finished one longer, as if it had been ordered so",
        "trainer runs                                    what has been trained, side by side",
        "trainer eval runs/base/model.safetensors        how well a saved model does",
        "trainer errors runs/base                        which digits it gets wrong, as a picture",
        "trainer report runs/base runs/softmax           a web page about both, with a pad to draw digits on",
    ];

    private readonly ExperimentOptions _experiment = new();

    private readonly DeviceOptions _device = new(
        "Where to train: auto takes the best there is and says which and why",
        "How a device takes a step: fused, two launches with everything between them on the chip; layers, a "
            + "launch a layer and direction; tensor, as fused with sums by tensor cores, float32's answers by a product of TF32 and one of BF16, "
            + "for CUDA from compute capability 8.0 and 1989's network and connections, not yet run on a GPU; "
            + "auto, fused where it can train the network, except on the CPU accelerator, or tensor where that was faster when both were "
            + "timed, for 0.1 s at the first start",
        takesEvery: true);

    private readonly Option<BatchSize?> _batch = BatchOption.Create(
        "The examples of a step: a number, or full for the whole training set");

    private readonly Option<bool> _perExample = new("--per-example")
    {
        Description = "The same as --batch 1: the article's way, on the CPU reference path",
    };

    private readonly Option<long?> _passes =
        NumberOption.Create("--passes", 1, ExperimentConfiguration.MostPasses, "How often to go through the training set");

    private readonly Option<long?> _steps =
        NumberOption.Create("--steps", 1, int.MaxValue, "How many steps to take, instead of passes");

    private readonly Option<long?> _seed =
        NumberOption.Create("--seed", 0, uint.MaxValue, "The seed of the initial weights");

    private readonly Option<long?> _runs =
        NumberOption.Create("--runs", 1, RunOrder.MostRuns, "Train this many seeds, counting up from --seed, and print statistics");

    private readonly Option<long?> _replicas = NumberOption.Create(
        "--replicas",
        1,
        RunOrder.MostRuns,
        "Train this many seeds, counting up from --seed, per example or in small batches and all at once on a device, each on a "
            + "multiprocessor of its own, and print statistics");

    private readonly Option<string?> _from = new("--from")
    {
        Description = "What to start from instead of drawn weights: a saved model, by its run's folder or its file, or a "
            + "configuration, which is trained first",
        HelpName = "RUN|MODEL|NAME",
        CompletionSources = { ExperimentOptions.Names },
    };

    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "Save configuration, environment, checkpoints, history, result, model and report in this folder, which must not "
            + $"hold anything; otherwise in a new one in {RunFolder.DefaultParent}/",
        HelpName = "DIR",
    };

    private readonly Option<bool> _noSave = new("--no-save") { Description = "Save nothing" };

    private readonly Option<bool> _noReport = new("--no-report") { Description = "Save no report.html and no pictures" };

    private readonly Option<string?> _resume = new("--resume")
    {
        Description = "Go on with the run of this folder where it was left, to the very bits that it would have had; with more --passes, or "
            + "--steps, than it was ordered with, where its learning rate is constant",
        HelpName = "DIR",
    };

    private readonly Option<bool> _acceptChanges = new("--accept-changes")
    {
        Description = "With --resume: go on although the digits, the configuration, the model that it starts from or what trains it are not those "
            + "that the run was begun with; the result is another one then",
    };

    private readonly Option<long?> _checkpointEvery = NumberOption.Create(
        "--checkpoint-every",
        0,
        int.MaxValue,
        "Write a checkpoint every so many passes, or steps where the run counts steps, at the evaluation that follows; 0: "
            + "never; otherwise at evaluations five seconds apart or more");

    private readonly Option<long?> _keepCheckpoints = NumberOption.Create(
        "--keep-checkpoints", 1, 10_000, $"How many checkpoints are kept; otherwise {CheckpointRequest.DefaultKeep}");

    private readonly LiveOptions _live = new();

    private readonly Option<bool> _noEvents = new("--no-events")
    {
        Description = "Write no files for TensorBoard; otherwise a saved run has them in events/",
    };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Print the last evaluation only" };

    /// <summary>Makes the root command train.</summary>
    public static void AddTo(RootCommand root)
    {
        TrainCommand command = new();
        Option[] options =
        [
            command._experiment.Config, command._device.Accelerator, command._device.Device, command._device.Kernels,
            command._batch, command._perExample, command._passes, command._steps, command._seed, command._runs,
            command._replicas, command._from, command._experiment.Dataset, command._experiment.Validation,
            command._experiment.Data, command._out, command._noSave, command._noReport, command._resume,
            command._acceptChanges, command._checkpointEvery, command._keepCheckpoints, command._noEvents,
            command._live.Live, command._live.Port, command._live.Address, command._experiment.Json, command._quiet,
        ];
        Array.ForEach(options, root.Options.Add);
        root.SetAction((arguments, interruption) => Task.FromResult(command.Execute(arguments, interruption)));
    }

    private int Execute(ParseResult arguments, CancellationToken interruption)
    {
        if (arguments.GetValue(_noSave) && arguments.GetValue(_out) is not null)
        {
            throw new BadInputException("--no-save contradicts --out. Give one.");
        }

        if (arguments.GetValue(_acceptChanges) && arguments.GetValue(_resume) is null)
        {
            throw new BadInputException("--accept-changes says how to go on with a run. Give it with --resume, or leave it out.");
        }

        TrainingRequest request = arguments.GetValue(_resume) is { } folder
            ? Resume(arguments, RunFolder.Reopen(folder))
            : Order(arguments);
        LiveRequest? live = _live.Request(arguments);
        bool sharesRuns = request is { Runs: not null, IsEnsemble: false };
        if (request is { World: { Rank: > 0 } world, Runs: not null })
        {
            return sharesRuns ? Worker.Serve(world, interruption) : ExitCode.Done;
        }

        using Workers? workers = sharesRuns ? RankedInvocation.Workers(arguments) : null;
        InvocationConfiguration streams = arguments.InvocationConfiguration;
        return LiveSession.Run(
            request.World is { Rank: > 0 } ? null : live,
            request.Configuration.Experiment,
            request.Json ? streams.Error : streams.Output,
            streams.Error,
            (board, stop) => new TrainingJob(request with { Workers = workers, Live = board }, streams.Output, streams.Error).Execute(stop),
            interruption);
    }

    private TrainingRequest Resume(ParseResult arguments, RunFolder folder)
    {
        Option[] others =
        [
            _experiment.Config, _experiment.Dataset, _experiment.Validation, _device.Accelerator,
            _device.Device, _device.Kernels, _batch,
            _perExample, _seed, _runs, _replicas, _from, _out, _noSave,
        ];
        if (others.FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false }) is { } changed)
        {
            throw new BadInputException(
                $"--resume goes on with a run as it was ordered, and {changed.Name} would change it. Leave {changed.Name} out, "
                + "or start a new run with it.");
        }

        RunOrder order = folder.ReadOrder(arguments.InvocationConfiguration.Error.WriteLine);
        ExperimentConfiguration ordered = folder.ReadConfiguration();
        ExperimentConfiguration configuration = Lengthened(arguments, ordered, folder.FullPath);
        return new TrainingRequest
        {
            Configuration = configuration,
            IsLengthened = configuration.TotalSteps > ordered.TotalSteps,
            Device = order.Device,
            IsEveryDevice = order.EveryDevice,
            Kernels = order.Kernels,
            Runs = order.Runs,
            IsEnsemble = order.Replicas,
            Resume = (folder, order),
            AcceptsChanges = arguments.GetValue(_acceptChanges),
            WritesEvents = order.Events && !arguments.GetValue(_noEvents),
            Checkpoints = new CheckpointRequest(
                (int?)arguments.GetValue(_checkpointEvery) ?? order.CheckpointEvery,
                (int?)arguments.GetValue(_keepCheckpoints) ?? order.KeepCheckpoints),
            Data = _experiment.Folder(arguments),
            World = RankedInvocation.Of(arguments),
            Json = arguments.GetValue(_experiment.Json),
            Quiet = arguments.GetValue(_quiet),
            WritesReport = !arguments.GetValue(_noReport),
        };
    }

    /// <summary>A run's configuration with as many passes or steps as it is to have in all.</summary>
    private ExperimentConfiguration Lengthened(ParseResult arguments, ExperimentConfiguration ordered, string folder)
    {
        bool countsSteps = ordered.Steps is not null;
        (Option<long?> other, Option<long?> option, string what) =
            countsSteps ? (_passes, _steps, "steps") : (_steps, _passes, "passes");
        if (arguments.GetValue(other) is not null)
        {
            throw new BadInputException($"{folder} counts {what}: say how many it is to have in all with {option.Name}.");
        }

        if (arguments.GetValue(option) is not { } wanted)
        {
            return ordered;
        }

        int had = (countsSteps ? ordered.Steps : ordered.Passes)!.Value;
        if (wanted < had)
        {
            throw new BadInputException(FormattableString.Invariant(
                $"{option.Name} {wanted}: {folder} was ordered with {had:N0} {what}, and cannot be made shorter. Give more, or start a new run."));
        }

        return wanted == had ? ordered
            : ordered.DependenceOnLength is { } dependence ? throw new BadInputException(
                FormattableString.Invariant($"{option.Name} {wanted}: {folder} has {had:N0} {what}, and {dependence}: a longer run has other steps. ")
                + $"Start a new one from its network: --config {Path.Combine(folder, "config.json")} --from {folder} {option.Name} N, with rates and an optimizer from the beginning.")
            : countsSteps ? ordered with { Steps = (int)wanted }
            : ordered with { Passes = (int)wanted };
    }

    /// <summary>Whether every device trains, which takes several seeds.</summary>
    private bool IsEveryDevice(ParseResult arguments) => _device.IsEvery(arguments) && arguments.GetValue(_runs) is null
        ? throw new BadInputException(
            "--device all trains several runs, one a device, and this is one training. Give --runs N; or train it on several GPUs "
            + "with MPI, a rank each: mpirun -n GPUS trainer ... --accelerator cuda, without --device.")
        : _device.IsEvery(arguments);

    /// <summary>Refuses what does not go with replicas.</summary>
    private void RequireFitOfReplicas(ParseResult arguments)
    {
        if (arguments.GetValue(_replicas) is null)
        {
            return;
        }

        (Option Option, string Reason)[] others =
        [
            (_runs, "Both say how many seeds: --runs trains them one after the other, or a core each on the CPU"),
            (_device.Kernels, "It says how batches take a step, and replicas have kernels of their own"),
        ];
        foreach ((Option option, string reason) in others)
        {
            if (arguments.GetResult(option) is { Implicit: false })
            {
                throw new BadInputException($"{option.Name} does not go with --replicas. {reason}. Give one of the two.");
            }
        }
    }

    private TrainingRequest Order(ParseResult arguments) => new()
    {
        Configuration = Configure(arguments),
        Accelerator = _device.Kind(arguments),
        Device = _device.Index(arguments),
        IsEveryDevice = IsEveryDevice(arguments),
        Kernels = _device.Choice(arguments),
        Runs = (int?)(arguments.GetValue(_replicas) ?? arguments.GetValue(_runs)),
        IsEnsemble = arguments.GetValue(_replicas) is not null,
        Data = _experiment.Folder(arguments),
        World = RankedInvocation.Of(arguments),
        Out = arguments.GetValue(_out),
        Saves = !arguments.GetValue(_noSave),
        WritesReport = !arguments.GetValue(_noReport),
        WritesEvents = !arguments.GetValue(_noEvents),
        Checkpoints = new CheckpointRequest(
                (int?)arguments.GetValue(_checkpointEvery),
                (int)(arguments.GetValue(_keepCheckpoints) ?? CheckpointRequest.DefaultKeep)),
        Json = arguments.GetValue(_experiment.Json),
        Quiet = arguments.GetValue(_quiet),
    };

    /// <summary>The configuration with the command line's changes.</summary>
    private ExperimentConfiguration Configure(ParseResult arguments)
    {
        RequireFitOfReplicas(arguments);
        ExperimentConfiguration configuration = _experiment.Resolve(arguments);
        BatchSize? batch = arguments.GetValue(_batch);
        if (arguments.GetValue(_perExample))
        {
            batch = batch is null or { Examples: 1 }
                ? BatchSize.PerExample
                : throw new BadInputException($"--per-example is a batch of 1; --batch {batch} contradicts it. Give one.");
        }

        long? passes = arguments.GetValue(_passes);
        long? steps = arguments.GetValue(_steps);
        if (passes is not null && steps is not null)
        {
            throw new BadInputException("--passes and --steps both say how long to train. Give one.");
        }

        long seed = arguments.GetValue(_seed) ?? configuration.Seed;
        long? replicas = arguments.GetValue(_replicas);
        long runs = replicas ?? arguments.GetValue(_runs) ?? 1;
        if (seed + runs - 1 > uint.MaxValue)
        {
            throw new BadInputException(
                $"{(replicas is null ? "--runs" : "--replicas")} {runs} from seed {seed} goes beyond the largest seed, {uint.MaxValue}. Use a smaller --seed.");
        }

        string? from = arguments.GetValue(_from);
        if (from is not null && string.IsNullOrWhiteSpace(from))
        {
            throw new BadInputException("--from names nothing. Give a run's folder, a saved model or a configuration.");
        }

        if (configuration.Shuffle != PresentationOrder.AsTheyAre && batch is { } other
            && other != BatchSize.PerExample && other != BatchSize.Full)
        {
            throw new BadInputException($"--batch {other}: {configuration.Experiment} presents its digits one by one in an order of their "
                + "own (\"shuffle\"), as batches cannot. Use --batch 1 or full, or a configuration without it.");
        }

        bool isLengthGiven = passes is not null || steps is not null;
        return configuration with
        {
            Batch = batch ?? configuration.Batch,
            Passes = isLengthGiven ? (int?)passes : configuration.Passes,
            Steps = isLengthGiven ? (int?)steps : configuration.Steps,
            Seed = (uint)seed,
            From = ConfigurationFile.Locate(from, Environment.CurrentDirectory) ?? configuration.From,
        };
    }
}
