using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GpuConvnet.Recognition;
using GpuConvnet.Recognition.Finding;
using GpuConvnet.Recognition.Images;
using GpuConvnet.Recognition.Numbers;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Commands;

/// <summary>What <c>trainer predict --number</c> does: whole numbers, line by line.</summary>
/// <param name="reader">The network.</param>
/// <param name="refusal">Which answers are refused.</param>
/// <param name="isLabelled">Whether files are called after the digits in them.</param>
/// <param name="shows">Whether the network's pixels are shown.</param>
internal sealed class NumberReading(DigitReader reader, RefusalRule refusal, bool isLabelled, bool shows)
{
    /// <summary>Reads an image.</summary>
    /// <param name="path">The image.</param>
    /// <exception cref="BadInputException">It cannot be read, or there is no number in it.</exception>
    public (NumberPrediction Prediction, GreyImage Image) Read(string path)
    {
        long started = Stopwatch.GetTimestamp();
        string name = PictureFiles.NameOf(path);
        GreyImage image = PictureFiles.Open(path);
        NumberSearch search = NumberReader.Search(image, reader);
        if (search.Instead is { } instead)
        {
            throw new BadInputException(
                $"{name}: there is no number to be seen. {instead}; give a picture of numbers on plain paper or in fields.");
        }

        NumberPrediction prediction = new()
        {
            Image = name,
            Lines = [.. search.Lines.Select(LineOf)],
            Label = isLabelled ? LabelOf(path) : null,
            Milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds,
        };
        return (prediction, image);
    }

    /// <summary>An image in a few lines: a number each, and how sure each digit is.</summary>
    public static IEnumerable<string> Lines(NumberPrediction prediction, PredictionLines pixels)
    {
        foreach (LinePrediction line in prediction.Lines!)
        {
            string wrong = IsRight(prediction) != false || line != prediction.Lines[^1] ? ""
                : prediction.Lines.Count == 1 ? $"  wrong: it is {prediction.Label}"
                : $"  wrong: the lines together are {prediction.Label}";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{prediction.Image}: {line.Number} ({100 * line.Confidence:F1}%)  digits "
                + $"{string.Join(" ", line.Digits.Select(Digit))}{wrong}");
            foreach (DigitPrediction digit in line.Digits.Where(digit => digit.Pixels is not null))
            {
                yield return $"  {Digit(digit)}";
                foreach (string row in pixels.Pixels(digit.Pixels!))
                {
                    yield return row;
                }
            }
        }

        static string Digit(DigitPrediction digit) => string.Create(
            CultureInfo.InvariantCulture,
            $"{(digit.Digit is { } answer ? $"{answer}" : $"?{digit.Refused}")} {100 * digit.Confidence:F1}%{(digit.Dissent is > 0 and var others ? $" (-{others})" : "")}");
    }

    /// <summary>How many there are, and how many are right.</summary>
    public static string Summary(IReadOnlyList<NumberPrediction> predictions)
    {
        int read = predictions.Count(prediction => prediction.Problem is null);
        int right = predictions.Count(prediction => IsRight(prediction) == true);
        bool isLabelled = predictions.Any(prediction => prediction.Label is not null);
        string images = string.Create(CultureInfo.InvariantCulture, $"{read:N0} of {predictions.Count:N0} images read");
        return isLabelled
            ? string.Create(CultureInfo.InvariantCulture, $"{images}, {right:N0} wholly right: {100.0 * right / predictions.Count:F2}%")
            : images;
    }

    /// <summary>Whether all of it is right; null where nobody says what is.</summary>
    public static bool? IsRight(NumberPrediction prediction) => prediction.Label is null ? null
        : prediction.Lines is { } lines && string.Concat(lines.Select(line => line.Number)) == prediction.Label;

    /// <summary>The whole result as JSON.</summary>
    public static string Json(OpenedModel model, IReadOnlyList<NumberPrediction> predictions, IReadOnlyList<string> passedOver) =>
        JsonSerializer.Serialize(
            new NumbersResult
            {
                Model = model.Path,
                Experiment = model.Experiment,
                Images = predictions,
                PassedOver = passedOver.Count == 0 ? null : passedOver,
                Correct = predictions.Any(prediction => prediction.Label is not null)
                    ? predictions.Count(prediction => IsRight(prediction) == true)
                    : null,
                ParametersSha256 = model.ParametersSha256,
            },
            ResultJson.Relaxed.NumbersResult);

    /// <summary>Where a digit is, in the image as it is meant to be seen.</summary>
    public static PictureBox BoxOf(FoundDigit digit) => new(
        (int)(digit.Left * digit.Reduction), (int)(digit.Top * digit.Reduction),
        (int)Math.Ceiling(digit.Width * digit.Reduction), (int)Math.Ceiling(digit.Height * digit.Reduction));

    private LinePrediction LineOf(NumberLine line)
    {
        DigitPrediction[] digits = [.. line.Digits.Select(DigitOf)];
        return new LinePrediction
        {
            Number = string.Concat(digits.Select(digit => digit.Digit is { } answer ? (char)('0' + answer) : '?')),
            Confidence = line.Confidence,
            Digits = digits,
        };
    }

    private DigitPrediction DigitOf(NumberDigit digit)
    {
        bool isRefused = refusal.Refuses(digit.Prediction);
        return new DigitPrediction
        {
            Digit = isRefused ? null : digit.Prediction.Digit,
            Refused = isRefused ? digit.Prediction.Digit : null,
            RunnerUp = digit.Prediction.RunnerUp,
            Confidence = digit.Confidence,
            Margin = digit.Prediction.Margin,
            Dissent = digit.Prediction.Dissent,
            Box = BoxOf(digit.Found),
            Pixels = shows ? digit.Pixels : null,
        };
    }

    /// <summary>The digits that a file's name begins with: those of all lines, one line after the other.</summary>
    private static string LabelOf(string path)
    {
        string name = Path.GetFileName(path);
        string digits = string.Concat(name.TakeWhile(char.IsAsciiDigit));
        return path != PictureFiles.StandardInput && digits.Length > 0
            ? digits
            : throw new BadInputException(
                $"{PictureFiles.NameOf(path)} does not say which number is in it. With --number --labels a file is called as 14850_1.png, or "
                + "1485020783_1.png where there are two lines.");
    }
}
