using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer data</c>: what is where; <c>fetch</c> downloads, <c>preview</c> draws.</summary>
internal sealed class DataCommand
{
    private const int DefaultColumns = 24;

    private static readonly string[] s_examples =
    [
        "trainer data                                    what is where, and whether it is whole",
        "trainer data --dataset idx --data fashion/      whether these files can be trained on, and what is in them",
        "trainer data fetch                              download what is missing of MNIST",
        "trainer data preview --dataset builtin          a contact sheet of digits, as PNG",
    ];

    private readonly ExperimentOptions _experiment = new();

    private readonly Option<long?> _count =
        NumberOption.Create("--count", 1, 200, $"How many digits a class ({DefaultColumns} unless told)");

    private readonly Option<long?> _seed =
        NumberOption.Create("--seed", 0, uint.MaxValue, "The seed of the choice of digits, or of their drawing");

    private readonly OutputFileOptions _file = new(
        "The picture to write (digits-DATASET.png in this folder unless told)", "FILE.png", "a picture");

    private readonly Option<bool> _augmented = new("--augmented")
    {
        Description = "Draw the digits as training sees them, rolled and distorted as --config says",
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        DataCommand data = new();
        return new CommandWithExamples(
            "data", "Say which digits are where, whether they are whole, and how to get what is missing.",
            s_examples, data.Report)
        {
            data._experiment.Config,
            data._experiment.Dataset,
            data._experiment.Data,
            data._experiment.Json,
            data.CreateFetch(),
            data.CreatePreview(),
        };
    }

    private Command CreateFetch()
    {
        Command fetch = new("fetch", "Download what is missing of MNIST, going on where an earlier download stopped.")
        {
            _experiment.Data,
        };
        fetch.SetAction((arguments, interruption) => Task.FromResult(Fetch(arguments, interruption)));
        return fetch;
    }

    private Command CreatePreview()
    {
        Command preview = new("preview", "Draw digits as the network sees them: a contact sheet, a row a class.")
        {
            _experiment.Config,
            _experiment.Dataset,
            _experiment.Data,
            _augmented,
            _count,
            _seed,
            _file.Out,
            _file.Force,
        };
        preview.SetAction((arguments, interruption) => Task.FromResult(Preview(arguments, interruption)));
        return preview;
    }

    private int Report(ParseResult arguments, CancellationToken interruption)
    {
        InvocationConfiguration streams = arguments.InvocationConfiguration;
        bool isAsked = arguments.GetValue(_experiment.Config) is not null || arguments.GetValue(_experiment.Dataset) is not null;
        DataRequest request = _experiment.Resolve(arguments).Data;
        DataSet? only = isAsked && request.Dataset != DataSets.Auto ? request.Dataset : null;
        DataInventory inventory = DataInventory.Of(_experiment.Folder(arguments), request, only, interruption);
        if (arguments.GetValue(_experiment.Json))
        {
            streams.Output.WriteLine(JsonSerializer.Serialize(inventory, DataJson.Relaxed.DataInventory));
        }
        else
        {
            Write(inventory, streams.Output);
        }

        // What is missing can be fetched or done without; what is damaged stops whoever wants to train on it.
        string[] damages = [.. inventory.Datasets.Select(set => set.Damage).OfType<string>()];
        return damages.Length == 0 ? ExitCode.Done : throw new BadInputException(string.Join(' ', damages));
    }

    private static void Write(DataInventory inventory, TextWriter output)
    {
        output.WriteLine($"folder: {inventory.Folder} ({inventory.Reason})");
        foreach (DataSetReport set in inventory.Datasets)
        {
            output.WriteLine();
            output.WriteLine($"{set.Dataset}: {set.Description}");
            foreach (DataFileReport file in set.Files)
            {
                output.WriteLine(file.Path is null
                    ? $"  {file.Name}: {file.State}"
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"  {file.Path}: {file.Bytes:N0}{(file.Bytes is null ? "" : " bytes, ")}{(file.IsDamaged ? "cannot be used" : file.State)}"));
                if (file.Sha256 is not null)
                {
                    output.WriteLine($"    sha256 {file.Sha256}, decompressed");
                }
            }

            WriteClasses(output, "train", set.TrainDigits);
            WriteClasses(output, "test", set.TestDigits);
            foreach (string note in set.Notes)
            {
                output.WriteLine($"  {note}");
            }

            if (set.Advice is { } advice)
            {
                output.WriteLine($"  {advice}");
            }
        }
    }

    private static void WriteClasses(TextWriter output, string split, int[]? classes)
    {
        if (classes is not null)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {split,-5} {classes.Sum():N0} digits; of 0 to 9: {string.Join(' ', classes)}"));
        }
    }

    private int Fetch(ParseResult arguments, CancellationToken interruption)
    {
        TextWriter output = arguments.InvocationConfiguration.Output;
        DataFolder folder = _experiment.Folder(arguments);
        if (MnistDataSet.Missing(folder).Length == 0)
        {
            MnistDataSet.RequireGood(folder);
            output.WriteLine($"MNIST is in {MnistDataSet.Place(folder)} already, and is good.");
            return ExitCode.Done;
        }

        TrainingReport report = TrainingReport.On(output);
        try
        {
            using MnistDownload download = new();
            report.During(() => MnistDataSet.FetchMissing(
                download, folder, report.WriteLine, interruption, new Shown(report)));
        }
        catch (DownloadFailedException failure)
        {
            throw new RunFailedException(
                $"{failure.Message}. What has arrived is kept, and the next 'trainer data fetch' goes on from there. "
                + $"Behind a proxy or without these mirrors, name others in {MnistDownload.Variable}, or put the files into "
                + $"{folder.Mnist} yourself.",
                failure);
        }

        return ExitCode.Done;
    }

    private int Preview(ParseResult arguments, CancellationToken interruption)
    {
        TextWriter output = arguments.InvocationConfiguration.Output;
        int columns = (int)(arguments.GetValue(_count) ?? DefaultColumns);
        bool augmented = arguments.GetValue(_augmented);
        ExperimentConfiguration configuration = _experiment.Resolve(arguments);
        if (augmented && configuration is { Shift: 0, Distortion.IsNone: true })
        {
            throw new BadInputException(
                $"--augmented: {configuration.Experiment} changes no images. Name with --config an experiment that has "
                + "'shift', 'rotate', 'scale' or 'elastic', such as modern-fullbatch.");
        }

        DataRequest request = configuration.Data with
        {
            Seed = (uint)(arguments.GetValue(_seed) ?? configuration.DataSeed),
        };
        LoadedData data = DataSets.Load(request, _experiment.Folder(arguments), output.WriteLine, interruption);
        string path = _file.Path(arguments, $"digits-{data.Dataset}.png");

        Examples shown = augmented ? Augmented(data.Train, configuration) : data.Train;
        AtomicFile.Write(path, ContactSheet.Png(shown, columns));
        output.WriteLine($"{Path.GetFullPath(path)}: {columns} training digits a class, {data.Dataset} ({data.Origin})"
            + (augmented ? $", as the first step of {configuration.Experiment} sees them" : ""));
        return ExitCode.Done;
    }

    /// <summary>Images as the first step of an experiment has them.</summary>
    private static Examples Augmented(Examples examples, ExperimentConfiguration configuration)
    {
        Perturbation perturbation = new(
            configuration.Seed, step: 0, configuration.Shift, dropout: 0, configuration.Distortion);
        float[] pixels = new float[examples.Pixels.Length];
        for (int example = 0; example < examples.Count; example++)
        {
            Span<float> image = pixels.AsSpan(example * Shape1989.InputUnits, Shape1989.InputUnits);
            if (perturbation.Distorts)
            {
                ImageDistorter.Distort(perturbation, example, examples.Image(example), image);
            }
            else
            {
                perturbation.Shift(example, out int rows, out int columns);
                Perturbation.Roll(examples.Image(example), image, rows, columns);
            }
        }

        return new Examples(pixels, examples.Labels);
    }

    private sealed class Shown(TrainingReport report) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            long total = value.Total ?? value.Received;
            report.Show(
                total == 0 ? 0 : (double)value.Received / total,
                () => string.Create(
                    CultureInfo.InvariantCulture, $"{value.File}: {value.Received >> 10:N0} of {total >> 10:N0} KiB"));
        }
    }
}
