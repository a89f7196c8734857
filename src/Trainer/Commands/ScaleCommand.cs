using System.CommandLine;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Studies.Scaling;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer scale GRID</c>: what a larger network, more digits and more computing bring.</summary>
internal sealed class ScaleCommand
{
    private const string DefaultOut = "runs/scale-";

    private static readonly string[] s_examples =
    [
        "trainer scale configs/scale/builtin.json              widths 0.5 to 2, 500 to 2,000 built-in digits, in a minute",
        "trainer scale configs/scale/mnist-base.json -a cuda   widths 0.5 to 8, 1,000 to 60,000 digits of MNIST; after Ctrl-C the",
        "    same line goes on, and so does a grid with more widths, digits or seeds",
    ];

    private readonly ExperimentOptions _experiment = new();

    private readonly Argument<string> _grid = new("GRID")
    {
        Description =
            "A JSON file with \"base\", an experiment's name or file; \"widths\", \"train\" (numbers of digits) and \"seeds\"",
    };

    private readonly Option<long?> _jobs =
        NumberOption.Create("--jobs", 1, 1_024, "How many runs a process trains at a time, a core each (all cores unless told)");

    private readonly DeviceOptions _device = new("Where to train: a GPU trains one run after the other, the CPU one a core", takesEvery: true);

    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = $"Where finished runs, tables and pictures are kept, and gone on with ({DefaultOut}GRID unless told)",
        HelpName = "DIR",
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        ScaleCommand scale = new();
        return new CommandWithExamples(
            "scale", "Train a grid of widths, numbers of digits and seeds, and fit power laws to the error.",
            s_examples, scale.Execute, sharesRuns: true)
        {
            scale._grid,
            scale._experiment.Dataset,
            scale._experiment.Data,
            scale._device.Accelerator,
            scale._device.Device,
            scale._jobs,
            scale._out,
            scale._experiment.Json,
        };
    }

    private int Execute(ParseResult arguments, CancellationToken interruption)
    {
        // First of all: whatever goes wrong later, the other ranks are sent home.
        using Workers? workers = RankedInvocation.Workers(arguments);
        string grid = arguments.GetValue(_grid)!;
        ScalingRequest request = new()
        {
            Grid = ScalingGridFile.Read(grid),
            Dataset = ConfigurationNames.Dataset.TryParse(arguments.GetValue(_experiment.Dataset), out DataSet? dataset)
                ? dataset
                : null,
            Jobs = (int?)arguments.GetValue(_jobs),
            Accelerator = _device.Kind(arguments),
            Device = _device.Index(arguments),
            IsEveryDevice = _device.IsEvery(arguments),
            Workers = workers,
            Data = _experiment.Folder(arguments),
            Out = arguments.GetValue(_out) ?? DefaultOut + Path.GetFileNameWithoutExtension(grid),
            Json = arguments.GetValue(_experiment.Json),
        };
        InvocationConfiguration streams = arguments.InvocationConfiguration;
        return new ScalingJob(request, streams.Output, streams.Error).Execute(interruption);
    }
}
