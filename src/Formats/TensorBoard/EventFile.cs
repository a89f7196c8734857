using System.Buffers.Binary;
using System.Globalization;
using GpuConvnet.Formats.Protobuf;

namespace GpuConvnet.Formats.TensorBoard;

/// <summary>
/// A file that TensorBoard reads while it grows: records, each its length, the length's checksum, an <c>Event</c> and the
/// event's checksum. The numbers of fields are those of TensorFlow's <c>event.proto</c>.
/// </summary>
public sealed class EventFile : IDisposable
{
    private const string Prefix = "events.out.tfevents.";
    private const string FileVersion = "brain.Event:2";
    private const int SessionStart = 1;

    private readonly string _path;
    private readonly FileStream _file;

    private EventFile(string path)
    {
        _path = path;

        // Without a buffer, a write reaches the file at once, and closing it after a failed one writes nothing more.
        _file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        });
    }

    /// <summary>
    /// Begins a file in a folder. Where the folder holds files of the same run already, TensorBoard reads this one after
    /// them, and forgets what they say from a step on.
    /// </summary>
    /// <param name="folder">The folder; it is created.</param>
    /// <param name="firstStep">The first step that this file may speak of.</param>
    /// <exception cref="RunFailedException">The disk is full, or the folder cannot be written to.</exception>
    public static EventFile Create(string folder, long firstStep)
    {
        EventFile? file = null;
        try
        {
            Directory.CreateDirectory(folder);
            long? latest = LatestTime(folder);
            file = new EventFile(Path.Combine(folder, NameAfter(latest)));
            List<ProtobufMessage> events = [Event(0).Add(3, FileVersion)];
            if (latest is not null)
            {
                events.Add(Event(firstStep).Add(7, new ProtobufMessage().Add(1, SessionStart)));
            }

            file.Append(events);
            return file;
        }
        catch (Exception failure)
        {
            file?.Dispose();
            if (failure is IOException or UnauthorizedAccessException)
            {
                throw Failed(folder, failure);
            }

            throw;
        }
    }

    /// <summary>Adds an event: once this returns, a reader sees it.</summary>
    /// <param name="step">The steps of the run so far.</param>
    /// <param name="values">What to show, each of <see cref="SummaryValue"/>.</param>
    /// <exception cref="RunFailedException">The disk is full or failing.</exception>
    public void Add(long step, IEnumerable<ProtobufMessage> values) =>
        Append([Event(step).Add(5, new ProtobufMessage().Add(1, values))]);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static ProtobufMessage Event(long step) => new ProtobufMessage()
        .Add(1, (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds)
        .Add(2, step);

    /// <summary>
    /// The conventional name, but for the machine's, which is nobody's business: time, program, process, number.
    /// </summary>
    private static string NameAfter(long? latest)
    {
        // TensorBoard reads a folder's files in the order of their names, whatever the clock did between them.
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        long time = latest >= now ? latest.Value + 1 : now;
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{time:D10}.trainer.{Environment.ProcessId}.0");
    }

    /// <summary>The time in the name of a folder's last file, in seconds since 1970; null where there is none.</summary>
    private static long? LatestTime(string folder) => Directory.EnumerateFiles(folder, Prefix + "*")
        .Select(path => Path.GetFileName(path)[Prefix.Length..].Split('.')[0])
        .Max(time => long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            ? seconds
            : (long?)null);

    private void Append(List<ProtobufMessage> events)
    {
        using MemoryStream records = new();
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        foreach (ProtobufMessage message in events)
        {
            byte[] data = message.ToArray();
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)data.Length);
            records.Write(length);
            WriteChecksum(records, length);
            records.Write(data);
            WriteChecksum(records, data);
        }

        try
        {
            // All at once: a reader that looks meanwhile finds whole records.
            _file.Write(records.GetBuffer(), 0, (int)records.Length);
        }
        catch (IOException failure)
        {
            throw Failed(_path, failure);
        }
    }

    private static void WriteChecksum(MemoryStream records, ReadOnlySpan<byte> data)
    {
        Span<byte> checksum = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, MaskedCrc32C.Of(data));
        records.Write(checksum);
    }

    private static RunFailedException Failed(string path, Exception failure) => new(
        $"{path} could not be written: {failure.Message} Make room, and --resume goes on with the run; --no-events does "
        + "without such files.",
        failure);
}
