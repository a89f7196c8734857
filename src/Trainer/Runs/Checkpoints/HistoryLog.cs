using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Runs.Checkpoints;

/// <summary>
/// The evaluations of a run that is under way: a file beside its checkpoints to which each checkpoint adds those since the one
/// before, so that no checkpoint repeats them all. A line per evaluation: a checksum, its place among all evaluations, and the
/// evaluation as JSON.
/// </summary>
/// <remarks>
/// A checkpoint says how many evaluations it goes back to, and needs that many lines of this file; what stands after them was written
/// for a checkpoint that is not there, and is dropped. The file holds what <see cref="EvaluationHistory"/> keeps: when that drops every second
/// one, the file is written anew.
/// </remarks>
internal sealed class HistoryLog
{
    /// <summary>The file's name.</summary>
    public const string Name = "history.log";

    // As many lines as are ever kept, twice over, each far longer than one is.
    private const int MostBytes = 64 << 20;

    private const int ChecksumDigits = 16;

    private readonly string _path;
    private long? _written;

    /// <summary>Prepares the log of a run.</summary>
    /// <param name="folder">The folder of its checkpoints.</param>
    public HistoryLog(string folder) => _path = Path.Combine(folder, Name);

    /// <summary>Writes down what a checkpoint needs: once this returns, it is on the disk.</summary>
    /// <param name="history">The evaluations up to the checkpoint.</param>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    /// <exception cref="RunFailedException">Likewise.</exception>
    public void Save(EvaluationHistory history)
    {
        // What an earlier program left after the checkpoint that this one goes on from is not of this run: it begins with a new file.
        if (_written is not { } written || EvaluationHistory.DistanceOf(written) != EvaluationHistory.DistanceOf(history.Count))
        {
            AtomicFile.Write(_path, Encoding.UTF8.GetBytes(string.Concat(history.Kept.Select(Line))));
        }
        else if (string.Concat(history.Kept.Where(kept => kept.Index >= written).Select(Line)) is { Length: > 0 } added)
        {
            using FileStream file = new(_path, FileMode.Append, FileAccess.Write);
            file.Write(Encoding.UTF8.GetBytes(added));
            Disk.Sync(file);
        }

        _written = history.Count;
    }

    /// <summary>The evaluations that a checkpoint goes back to, as far as they can be read.</summary>
    /// <param name="held">Those that the checkpoint holds itself: the first and the last, or all.</param>
    /// <param name="say">Takes a line about those that are missing.</param>
    public EvaluationHistory Read(EvaluationHistory held, Action<string> say)
    {
        long count = held.Count;
        SortedDictionary<long, HistoryEntry> found = new(held.Kept.ToDictionary(kept => kept.Index, kept => kept.Entry))
        {
            [count - 1] = held.Last,
        };
        string? problem = null;
        try
        {
            foreach (string line in File.Exists(_path) ? Encoding.UTF8.GetString(RegularFile.Read(_path, MostBytes)).Split('\n') : [])
            {
                if (Parse(line) is var (index, entry) && index < count)
                {
                    found.TryAdd(index, entry);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problem = failure.Message;
        }

        // One that was thinned for a later checkpoint has every second of what this one would have, or fewer.
        long distance = EvaluationHistory.DistanceOf(count);
        while (count > EvaluationHistory.Most / 2 && distance < count
            && found.Keys.All(index => index % (2 * distance) == 0 || index == count - 1))
        {
            distance *= 2;
        }

        long missing = ((count - 1) / distance) + 1 - found.Keys.Count(index => index % distance == 0);
        if (missing > 0)
        {
            say(FormattableString.Invariant(
                $"{_path} lacks {missing:N0} of the evaluations up to {held.Last.Step ?? held.Last.Pass:N0}; the run goes on without them.")
                + (problem is null ? "" : $" {problem}"));
        }

        return new EvaluationHistory(count, found.Select(pair => (pair.Key, pair.Value)));
    }

    private static string Line((long Index, HistoryEntry Entry) kept)
    {
        string content = FormattableString.Invariant(
            $"{kept.Index} {JsonSerializer.Serialize(kept.Entry, CheckpointJson.Compact.HistoryEntry)}");
        return $"{Checksum(content)} {content}\n";
    }

    private static (long Index, HistoryEntry Entry)? Parse(string line)
    {
        if (line.Length < ChecksumDigits + 2 || line[(ChecksumDigits + 1)..] is not { } content
            || !line.StartsWith(Checksum(content) + ' ', StringComparison.Ordinal))
        {
            return null;
        }

        int space = content.IndexOf(' ', StringComparison.Ordinal);
        return (
            long.Parse(content[..space], CultureInfo.InvariantCulture),
            JsonSerializer.Deserialize(content[space..], CheckpointJson.Compact.HistoryEntry)!);
    }

    private static string Checksum(string content) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, ChecksumDigits / 2));
}
