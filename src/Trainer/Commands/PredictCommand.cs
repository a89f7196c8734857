using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuConvnet.Model;
using GpuConvnet.Recognition;
using GpuConvnet.Recognition.Images;
using GpuConvnet.Recognition.Numbers;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Listing;
using GpuConvnet.Trainer.Runs.Models;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Streams;
using GpuConvnet.Trainer.Views.Pictures;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer predict IMAGE...</c>: which digit is in a picture.</summary>
internal sealed class PredictCommand
{
    private static readonly string[] s_examples =
    [
        "trainer predict digit.jpg                       which digit is in a picture, by the newest run",
        "trainer predict scans/ --model runs/base --labels",
        "    a line a picture, and how many are right: scans/7_001.png, or scans/7/001.png",
        "trainer predict scans/ --reject-below 0.5       refuses doubtful digits; 'trainer eval RUN --reject' finds a threshold",
        "trainer predict envelope.jpg --number --boxes found.png",
        "    whole numbers, line by line, and where each digit is",
        "curl https://example.org/digit.png | trainer predict - --show",
    ];

    private readonly ExperimentOptions _experiment = new();

    private readonly Argument<string[]> _images = new("IMAGE")
    {
        Description = "PNG, JPEG, GIF, BMP or WebP with one digit in it; folders of them; - for standard input",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _model = new("--model", "-m")
    {
        Description = $"A run's folder or an ensemble's, or a model.safetensors (the newest in {RunFolder.DefaultParent}/ unless told)",
        HelpName = "RUN|MODEL",
    };

    private readonly Option<bool> _labels = new("--labels")
    {
        Description = "Files are called after the digit in them (7_001.png), or lie in a folder that is: count right answers. "
            + "With --number: after all digits, line after line (1485020783_1.png)",
    };

    private readonly RejectBelowOption _rejectBelow = new(
        "Refuse a digit whose two most active outputs (after cross entropy: probabilities) differ by less; not an error");

    private readonly Option<long?> _rejectDissent = NumberOption.Create(
        "--reject-dissent", 1, EnsembleDescription.MostMembers,
        "Of an ensemble: refuse a digit that so many members, or more, would answer otherwise; not an error");

    private readonly Option<bool> _show = new("--show") { Description = "Show the 16x16 pixels that the network saw" };

    private readonly Option<bool> _number = new("--number") { Description = "Read whole numbers: the digits of each line, in order" };

    private readonly Option<string?> _boxes = new("--boxes")
    {
        Description = "Draw the picture with a box around each digit into this file: PNG, JPEG or WebP, by its ending",
        HelpName = "FILE",
    };

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
            predict._rejectDissent,
            predict._show,
            predict._number,
            predict._boxes,
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

        PictureFiles files = PictureFiles.Of(arguments.GetValue(_images)!);
        if (arguments.GetValue(_labels) && files.Images.Contains(PictureFiles.StandardInput))
        {
            throw new BadInputException("--labels goes by the names of files, and standard input has none.");
        }

        string? boxes = arguments.GetValue(_boxes);
        if (boxes is not null && files.Images.Count > 1)
        {
            throw new BadInputException($"--boxes draws one picture, and {files.Images.Count:N0} were named.");
        }

        if (boxes is not null && !BoxedPicture.Endings.Contains(Path.GetExtension(boxes), StringComparer.OrdinalIgnoreCase))
        {
            throw new BadInputException(
                $"--boxes writes PNG, JPEG or WebP, by the file's ending, and '{boxes}' has none of "
                + $"{string.Join(", ", BoxedPicture.Endings)}.");
        }

        OpenedModel model = new(
            arguments.GetValue(_model) ?? NewestModel.In(RunFolder.DefaultParent), arguments.GetValue(_experiment.Config),
            streams.Error);
        ExperimentConfiguration configuration = model.Describe();
        RefusalRule refusal = new(_rejectBelow.Of(arguments, model.Loss), (int?)arguments.GetValue(_rejectDissent));
        if (refusal.Dissent is not null && model.Ensemble is null)
        {
            throw new BadInputException(
                $"--reject-dissent goes by how many members of an ensemble say otherwise, and {model.Path} is a single network. "
                + "'trainer ensemble RUN...' makes an ensemble; --reject-below goes by the margin of any model.");
        }

        talk.WriteLine(arguments.GetValue(_model) is null
            ? $"model: {model.Path} ({configuration.Experiment}), the newest; --model names another"
            : $"model: {model.Path} ({configuration.Experiment})");

        using DigitReader reader = new(
            model.CreateNetwork(), model.Loss, configuration.Dataset.Framing);

        // The first time the network is compiled, which would be taken for its own time.
        reader.Read(new float[Shape1989.InputUnits]);
        PredictionLines lines = new(HasBlocks(talk));
        bool isOnly = files.Images.Count == 1;
        bool isLabelled = arguments.GetValue(_labels);
        if (arguments.GetValue(_number))
        {
            NumberReading numbers = new(reader, refusal, isLabelled, shows);
            List<NumberPrediction> found = ReadAll(
                files, streams,
                path =>
                {
                    (NumberPrediction number, GreyImage image) = numbers.Read(path);
                    Draw(boxes, image, number.Lines!.SelectMany(line => line.Digits)
                        .Select(digit => (digit.Box, $"{digit.Digit ?? digit.Refused}")));
                    Write(json ? [] : NumberReading.Lines(number, lines), talk);
                    return number;
                },
                (name, problem) => new NumberPrediction { Image = name, Problem = problem },
                interruption);
            Write(files.Remarks(), talk);
            Write(isOnly && !isLabelled ? [] : [NumberReading.Summary(found)], talk);
            Write(json ? [NumberReading.Json(model, found, files.PassedOver)] : [], streams.Output);
            return found.TrueForAll(number => number.Problem is null) ? ExitCode.Done : ExitCode.BadInput;
        }

        List<ImagePrediction> predictions = ReadAll(
            files, streams,
            path =>
            {
                int? label = isLabelled ? LabelOf(path) : null;
                (ImagePrediction prediction, GreyImage image) = Predict(reader, path, refusal, shows);
                prediction = prediction with { Label = label };
                Draw(boxes, image, [(prediction.Box!, $"{prediction.Digit ?? prediction.Refused}")]);
                if (!json)
                {
                    Print(prediction, lines, isOnly, shows, talk);
                }

                return prediction;
            },
            (name, problem) => new ImagePrediction
            {
                Image = name,
                Label = isLabelled ? FileLabel.Find(name) : null,
                Problem = problem,
            },
            interruption);
        PredictionResult result = Summarize(model, refusal, predictions, files.PassedOver);
        Write(files.Remarks(), talk);
        Write(isOnly && !isLabelled ? [] : [Summary(result)], talk);
        Write(json ? [JsonSerializer.Serialize(result, ResultJson.Relaxed.PredictionResult)] : [], streams.Output);
        return predictions.TrueForAll(IsRead) ? ExitCode.Done : ExitCode.BadInput;
    }

    /// <summary>Reads all; one bad picture among many is reported, and the others are read.</summary>
    private static List<TResult> ReadAll<TResult>(
        PictureFiles files, InvocationConfiguration streams, Func<string, TResult> read, Func<string, string, TResult> refused,
        CancellationToken interruption)
    {
        List<TResult> results = [];
        foreach (string path in files.Images)
        {
            interruption.ThrowIfCancellationRequested();
            try
            {
                results.Add(read(path));
            }
            catch (BadInputException refusal) when (files.Images.Count > 1)
            {
                streams.Error.WriteLine($"error: {refusal.Message}");
                results.Add(refused(PictureFiles.NameOf(path), refusal.Message));
            }
        }

        return results;
    }

    private static void Write(IEnumerable<string> lines, TextWriter writer)
    {
        foreach (string line in lines)
        {
            writer.WriteLine(line);
        }
    }

    private static void Draw(string? into, GreyImage image, IEnumerable<(PictureBox Box, string Answer)> digits)
    {
        if (into is not null)
        {
            AtomicFile.Write(into, BoxedPicture.Of(image, digits, Path.GetExtension(into)));
        }
    }

    private static (ImagePrediction Prediction, GreyImage Image) Predict(
        DigitReader reader, string path, RefusalRule refusal, bool shows)
    {
        long started = Stopwatch.GetTimestamp();
        string name = PictureFiles.NameOf(path);
        GreyImage image = PictureFiles.Open(path);
        PictureReading reading = PictureReader.Read(image, reader);
        if (reading is not { Found: { } digit, Pixels: { } pixels, Prediction: { } prediction })
        {
            // --number is named where it reads something.
            int inRow = NumberReader.Search(image, reader).Lines.Select(line => line.Digits.Count).DefaultIfEmpty(0).Max();
            throw new BadInputException(
                $"{name}: there is no digit to be seen. {reading.Instead}; "
                + (inRow > 1 ? $"--number reads a row of {inRow} digits in it." : "give a picture of one digit."));
        }

        TimeSpan whole = Stopwatch.GetElapsedTime(started);
        long read = Stopwatch.GetTimestamp();
        reader.Read(pixels);
        TimeSpan network = Stopwatch.GetElapsedTime(read);

        bool isRefused = refusal.Refuses(prediction);
        ImagePrediction found = new()
        {
            Image = name,
            Digit = isRefused ? null : prediction.Digit,
            Refused = isRefused ? prediction.Digit : null,
            RunnerUp = prediction.RunnerUp,
            Outputs = prediction.Outputs,
            Probabilities = prediction.Probabilities,
            Margin = prediction.Margin,
            Answers = prediction.Answers,
            Dissent = prediction.Dissent,
            OtherMarks = digit.Others,
            Box = NumberReading.BoxOf(digit),
            Seen = digit.Seen.Count > 0 ? digit.Seen : null,
            Sureness = digit.Sureness,
            Pixels = shows ? pixels : null,
            FindMilliseconds = whole.TotalMilliseconds,
            NetworkMicroseconds = network.TotalMicroseconds,
        };
        return (found, image);
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

    private static PredictionResult Summarize(
        OpenedModel model, RefusalRule refusal, List<ImagePrediction> predictions, IReadOnlyList<string> passedOver)
    {
        bool isLabelled = predictions.Exists(prediction => prediction.Label is not null);
        int correct = predictions.Count(prediction => prediction.Digit is not null && prediction.Digit == prediction.Label);
        return new PredictionResult
        {
            Model = model.Path,
            Experiment = model.Experiment,
            Images = predictions,
            PassedOver = passedOver.Count > 0 ? passedOver : null,
            RejectBelow = refusal.Below,
            RejectDissent = refusal.Dissent,
            Refused = !refusal.IsAny ? null : predictions.Count(prediction => prediction.Refused is not null),
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

    private static int LabelOf(string image) =>
        File.Exists(image) ? FileLabel.Of(image) : throw new BadInputException(ImageFile.Missing(image));

    /// <summary>Whether what is written is seen on a terminal that shows Unicode.</summary>
    private static bool HasBlocks(TextWriter writer) =>
        writer is DisplayWriter { IsTerminal: true }
        && writer.Encoding.WebName.StartsWith("utf", StringComparison.OrdinalIgnoreCase)
        && Environment.GetEnvironmentVariable("TERM") != "dumb";
}
