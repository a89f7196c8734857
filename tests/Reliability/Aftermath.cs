using System.Globalization;
using GpuConvnet.Tests.Commands;

namespace GpuConvnet.Tests.Reliability;

/// <summary>What a mishap left in a folder, and what becomes of it when the user goes on.</summary>
internal sealed class Aftermath
{
    private readonly Scenario _scenario;
    private readonly string _folder;
    private readonly Dictionary<string, string> _results;
    private readonly int _newest;

    /// <summary>Looks at what is there before anything goes on.</summary>
    /// <param name="scenario">The command.</param>
    /// <param name="folder">Its folder, which need not exist.</param>
    public Aftermath(Scenario scenario, string folder)
    {
        _scenario = scenario;
        _folder = folder;
        _results = Files().Where(IsResult).ToDictionary(path => path, File.ReadAllText);
        _newest = Files()
            .Where(path => path.EndsWith(".checkpoint", StringComparison.Ordinal))
            .Select(path => int.Parse(Path.GetFileNameWithoutExtension(path)["step-".Length..], CultureInfo.InvariantCulture))
            .DefaultIfEmpty().Max();
    }

    /// <summary>Goes on, and says what went wrong.</summary>
    /// <param name="keepsAll">Whether each checkpoint and result is known to be whole, so that none may be lost.</param>
    /// <returns>A line for each thing; none where all was well.</returns>
    public IEnumerable<string> Problems(bool keepsAll)
    {
        bool hadResult = _results.Count > 0;
        string[] again = _scenario.Again(_folder);
        CommandRun run = CommandRun.Of(again);
        if (run.Code != 0)
        {
            yield return $"{string.Join(' ', again)} ended with {run.Code}: {run.Error.Trim()}";
            yield break;
        }

        IReadOnlyList<string> left = Scenario.Left(_folder);
        if (!left.SequenceEqual(_scenario.Expected))
        {
            yield return $"it is not what it would have been: {string.Join("; ", left.Except(_scenario.Expected).Take(3))} for "
                + string.Join("; ", _scenario.Expected.Except(left).Take(3));
        }

        foreach (string path in Files().Where(IsLitter))
        {
            yield return $"{path} is left over";
        }

        if (keepsAll)
        {
            foreach ((string path, string content) in _results)
            {
                if (!File.Exists(path) || File.ReadAllText(path) != content)
                {
                    yield return $"{path} was lost, or written again";
                }
            }

            string goesOn = FormattableString.Invariant($"goes on after {_newest:N0} of");
            bool goesOnFromIt = hadResult || _newest == 0 || run.Output.Contains(goesOn, StringComparison.Ordinal);
            if (_scenario.Name is "run" or "resume" && !goesOnFromIt)
            {
                yield return $"the checkpoint of step {_newest} is lost: {run.Output}{run.Error}";
            }
        }

        if (_scenario.Name != "sweep")
        {
            CommandRun listed = CommandRun.Of("runs", _folder);
            if (listed.Code != 0 || !listed.Output.Contains("finished", StringComparison.Ordinal))
            {
                yield return $"'runs' does not list it: {listed.Output}{listed.Error}";
            }
        }
    }

    // That of several runs together is written whenever they are gone on with, and so is that of a run which was stopped
    // for another's sake.
    private static bool IsResult(string path) =>
        (Path.GetFileName(path).StartsWith("point-", StringComparison.Ordinal) && path.EndsWith(".json", StringComparison.Ordinal))
        || (Path.GetFileName(path) == "result.json"
            && File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "model.safetensors"))
            && !File.ReadAllText(path).Contains("\"interrupted\": true", StringComparison.Ordinal));

    private static bool IsLitter(string path) => path.EndsWith(".part", StringComparison.Ordinal)
        || Path.GetFileName(path) is ".lock" or ".claimed";

    private IEnumerable<string> Files() =>
        Directory.Exists(_folder) ? Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories) : [];
}
