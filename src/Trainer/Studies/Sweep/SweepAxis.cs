using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using GpuConvnet.Model.Randomness;
using GpuConvnet.Trainer.Setup;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>
/// One <c>--set PATH=...</c> of a sweep: a value of the configuration and what is tried for it, either values
/// (<c>0.01,0.03</c>) or a range to draw from (<c>0..1</c>, or evenly in the logarithm, <c>log:0.001..0.1</c>).
/// </summary>
internal sealed partial class SweepAxis
{
    private const string Example = "such as optimizer.learningRate=0.01,0.03 or optimizer.learningRate=log:0.001..0.1";
    private const string LogPrefix = "log:";
    private const string RangeDots = "..";

    /// <summary>What distinguishes the runs of one point, or the sweep itself: not to be set.</summary>
    private static readonly Dictionary<string, string> s_reserved = new()
    {
        ["seed"] = "a point's runs differ in it; use --seed and --runs",
        ["validation"] = "all points are compared on as many digits; use --validation",
        ["test"] = "a sweep does not look at the test split",
    };

    private SweepAxis(string path, string text)
    {
        Path = path;
        Text = text;
    }

    /// <summary>The JSON path without its <c>$.</c>, such as <c>optimizer.learningRate</c>.</summary>
    public string Path { get; }

    /// <summary>As the user wrote it, the path without <c>$.</c>.</summary>
    public string Text { get; }

    /// <summary>The values to try, each as JSON; empty for a range.</summary>
    public IReadOnlyList<string> Values { get; private init; } = [];

    /// <summary>Whether values are drawn from a range, and not listed.</summary>
    public bool IsRange { get; private init; }

    /// <summary>For the user, where two values may be one with a decimal comma; null elsewhere.</summary>
    public string? Note => !IsRange && Values.Count == 2 && TypeAt(Path) == typeof(double)
        && DecimalComma.Advice(string.Join(',', Values)) is { Length: > 0 } advice
            ? $"note: {Text} is two values, {Values[0]} and {Values[1]}. For one:{advice.ToLowerInvariant()}"
            : null;

    private bool IsLogarithmic { get; init; }

    private bool IsWhole { get; init; }

    private double Low { get; init; }

    private double High { get; init; }

    /// <summary>Reads a <c>--set</c>.</summary>
    /// <param name="option">What follows <c>--set</c>.</param>
    /// <exception cref="BadInputException">It is no path with values or a range. Whether the configuration has the path, and
    /// takes the values, shows when points are made.</exception>
    public static SweepAxis Parse(string option)
    {
        int equals = option.IndexOf('=', StringComparison.Ordinal);
        string path = equals < 0 ? "" : option[..equals].Trim();
        path = path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;
        string values = option[(equals + 1)..].Trim();
        if (path.Length == 0 || values.Length == 0)
        {
            throw new BadInputException($"--set takes PATH=VALUE,VALUE,... or PATH=LOW..HIGH, {Example}; not '{option}'.");
        }

        if (s_reserved.TryGetValue(path, out string? reason))
        {
            throw new BadInputException($"--set {path}: {reason}.");
        }

        string text = $"{path}={values}";
        return values.Contains(RangeDots, StringComparison.Ordinal)
            ? ParseRange(path, values, text)
            : new SweepAxis(path, text) { Values = ParseValues(values, text) };
    }

    /// <summary>A value at random, as JSON: of the list any, each as likely; of a range any, to four digits.</summary>
    /// <param name="random">Where chance comes from; two numbers are drawn.</param>
    public string Draw(Mt19937 random)
    {
        double fraction = NextDouble(random);
        if (!IsRange)
        {
            return Values[(int)(fraction * Values.Count)];
        }

        double low = IsLogarithmic ? Math.Log(Low) : Low;
        double high = IsWhole ? High + 1 : High;
        double drawn = low + fraction * ((IsLogarithmic ? Math.Log(high) : high) - low);
        drawn = IsLogarithmic ? Math.Exp(drawn) : drawn;
        if (IsWhole)
        {
            return Math.Clamp((long)drawn, (long)Low, (long)High).ToString(CultureInfo.InvariantCulture);
        }

        // Four digits are more than a search can tell apart, and can be read and typed.
        double rounded = double.Parse(drawn.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Math.Clamp(rounded, Low, High).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>In [0, 1), as <c>numpy.random.random_sample</c> draws it.</summary>
    private static double NextDouble(Mt19937 random)
    {
        uint high = random.NextUInt32() >> 5;
        uint low = random.NextUInt32() >> 6;
        return (high * (double)(1 << 26) + low) / (1L << 53);
    }

    private static string[] ParseValues(string values, string text)
    {
        string[] words = values.Split(',', StringSplitOptions.TrimEntries);
        if (words.FirstOrDefault(word => LeadingZero().IsMatch(word)) is { } digits)
        {
            throw new BadInputException(
                $"--set {text}: '{digits}' is no number. A comma stands between values, and a decimal point is a point, {Example}.");
        }

        JsonNode?[] nodes = [.. words.Select(word => word.Length > 0
            ? Node(word)
            : throw new BadInputException($"--set {text} has an empty value. Write the values with a comma between them, {Example}."))];
        for (int i = 0; i < nodes.Length; i++)
        {
            if (nodes.Take(i).Any(earlier => JsonNode.DeepEquals(earlier, nodes[i])))
            {
                throw new BadInputException($"--set {text} has {words[i]} twice. Remove one.");
            }
        }

        return [.. nodes.Select(node => node?.ToJsonString() ?? "null")];
    }

    /// <summary>JSON where the word is JSON, otherwise a text: <c>full</c> need not be quoted, which shells make hard.</summary>
    private static JsonNode? Node(string word)
    {
        try
        {
            return JsonNode.Parse(word);
        }
        catch (JsonException)
        {
            return JsonValue.Create(word);
        }
    }

    private static SweepAxis ParseRange(string path, string values, string text)
    {
        bool isLogarithmic = values.StartsWith(LogPrefix, StringComparison.Ordinal);
        string[] ends = values[(isLogarithmic ? LogPrefix.Length : 0)..].Split(RangeDots);
        double low = 0;
        double high = 0;
        bool isWhole = IsWholeNumber(path);
        if (ends.Length != 2 || !TryParse(ends[0], out low) || !TryParse(ends[1], out high) || low >= high
            || (isLogarithmic && low <= 0))
        {
            throw new BadInputException(
                $"--set {text}: a range is LOW..HIGH or log:LOW..HIGH with two numbers, the first smaller, and above 0 for log:.");
        }

        if (isWhole && (low != Math.Floor(low) || high != Math.Floor(high) || Math.Abs(low) > uint.MaxValue || high > uint.MaxValue))
        {
            throw new BadInputException($"--set {text}: $.{path} takes whole numbers; so must both ends of its range be.");
        }

        return new SweepAxis(path, text)
        {
            IsRange = true,
            IsLogarithmic = isLogarithmic,
            IsWhole = isWhole,
            Low = low,
            High = high,
        };
    }

    // What a decimal comma leaves of 0,03; JSON has no such number.
    [GeneratedRegex(@"^-?0\d")]
    private static partial Regex LeadingZero();

    private static bool TryParse(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    /// <summary>Whether the configuration has a whole number at a path.</summary>
    private static bool IsWholeNumber(string path)
    {
        Type? value = TypeAt(path);
        return value == typeof(int) || value == typeof(uint) || value == typeof(BatchSize);
    }

    /// <summary>What the configuration has at a path; null for nothing.</summary>
    private static Type? TypeAt(string path)
    {
        JsonTypeInfo type = ConfigurationJson.Named.ExperimentConfiguration;
        foreach (string key in path.Split('.'))
        {
            if (type.Kind != JsonTypeInfoKind.Object
                || type.Properties.FirstOrDefault(property => property.Name == key) is not { } known)
            {
                return null;
            }

            type = type.Options.GetTypeInfo(known.PropertyType);
        }

        return Nullable.GetUnderlyingType(type.Type) ?? type.Type;
    }
}
