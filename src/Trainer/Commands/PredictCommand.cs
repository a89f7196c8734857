using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuConvnet.Model;
using GpuConvnet.Recognition;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Listing;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer predict IMAGE...</c>: which digit is in a picture.</summary>
internal sealed class PredictCommand
{
    private const string StandardInput = "-";
    private const string StandardInputName = "standard input";

    private static readonly string[] s_examples =
    [
        "trainer predict digit.jpg                       which digit is in a picture, by the newest run",
        "trainer predict scans/ --model runs/base --labels",
        "    a line a picture, and how many are right: scans/7_001.png, or scans/7/001.png",
        "trainer predict scans/ --reject-below 0.5       refuses doubtful digits; 'trainer eval RUN --reject' finds a threshold",
        "curl https://example.org/digit.png | trainer predict - --show",
    ];

    private readonly ExperimentOptions _experiment = new();

    private readonly Argument<string[]> _images = new("IMAGE")
    {
        Description = "PNG, JPEG, BMP or WebP with one digit in it; folders of them; - for standard input",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _model = new("--model", "-m")
    {
        Description = $"A run's folder, or a model.safetensors (the newest run in {RunFolder.DefaultParent}/ unless told)",
        HelpName = "RUN|MODEL",
    };

    private readonly Option<bool> _labels = new("--labels")
    {
        Description = "Files are called after the digit in them (7_001.png), or lie in a folder that is: count right answers",
    };

    private readonly RejectBelowOption _rejectBelow = new(
        "Refuse a digit whose two most active outputs (after cross entropy: probabilities) differ by less; not an error");

    private readonly Option<bool> _show = new("--show") { Description = "Show the 16x16 pixels that the network saw" };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        PredictCommand predict = new();
        return new CommandWithExamples("predict", "Read the digit in a picture with a saved model.", s_examples, predict.Execute)
        {
            predict._images,
            predict._model,
            predict._labels,
            predict._rejectBelow.Option,
            predict._show,
            predict._experiment.Config,
            predict._experiment.Json,
        };
    }

    private int Execute(ParseResult arguments, CancellationToken interruption)
    {
        bool json = arguments.GetValue(_experiment.Json);
        bool shows = arguments.GetValue(_show);
        InvocationConfiguration streams = arguments.InvocationConfiguration;
        TextWriter talk = json ? streams.Error : streams.Output;

        string[] named = arguments.GetValue(_images)!;
        (string Image, int? Label)[] images =
        [
            .. named.SelectMany(ImagesOf).Select(image => (image, arguments.GetValue(_labels) ? LabelOf(image) : (int?)null)),
        ];
        OpenedModel model = new(
            arguments.GetValue(_model) ?? NewestModel.In(RunFolder.DefaultParent), arguments.GetValue(_experiment.Config),
            streams.Error);
        ExperimentConfiguration configuration = model.Describe();
        double? rejectBelow = _rejectBelow.Of(arguments, configuration.Loss);
        talk.WriteLine(arguments.GetValue(_model) is null
            ? $"model: {model.Path} ({configuration.Experiment}), the newest; --model names another"
            : $"model: {model.Path} ({configuration.Experiment})");

        using DigitReader reader = new(
            model.CreateNetwork(configuration), configuration.Loss, configuration.Dataset.Framing);

        // The first time the network is compiled, which would be taken for its own time.
        reader.Read(new float[Shape1989.InputUnits]);
        PredictionLines lines = new(HasBlocks(talk));
        List<ImagePrediction> predictions = [];
        foreach ((string image, int? label) in images)
        {
            interruption.ThrowIfCancellationRequested();
            ImagePrediction prediction;
            try
            {
                prediction = Predict(reader, image, rejectBelow, shows) with { Label = label };
            }
            catch (BadInputException refusal) when (images.Length > 1)
            {
                // One bad picture among many is reported, and the others are read.
                streams.Error.WriteLine($"error: {refusal.Message}");
                string shown = image == StandardInput ? StandardInputName : image;
                predictions.Add(new ImagePrediction { Image = shown, Label = label, Problem = refusal.Message });
                continue;
            }

            predictions.Add(prediction);
            if (!json)
            {
                Print(prediction, lines, isOnly: images.Length == 1, shows, talk);
            }
        }

        PredictionResult result = Summarize(model, rejectBelow, predictions);
        if (images.Length > 1 || arguments.GetValue(_labels))
        {
            talk.WriteLine(Summary(result));
        }

        if (json)
        {
            streams.Output.WriteLine(JsonSerializer.Serialize(result, ResultJson.Relaxed.PredictionResult));
        }

        return predictions.TrueForAll(IsRead) ? ExitCode.Done : ExitCode.BadInput;
    }

    private static ImagePrediction Predict(DigitReader reader, string path, double? rejectBelow, bool shows)
    {
        long started = Stopwatch.GetTimestamp();
        string name = path == StandardInput ? StandardInputName : path;
        GreyImage image = Open(path, name);

        FoundDigit digit = DigitFinder.Find(image)
            ?? throw new BadInputException(
                $"{name}: there is no digit to be seen. Nothing in it stands out from its surroundings; give a picture of "
                + "one digit on plain paper.");
        float[] pixels = DigitFrame.Of(digit, reader.Framing);
        long found = Stopwatch.GetTimestamp();
        Prediction prediction = reader.Read(pixels);
        TimeSpan network = Stopwatch.GetElapsedTime(found);

        // What is no number is no confidence either.
        bool isRefused = rejectBelow is { } least && !(prediction.Margin >= least);
        return new ImagePrediction
        {
            Image = name,
            Digit = isRefused ? null : prediction.Digit,
            Refused = isRefused ? prediction.Digit : null,
            RunnerUp = prediction.RunnerUp,
            Outputs = prediction.Outputs,
            Probabilities = prediction.Probabilities,
            Margin = prediction.Margin,
            OtherMarks = digit.Others,
            Pixels = shows ? pixels : null,
            FindMilliseconds = Stopwatch.GetElapsedTime(started, found).TotalMilliseconds,
            NetworkMicroseconds = network.TotalMicroseconds,
        };
    }

    private static GreyImage Open(string path, string name)
    {
        try
        {
            if (path != StandardInput)
            {
                return ImageFile.Read(path);
            }

            using Stream input = Console.OpenStandardInput();
            return ImageFile.Read(input, name);
        }
        catch (ImageException refusal)
        {
            throw new BadInputException(refusal.Message, refusal);
        }
    }

    private static void Print(ImagePrediction prediction, PredictionLines lines, bool isOnly, bool shows, TextWriter talk)
    {
        talk.WriteLine(PredictionLines.Short(prediction));
        if (isOnly)
        {
            foreach (string line in lines.Outputs(prediction))
            {
                talk.WriteLine(line);
            }
        }

        if (shows)
        {
            foreach (string line in lines.Pixels(prediction.Pixels!))
            {
                talk.WriteLine(line);
            }
        }

        if (isOnly)
        {
            talk.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{prediction.FindMilliseconds:F1} ms to read the image and find the digit, "
                + $"{prediction.NetworkMicroseconds:N0} µs in the network"));
        }
    }

    private static PredictionResult Summarize(OpenedModel model, double? rejectBelow, List<ImagePrediction> predictions)
    {
        bool isLabelled = predictions.Exists(prediction => prediction.Label is not null);
        int correct = predictions.Count(prediction => prediction.Digit is not null && prediction.Digit == prediction.Label);
        return new PredictionResult
        {
            Model = model.Path,
            Experiment = model.Experiment,
            Images = predictions,
            RejectBelow = rejectBelow,
            Refused = rejectBelow is null ? null : predictions.Count(prediction => prediction.Refused is not null),
            Answered = predictions.Count(prediction => prediction.Digit is not null),
            Correct = isLabelled ? correct : null,
            AccuracyPercent = isLabelled ? 100.0 * correct / predictions.Count : null,
            ParametersSha256 = model.ParametersSha256,
        };
    }

    private static bool IsRead(ImagePrediction prediction) => prediction.Problem is null;

    private static string Summary(PredictionResult result)
    {
        StringBuilder line = new();
        ImagePrediction[] read = [.. result.Images.Where(IsRead)];
        line.Append(CultureInfo.InvariantCulture, $"{read.Length:N0} of {result.Images.Count:N0} images read");
        if (result.Refused is { } refused)
        {
            line.Append(CultureInfo.InvariantCulture, $", {refused:N0} refused");
        }

        if (result.Correct is { } correct)
        {
            line.Append(
                CultureInfo.InvariantCulture, $", {correct:N0} right: accuracy {result.AccuracyPercent:F2}%");
            if (result is { Refused: > 0, Answered: > 0 })
            {
                line.Append(
                    CultureInfo.InvariantCulture,
                    $", and {100.0 * correct / result.Answered:F2}% of the {result.Answered:N0} answered");
            }
        }

        if (read.Length > 0)
        {
            double milliseconds = read.Average(image => image.FindMilliseconds ?? 0);
            line.Append(CultureInfo.InvariantCulture, $"; {milliseconds:F1} ms each");
        }

        return line.ToString();
    }

    /// <summary>The images that a user means by a file, a folder or <c>-</c>.</summary>
    private static IEnumerable<string> ImagesOf(string path)
    {
        if (path == StandardInput || !Directory.Exists(path))
        {
            return path == StandardInput || !path.StartsWith('-') || File.Exists(path)
                ? [path]
                : throw new BadInputException(
                    $"'{path}' is neither an option nor an image. 'trainer predict --help' shows what there is.");
        }

        // Without links: they may lead around in a circle.
        EnumerationOptions options = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        string[] images =
        [
            .. Directory.EnumerateFiles(path, "*", options)
                .Where(file => ImageFile.Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
                .Order(StringComparer.Ordinal),
        ];
        return images.Length > 0
            ? images
            : throw new BadInputException($"{path} is a folder without images ({string.Join(", ", ImageFile.Endings)}).");
    }

    private static int LabelOf(string image) => image == StandardInput
        ? throw new BadInputException("--labels goes by the names of files, and standard input has none.")
        : File.Exists(image) ? FileLabel.Of(image) : throw new BadInputException(ImageFile.Missing(image));

    /// <summary>Whether what is written is seen on a terminal that shows Unicode.</summary>
    private static bool HasBlocks(TextWriter writer) =>
        ((writer == Console.Out && !Console.IsOutputRedirected) || (writer == Console.Error && !Console.IsErrorRedirected))
        && writer.Encoding.WebName.StartsWith("utf", StringComparison.OrdinalIgnoreCase)
        && Environment.GetEnvironmentVariable("TERM") != "dumb";
}
