using System.CommandLine;
using System.Globalization;
using GpuConvnet.Mpi;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Studies.Benchmark;
using GpuConvnet.Trainer.Studies.Communication;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer bench</c>: how fast is this device, and where does a step's time go?</summary>
internal sealed class BenchCommand
{
    private const string DefaultConfiguration = "modern-fullbatch";
    private const string NoCurve = "none";
    private const int DefaultRepeats = 20;
    private const int QuickRepeats = 5;
    private const int MostCurveBatch = 60_000;

    private static readonly string[] s_examples =
    [
        "trainer bench                                   the first GPU, or the host where there is none",
        "trainer bench --quick -a opencl -o bench-opencl a rough answer, saved with its curve",
        "trainer bench -c 1989-fullbatch --batches none --to-accuracy",
        "trainer bench -c micro-vit -a host              any network",
        "mpirun -n 4 trainer bench --ranks               what ranks exchange, beside what they compute",
    ];

    private static readonly int[] s_curve = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, MostCurveBatch];
    private static readonly int[] s_quickCurve = [1, 64, 1_024, 7_291];

    private readonly ExperimentOptions _experiment = new();

    private readonly DeviceOptions _device = new(
        "What to time: auto is the first GPU, or the host where there is none",
        "A device's kernels: fused, layers, tensor (fused on tensor cores: CUDA from compute capability 8.0; float32's answers by three "
            + "products of TF32; not yet run on a GPU), or auto, which is fused where it can, except on the CPU accelerator, or tensor where "
            + "that was faster: the result says how long each took");

    private readonly Option<string?> _config = new("--config", "-c")
    {
        Description = $"The experiment whose steps are timed ({DefaultConfiguration} unless told), on built-in digits",
        HelpName = "NAME|FILE",
        CompletionSources = { ExperimentOptions.Names },
    };

    private readonly Option<BatchSize?> _batch = BatchOption.Create(
        "The examples of a step, instead of the configuration's: a number, or full");

    private readonly Option<int[]?> _batches = new("--batches")
    {
        Description = $"The batches of the curve, with commas between them, or {NoCurve} ({string.Join(',', s_curve)} unless told)",
        HelpName = "N,N,...|none",
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            if (text == NoCurve)
            {
                return [];
            }

            List<int> batches = [];
            foreach (string part in text.Split(','))
            {
                if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int batch)
                    || batch is < 1 or > MostCurveBatch)
                {
                    result.AddError(
                        $"--batches takes whole numbers from 1 to {MostCurveBatch} with commas between them, or {NoCurve}, not '{text}'.");
                    return null;
                }

                batches.Add(batch);
            }

            return [.. batches.Distinct().Order()];
        },
    };

    private readonly Option<long?> _repeats = NumberOption.Create(
        "--repeats", 1, 10_000, $"How often to measure each, less often where it is slow ({DefaultRepeats} unless told, {QuickRepeats} with --quick)");

    private readonly Option<bool> _quick = new("--quick")
    {
        Description = $"A rough answer, in seconds: {QuickRepeats} short repeats, a curve of {string.Join(", ", s_quickCurve)}",
    };

    private readonly Option<bool> _toAccuracy = new("--to-accuracy")
    {
        Description = "Also train the experiment, on its own digits, until it misses as few test digits as the article",
    };

    private readonly Option<bool> _ranks = new("--ranks")
    {
        Description = "Under mpirun: time instead what the ranks exchange in a step beside what they compute, and say what that lets "
            + "expect of up to 1,024 ranks",
    };

    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "Save the table, the JSON and the curve, as PNG and SVG, in this folder, which must not hold anything",
        HelpName = "DIR",
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        BenchCommand bench = new();
        return new CommandWithExamples(
            "bench", "Time training: a step, its kernels, an evaluation, batches from one example to 60,000, the start.",
            s_examples, bench.Execute, sharesWork: true)
        {
            bench._device.Accelerator,
            bench._device.Device,
            bench._device.Kernels,
            bench._config,
            bench._batch,
            bench._batches,
            bench._repeats,
            bench._quick,
            bench._toAccuracy,
            bench._ranks,
            bench._experiment.Data,
            bench._out,
            bench._experiment.Json,
        };
    }

    private int Execute(ParseResult arguments, CancellationToken interruption)
    {
        ExperimentConfiguration configuration = ConfigurationFile.Load(arguments.GetValue(_config) ?? DefaultConfiguration);
        BatchSize batch = arguments.GetValue(_batch) ?? configuration.Batch;
        if (batch.Of(configuration.Train) > ExperimentConfiguration.MostExamples)
        {
            throw new BadInputException(FormattableString.Invariant(
                $"A step of {configuration.Experiment} would take {batch.Of(configuration.Train):N0} examples, more than the ")
                + FormattableString.Invariant($"{ExperimentConfiguration.MostExamples:N0} that are in memory whole. Give a smaller --batch."));
        }

        bool quick = arguments.GetValue(_quick);
        BenchmarkRequest request = new()
        {
            Configuration = configuration with { Batch = batch },
            Accelerator = _device.Kind(arguments),
            Device = _device.Index(arguments),
            Kernels = _device.Choice(arguments),
            CurveBatches = arguments.GetResult(_batches) is null
                ? (quick ? s_quickCurve : s_curve)
                : arguments.GetValue(_batches)!,
            NamesBatches = arguments.GetResult(_batches) is not null,
            Repeats = (int)(arguments.GetValue(_repeats) ?? (quick ? QuickRepeats : DefaultRepeats)),
            IsQuick = quick,
            ToAccuracy = arguments.GetValue(_toAccuracy),
            Data = _experiment.Folder(arguments),
            Out = arguments.GetValue(_out),
            Json = arguments.GetValue(_experiment.Json),
        };
        InvocationConfiguration streams = arguments.InvocationConfiguration;
        string command = "trainer " + string.Join(' ', arguments.Tokens.Select(token => token.Value));
        MpiWorld? world = RankedInvocation.Of(arguments);
        if (arguments.GetValue(_ranks))
        {
            return new RanksJob(request, RequireRanks(arguments, world), streams.Output, streams.Error).Execute(command, interruption);
        }

        // The times of one rank are no business of the others.
        if (world is { Rank: > 0 })
        {
            return ExitCode.Done;
        }

        return new BenchmarkJob(request, streams.Output, streams.Error).Execute(command, interruption);
    }

    private MpiWorld RequireRanks(ParseResult arguments, MpiWorld? world)
    {
        if (world is null)
        {
            throw new BadInputException("--ranks times processes that mpirun started, and there is one alone. Use: mpirun -n 2 trainer bench --ranks");
        }

        Option? unused = new Option[] { _batches, _toAccuracy, _out }
            .FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false });
        return unused is null
            ? world
            : throw new BadInputException($"{unused.Name} does not go with --ranks, which times one batch. Leave it out.");
    }
}
