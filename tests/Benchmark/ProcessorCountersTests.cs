using System.Diagnostics;
using System.Runtime.InteropServices;
using GpuConvnet.Trainer.Studies.Benchmark;

namespace GpuConvnet.Tests.Benchmark;

/// <summary>The kernel's own counters are there on every Linux that lets a program count; the processor's only on some machines.</summary>
public class ProcessorCountersTests
{
    /// <summary>On this thread, on one that starts meanwhile, and on none.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Cores_are_as_busy_as_the_processes_own_times_say(bool computes, bool onAThreadOfItsOwn)
    {
        TimeSpan before = default;
        TimeSpan after = default;
        Stopwatch clock = new();
        CounterReadings readings = ProcessorCounters.During(() =>
        {
            before = Environment.CpuUsage.TotalTime;
            clock.Start();
            Action work = computes ? Compute : () => Thread.Sleep(200);
            if (onAThreadOfItsOwn)
            {
                Thread thread = new(() => work());
                thread.Start();
                thread.Join();
            }
            else
            {
                work();
            }

            after = Environment.CpuUsage.TotalTime;
            clock.Stop();
        });
        Assert.SkipWhen(readings.BusyCores is null, $"Nothing is counted here: {readings.Missing}.");

        // Other tests run beside this one, in the same process: both clocks have them in.
        double expected = (after - before) / clock.Elapsed;
        Assert.InRange(readings.BusyCores!.Value, 0.8 * expected - 0.1, 1.25 * expected + 0.1);
        Assert.True(!computes || expected > 0.05, "Computing takes time.");
    }

    /// <summary>Memory that the system has just given has no pages yet, whether they are of 4 KiB or of 2 MiB.</summary>
    [Fact]
    public unsafe void Pages_are_counted_as_they_come()
    {
        const int bytes = 64 << 20;
        CounterReadings readings = ProcessorCounters.During(() =>
        {
            byte* memory = (byte*)NativeMemory.Alloc(bytes);
            for (int place = 0; place < bytes; place += 4_096)
            {
                Volatile.Write(ref memory[place], 1);
            }

            NativeMemory.Free(memory);
        });
        Assert.SkipWhen(readings.PageFaults is null, $"Nothing is counted here: {readings.Missing}.");

        Assert.InRange(readings.PageFaults!.Value, bytes >> 21, double.MaxValue);
    }

    [Fact]
    public void What_the_processor_does_not_show_is_named()
    {
        CounterReadings readings = ProcessorCounters.During(Compute);

        if (readings.InstructionsPerCycle is { } rate)
        {
            Assert.InRange(rate, 0.01, 16);
        }
        else
        {
            Assert.Matches("Cycles|Instructions", readings.Missing!);
        }
    }

    [Fact]
    public void Ratios_are_of_what_was_counted()
    {
        CounterReadings readings = CounterReadings.Of(
            new Dictionary<CounterKind, double>
            {
                [CounterKind.TaskNanoseconds] = 3e9,
                [CounterKind.Cycles] = 200,
                [CounterKind.Instructions] = 500,
                [CounterKind.CacheMisses] = 4,
            },
            seconds: 2,
            "StalledCycles: why");

        Assert.Equal(new CounterReadings(1.5, 2.5, null, 8, null, "StalledCycles: why"), readings);
    }

    [Theory]
    [InlineData(2, "this machine does not show them")]
    [InlineData(95, "this machine does not show them")]
    [InlineData(13, "the kernel does not allow it")]
    [InlineData(1, "the kernel does not allow it")]
    public void An_error_says_who_is_in_the_way(int error, string reason)
    {
        Assert.StartsWith(reason, ProcessorCounters.Reason(error), StringComparison.Ordinal);
    }

    private static void Compute()
    {
        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun).TotalSeconds < 0.2)
        {
            Thread.SpinWait(1_000);
        }
    }
}
