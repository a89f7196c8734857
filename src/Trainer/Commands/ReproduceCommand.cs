using System.CommandLine;
using System.CommandLine.Completions;
using GpuConvnet.Trainer.Setup;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Studies.Reproduction;
using GpuConvnet.Trainer.Studies.Timeline;
using GpuConvnet.Trainer.Training;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer reproduce</c>: the article's whole table beside ours.</summary>
internal sealed class ReproduceCommand
{
    private const string DefaultOut = "runs/reproduce";
    private const string DefaultTimelineOut = "runs/timeline";

    private static readonly string[] s_examples =
    [
        "trainer reproduce --quick                       the article's table in two minutes",
        "trainer reproduce --runs 5                      the whole of it, five seeds each; goes on if interrupted",
        "trainer reproduce --only shift --engine per-example --out runs/shift",
        "trainer reproduce --timeline --runs 10          from the paper of 1989 to what was found since, a change a row",
    ];

    private static readonly NameTable<ReproductionEngines> s_engines = new(
        ("both", ReproductionEngines.Both),
        ("per-example", ReproductionEngines.PerExample),
        ("full-batch", ReproductionEngines.FullBatch));

    private readonly ExperimentOptions _experiment = new();

    private readonly Option<string[]> _only = new Option<string[]>("--only")
    {
        Description = "These experiments and no others; may be given several times",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
        CompletionSources =
        {
            _ => ArticleRow.Table.Select(row => row.Name).Concat(TimelineRow.All.Select(row => row.Experiment)).Distinct()
                .Select(name => new CompletionItem(name)),
        },
    };

    private readonly Option<bool> _timeline = new("--timeline")
    {
        Description = "Train the rows of the timeline instead: the paper's, the article's and those since, one change each",
    };

    private readonly Option<string?> _engine = new Option<string?>("--engine")
    {
        Description = "Train as the article did it, full batch, or both",
    }.OneOf(s_engines.Names);

    private readonly Option<long?> _runs =
        NumberOption.Create("--runs", 1, 10_000, "How many seeds each, counting up from --seed (1 unless told)");

    private readonly Option<long?> _seed =
        NumberOption.Create("--seed", 0, uint.MaxValue, "The first seed (1337, the article's, unless told)");

    private readonly Option<bool> _quick = new("--quick")
    {
        Description = "The two-minute version: without the 50,000 digits, full batches for "
            + $"{ReproductionJob.QuickSteps} steps at most",
    };

    private readonly DeviceOptions _device = new("Where to train full batches; per example it is the CPU reference path", takesEvery: true);

    private readonly Option<string?> _python = new("--python")
    {
        Description = "A Python with PyTorch, to time PyTorch here; otherwise one on the path, otherwise another machine's time is shown",
        HelpName = "PATH",
    };

    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = $"Where finished runs, table and picture are kept, and gone on with ({DefaultOut} unless told, "
            + $"{DefaultOut}-quick with --quick, {DefaultTimelineOut} with --timeline)",
        HelpName = "DIR",
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        ReproduceCommand reproduce = new();
        return new CommandWithExamples(
            "reproduce", "Train every experiment of the article, its way and full batch, and print its table beside ours.",
            s_examples, reproduce.Execute, sharesRuns: true)
        {
            reproduce._only,
            reproduce._timeline,
            reproduce._engine,
            reproduce._runs,
            reproduce._seed,
            reproduce._quick,
            reproduce._device.Accelerator,
            reproduce._device.Device,
            reproduce._experiment.Dataset,
            reproduce._experiment.Data,
            reproduce._python,
            reproduce._out,
            reproduce._experiment.Json,
        };
    }

    private int Execute(ParseResult arguments, CancellationToken interruption)
    {
        // First of all: whatever goes wrong later, the other ranks are sent home.
        using Workers? workers = RankedInvocation.Workers(arguments);
        bool quick = arguments.GetValue(_quick);
        long runs = arguments.GetValue(_runs) ?? 1;
        long seed = arguments.GetValue(_seed) ?? ExperimentConfiguration.ArticleSeed;
        if (seed + runs - 1 > uint.MaxValue)
        {
            throw new BadInputException(
                $"--runs {runs} from seed {seed} goes beyond the largest seed, {uint.MaxValue}. Use a smaller --seed.");
        }

        DataFolder folder = _experiment.Folder(arguments);
        DataSet? digits = ConfigurationNames.Dataset.TryParse(arguments.GetValue(_experiment.Dataset), out DataSet? dataset)
            ? dataset
            : null;
        string[] only = arguments.GetValue(_only) ?? [];
        bool hasPaperDigits = digits is not null || UspsDataSet.IsAtHand(folder);
        string command = string.Join(' ', ["trainer", .. arguments.Tokens.Select(token => token.Value)]);
        InvocationConfiguration streams = arguments.InvocationConfiguration;
        if (arguments.GetValue(_timeline))
        {
            RequireTimeline(arguments, quick, workers);
            TimelineRequest timeline = new()
            {
                Rows = TimelineRows(only, hasPaperDigits),
                Note = only.Length > 0 || hasPaperDigits ? null : NoPaperDigits(folder),
                Runs = (int)runs,
                Seed = (uint)seed,
                Accelerator = _device.Kind(arguments),
                Device = _device.Index(arguments),
                IsEveryDevice = _device.IsEvery(arguments),
                Data = folder,
                Dataset = digits,
                Out = arguments.GetValue(_out) ?? DefaultTimelineOut,
                Json = arguments.GetValue(_experiment.Json),
            };
            return new TimelineJob(timeline, streams.Output, streams.Error).Execute(command, interruption);
        }

        ReproductionRequest request = new()
        {
            Rows = Rows(only, quick, hasPaperDigits),
            Note = only.Length > 0 || hasPaperDigits
                ? null
                : NoPaperDigits(folder),
            Engines = s_engines.TryParse(arguments.GetValue(_engine), out ReproductionEngines engines)
                ? engines
                : ReproductionEngines.Both,
            Runs = (int)runs,
            Seed = (uint)seed,
            Quick = quick,
            Accelerator = _device.Kind(arguments),
            Device = _device.Index(arguments),
            IsEveryDevice = _device.IsEvery(arguments),
            Workers = workers,
            Data = folder,
            Dataset = digits,
            Out = arguments.GetValue(_out) ?? (quick ? DefaultOut + "-quick" : DefaultOut),
            Python = arguments.GetValue(_python),
            Json = arguments.GetValue(_experiment.Json),
        };
        return new ReproductionJob(request, streams.Output, streams.Error).Execute(command, interruption);
    }

    private static string NoPaperDigits(DataFolder folder) =>
        $"the paper's row is left out: USPS, its digits, is not in {folder.Usps} ('trainer data' says more)";

    /// <summary>Refuses what the timeline knows nothing of.</summary>
    private void RequireTimeline(ParseResult arguments, bool quick, Workers? workers)
    {
        string? option = quick ? "--quick"
            : arguments.GetValue(_engine) is not null ? "--engine"
            : arguments.GetValue(_python) is not null ? "--python"
            : null;
        if (option is not null)
        {
            throw new BadInputException($"{option} is for the article's table, and does not go with --timeline. Leave it out.");
        }

        if (workers is not null)
        {
            throw new BadInputException(
                "--timeline trains in one process: some of its rows learn from others. Start it without mpirun.");
        }
    }

    private static TimelineRow[] TimelineRows(string[] names, bool hasPaperDigits)
    {
        string[] known = [.. TimelineRow.All.Select(row => row.Experiment).Distinct()];
        return names.FirstOrDefault(name => !known.Contains(name)) is { } stranger
            ? throw new BadInputException(
                $"--only {stranger}: the timeline's experiments are {string.Join(", ", known)}{Suggestion.For(stranger, known)}")
            : [.. TimelineRow.All.Where(row => names.Length > 0 ? names.Contains(row.Experiment) : hasPaperDigits || !row.IsOfPaper)];
    }

    private static ArticleRow[] Rows(string[] names, bool quick, bool hasPaperDigits)
    {
        string[] known = [.. ArticleRow.Table.Select(row => row.Name)];
        if (names.FirstOrDefault(name => !known.Contains(name)) is { } stranger)
        {
            throw new BadInputException(
                $"--only {stranger}: the article's experiments are {string.Join(", ", known)}{Suggestion.For(stranger, known)}");
        }

        return names.Length > 0
            ? [.. ArticleRow.Table.Where(row => names.Contains(row.Name))]
            : [.. ArticleRow.Table.Where(row => (!quick || !row.IsLarge) && (row.Paper is null || hasPaperDigits))];
    }
}
