using System.Globalization;
using System.Text;

namespace GpuConvnet.Tests.Reliability;

/// <summary>What was tried and what came of it: the figures of docs/reliability.md, in a file beside the tests.</summary>
internal sealed class Tally
{
    private readonly string _path;
    private readonly SortedDictionary<string, (int Tried, int Survived)> _counts = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    /// <summary>Begins one.</summary>
    /// <param name="kind">What it is of, such as "kills".</param>
    public Tally(string kind) => _path = Path.Combine(AppContext.BaseDirectory, $"reliability-{kind}.md");

    /// <summary>How many were tried.</summary>
    public int Tried { get; private set; }

    /// <summary>What went wrong, a line each.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Adds a trial.</summary>
    /// <param name="kind">What kind of trial, such as "run: write".</param>
    /// <param name="trial">Which one, for whoever looks into it.</param>
    /// <param name="problems">What went wrong; none where all was well.</param>
    public void Add(string kind, string trial, IEnumerable<string> problems)
    {
        int before = _problems.Count;
        _problems.AddRange(problems.Select(problem => $"{trial}: {problem}"));
        (int tried, int survived) = _counts.GetValueOrDefault(kind);
        _counts[kind] = (tried + 1, survived + (_problems.Count == before ? 1 : 0));
        Tried++;
        if (TrialLength.IsLong)
        {
            File.WriteAllText(_path, ToString());
        }
    }

    public override string ToString()
    {
        StringBuilder text = new("| what | tried | survived |\n|---|---:|---:|\n");
        foreach ((string kind, (int tried, int survived)) in _counts)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {kind} | {tried:N0} | {survived:N0} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"| all | {Tried:N0} | {_counts.Values.Sum(count => count.Survived):N0} |\n");
        foreach (string problem in _problems)
        {
            text.Append('\n').Append(problem).Append('\n');
        }

        return text.ToString();
    }
}
