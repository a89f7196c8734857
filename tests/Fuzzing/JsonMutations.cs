using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GpuConvnet.Tests.Fuzzing;

/// <summary>
/// Copies of a JSON document in which one to three values or keys are wrong: another type, a number beyond every range, an
/// array that nests too deep, a key twice, misspelt, unknown or left out. The text stays JSON for the most part, so that what
/// is tried is what comes after the parser.
/// </summary>
internal sealed class JsonMutations
{
    private static readonly string[] s_values =
    [
        "null", "true", "false", "0", "-1", "1", "7", "0.5", "-0.0", "1e-400", "1e308", "1e999", "-1e999", "2147483647", "2147483648",
        "-2147483649", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616",
        "1" + new string('0', 400), "NaN", "Infinity", "0x10", "01", "1.", "\"\"", "\" \"", "\"full\"", "\"NaN\"", "\"null\"", "\"\\ud800\"",
        "\"\\u0000\\n\\r\\u001b[31m\"", "\"../../..\"", "\"/dev/zero\"", "[]", "{}", "[null]", "[[]]", "[{}]", "{\"\":null}", "[1,2,3]",
        "\"" + new string('x', 5_000) + "\"", new string('[', 12) + new string(']', 12),
        new string('[', 70) + new string(']', 70), new string('[', 3_000), "[" + string.Join(',', Enumerable.Repeat("0", 3_000)) + "]",
    ];

    private readonly Random _random;
    private readonly StringBuilder _text = new();
    private readonly HashSet<int> _places = [];
    private int _place;

    private JsonMutations(int seed) => _random = new Random(seed);

    /// <summary>The wrong copies.</summary>
    /// <param name="documents">Good documents, taken in turn.</param>
    /// <param name="count">How many copies.</param>
    /// <param name="seed">The same seed gives the same copies.</param>
    public static IEnumerable<byte[]> Of(IReadOnlyList<byte[]> documents, int count, int seed)
    {
        JsonMutations mutations = new(seed);
        JsonElement[] roots = [.. documents.Select(bytes => JsonDocument.Parse(bytes).RootElement)];
        int[] places = [.. roots.Select(Places)];
        for (int number = 0; number < count; number++)
        {
            int document = number % roots.Length;
            yield return Encoding.UTF8.GetBytes(mutations.Next(roots[document], places[document]));
        }
    }

    private static int Places(JsonElement element) => 1 + element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Sum(property => Places(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().Sum(Places),
        _ => 0,
    };

    private string Next(JsonElement root, int places)
    {
        _text.Clear();
        _places.Clear();
        _place = 0;
        for (int changes = _random.Next(1, 4); changes > 0; changes--)
        {
            _places.Add(_random.Next(places));
        }

        Write(root);
        return _text.ToString();
    }

    private string Value() => s_values[_random.Next(s_values.Length)];

    private void Write(JsonElement element)
    {
        bool isWrong = _places.Contains(_place++);
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when !isWrong || _random.Next(3) > 0:
                WriteObject(element, isWrong);
                break;
            case JsonValueKind.Array when !isWrong || _random.Next(3) > 0:
                WriteArray(element, isWrong);
                break;
            default:
                _text.Append(isWrong ? Value() : element.GetRawText());
                _place += Places(element) - 1;
                break;
        }
    }

    private void WriteObject(JsonElement element, bool isWrong)
    {
        _text.Append('{');
        int wrong = isWrong ? _random.Next(Math.Max(1, element.EnumerateObject().Count())) : -1;
        int index = 0;
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string key = property.Name;
            if (index++ == wrong)
            {
                switch (_random.Next(4))
                {
                    case 0:
                        _place += Places(property.Value);
                        continue;
                    case 1:
                        _text.Append(CultureInfo.InvariantCulture, $"\"{key}\":{Value()},");
                        break;
                    case 2:
                        key = _random.Next(3) switch
                        {
                            0 => key.ToUpperInvariant(),
                            1 => key + new string('x', _random.Next(2_000)),
                            _ => "\\n" + key,
                        };
                        break;
                    default:
                        _text.Append(CultureInfo.InvariantCulture, $"\"no key of it\":{Value()},");
                        break;
                }
            }

            _text.Append(CultureInfo.InvariantCulture, $"\"{key}\":");
            Write(property.Value);
            _text.Append(',');
        }

        Close('}');
    }

    private void WriteArray(JsonElement element, bool isWrong)
    {
        _text.Append('[');
        if (isWrong)
        {
            _text.Append(Value()).Append(',');
        }

        foreach (JsonElement item in element.EnumerateArray())
        {
            Write(item);
            _text.Append(',');
        }

        Close(']');
    }

    private void Close(char bracket)
    {
        if (_text[^1] == ',')
        {
            _text.Length--;
        }

        _text.Append(bracket);
    }
}
