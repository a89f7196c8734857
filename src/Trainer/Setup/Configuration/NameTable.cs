using System.Diagnostics.CodeAnalysis;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>What the values of a choice are called in configurations, results and on the command line.</summary>
/// <typeparam name="T">The choice: an enumeration, or a class with an object per value.</typeparam>
internal sealed class NameTable<T>
    where T : notnull
{
    private readonly (string Name, T Value)[] _entries;

    /// <summary>Creates the table; the order is the one in which the names are listed to a user.</summary>
    public NameTable(params (string Name, T Value)[] entries)
    {
        _entries = entries;
        Names = [.. entries.Select(entry => entry.Name)];
    }

    /// <summary>Creates the table of values that say their names.</summary>
    public NameTable(IEnumerable<T> values, Func<T, string> name)
        : this([.. values.Select(value => (name(value), value))])
    {
    }

    /// <summary>All names.</summary>
    public string[] Names { get; }

    /// <summary>The name of a value.</summary>
    public string this[T value] =>
        _entries.First(entry => EqualityComparer<T>.Default.Equals(entry.Value, value)).Name;

    /// <summary>The value of a name that is known to be one of them.</summary>
    public T this[string name] => _entries.First(entry => entry.Name == name).Value;

    /// <summary>The value with exactly this name.</summary>
    public bool TryParse(string? name, [MaybeNullWhen(false)] out T value)
    {
        foreach ((string known, T knownValue) in _entries)
        {
            if (known == name)
            {
                value = knownValue;
                return true;
            }
        }

        value = default;
        return false;
    }
}
