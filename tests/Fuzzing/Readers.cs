using System.Diagnostics;
using System.Text;

namespace GpuConvnet.Tests.Fuzzing;

/// <summary>
/// What every reader of files promises, held against many damaged ones: it gives a result or a
/// <see cref="BadInputException"/> of one short line that names the file, soon, and without taking more memory than a good
/// file of that format could need.
/// </summary>
internal static class Readers
{
    /// <summary>How many damaged files a format is tried with.</summary>
    public const int Count = 10_000;

    private const int LongestMessage = 1_000;

    // Far above what any input takes, as the machine may be busy: it tells slow from endless.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>Reads every input.</summary>
    /// <param name="inputs">The damaged files.</param>
    /// <param name="name">What refusals must call the file.</param>
    /// <param name="mostBytes">What reading one may allocate.</param>
    /// <param name="read">The reader, and whatever uses its result; it runs on a thread of its own.</param>
    public static void Hold(IEnumerable<byte[]> inputs, string name, long mostBytes, Action<byte[]> read)
    {
        long started = Stopwatch.GetTimestamp();
        int number = 0;
        int refused = 0;
        Exception? failure = null;
        byte[] current = [];
        Thread reading = new(() =>
        {
            try
            {
                foreach (byte[] input in inputs)
                {
                    current = input;
                    Volatile.Write(ref started, Stopwatch.GetTimestamp());
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    try
                    {
                        read(input);
                    }
                    catch (BadInputException refusal)
                    {
                        refused++;
                        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
                        Assert.DoesNotContain(refusal.Message, char.IsControl);
                        Assert.InRange(refusal.Message.Length, 1, LongestMessage);
                    }

                    Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, mostBytes);
                    Interlocked.Increment(ref number);
                }
            }
#pragma warning disable CA1031 // Whatever it is, the test thread reports it with the input that caused it.
            catch (Exception unexpected)
#pragma warning restore CA1031
            {
                failure = unexpected;
            }
        })
        {
            IsBackground = true,
        };
        reading.Start();
        while (!reading.Join(TimeSpan.FromMilliseconds(100)))
        {
            Assert.True(
                Stopwatch.GetElapsedTime(Volatile.Read(ref started)) < s_patience, $"Input {number} takes too long: {Shown(current)}");
        }

        Assert.True(failure is null, $"Input {number}, {Shown(current)}: {failure}");

        // Damaged files of which none is refused were not damaged, or not looked at.
        Assert.InRange(refused, number / 20, number);
        Assert.NotEqual(0, number);
    }

    /// <summary>
    /// Puts an input where a reader finds it. Written over in place: some file systems bring every file that was cut to
    /// nothing and written anew to the disk at once, which takes longer than all the rest.
    /// </summary>
    public static void Put(string path, byte[] input)
    {
        using FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.Write);
        file.Write(input);
        file.SetLength(input.Length);
    }

    private static string Shown(byte[] input) =>
        $"{input.Length} bytes, \"{Encoding.Latin1.GetString(input.AsSpan(0, Math.Min(input.Length, 600)))}\"";
}
