using System.Globalization;
using System.Text.Json;
using GpuConvnet.Model.Activations;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>An object of a network's description: its values by their keys, each with its JSON path.</summary>
/// <param name="json">The value, which may be no object.</param>
/// <param name="path">Its JSON path.</param>
/// <exception cref="NetworkFaultException">Every member throws it for a value that cannot be used.</exception>
internal sealed class NetworkNode(JsonElement json, string path)
{
    /// <summary>The JSON path, such as <c>$.network.layers[3]</c>.</summary>
    public string Path => path;

    /// <summary>Whether a key is given.</summary>
    /// <param name="key">The key.</param>
    public bool Has(string key) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(key, out _);

    /// <summary>Refuses what is no object, and keys that it does not know.</summary>
    /// <param name="known">The keys that may be given.</param>
    public void AllowOnly(params IReadOnlyList<string> known)
    {
        RequireObject();
        foreach (string key in json.EnumerateObject().Select(property => property.Name).Where(key => !known.Contains(key)))
        {
            string suggestion = Suggestion.For(key, known) is { Length: > 0 } similar
                ? similar
                : $"; known keys: {string.Join(", ", known)}";
            throw new NetworkFaultException($"{path}.{Excerpt.Of(key)}", $"unknown key '{Excerpt.Of(key)}'{suggestion}");
        }
    }

    /// <summary>A whole number; how small or large it may be, the layer knows.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="otherwise">What it is where the key is left out; null where it must not be.</param>
    public int Whole(string key, int? otherwise = null) => Find(key) is not { } value
        ? otherwise ?? throw Missing(key)
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
            ? number
            : throw Unexpected(key, value, "a whole number");

    /// <summary>A number.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="otherwise">What it is where the key is left out; null where it must not be.</param>
    public double Number(string key, double? otherwise = null) => Find(key) is not { } value
        ? otherwise ?? throw Missing(key)
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Unexpected(key, value, "a number");

    /// <summary>One of several words.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="words">The words.</param>
    /// <param name="otherwise">What it is where the key is left out; null where it must not be.</param>
    public string Word(string key, IReadOnlyList<string> words, string? otherwise = null)
    {
        if (Find(key) is not { } value)
        {
            return otherwise ?? throw Missing(key, $", one of {string.Join(", ", words)}");
        }

        string? word = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return words.Contains(word)
            ? word!
            : throw Unexpected(key, value, $"one of {string.Join(", ", words)}", Suggestion.For(word, words));
    }

    /// <summary>An activation, by its name.</summary>
    /// <param name="key">Its key.</param>
    public Activation Function(string key)
    {
        string name = Word(key, [.. Activation.All.Select(activation => activation.Name)]);
        return Activation.All.First(activation => activation.Name == name);
    }

    /// <summary>Lists of whole numbers; null where the key is left out.</summary>
    /// <param name="key">Their key.</param>
    public IReadOnlyList<IReadOnlyList<int>>? Table(string key)
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        List<int[]> table = [];
        foreach (JsonElement list in List(key, value))
        {
            table.Add([.. List(key, list).Select(number => number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out int whole)
                ? whole
                : throw Unexpected(key, number, "a list of lists of whole numbers"))]);
        }

        return table;
    }

    /// <summary>A list of objects.</summary>
    /// <param name="key">Its key.</param>
    public IReadOnlyList<NetworkNode> Items(string key)
    {
        JsonElement value = Find(key) ?? throw Missing(key);
        return value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select((item, index) => new NetworkNode(item, string.Create(
                CultureInfo.InvariantCulture, $"{path}.{key}[{index}]")))]
            : throw Unexpected(key, value, "a list");
    }

    private JsonElement.ArrayEnumerator List(string key, JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray()
        : throw Unexpected(key, value, "a list of lists of whole numbers");

    private JsonElement? Find(string key)
    {
        RequireObject();
        return json.TryGetProperty(key, out JsonElement value) ? value : null;
    }

    private void RequireObject()
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new NetworkFaultException(path, $"expected an object, found {Excerpt.Of(json.GetRawText())}");
        }
    }

    private NetworkFaultException Missing(string key, string which = "") => new(path, $"the key '{key}' is missing{which}");

    private NetworkFaultException Unexpected(string key, JsonElement found, string expected, string suggestion = "") =>
        new($"{path}.{key}", $"expected {expected}, found {Excerpt.Of(found.GetRawText())}{suggestion}");
}
