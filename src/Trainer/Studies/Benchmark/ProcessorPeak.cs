using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Kernels.Accelerators;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>
/// What this machine's processor can do at most, measured: its clock changes with its load, and what its widest vectors cost
/// no instruction set tells, so that width times clock would be a guess.
/// </summary>
internal static class ProcessorPeak
{
    private const int Rounds = 5;
    private const int Iterations = 1_000_000;

    // A fused multiply-add takes four or five cycles and two can begin in one: ten that do not wait for each other are
    // enough, and leave registers for the constants on the narrowest processors.
    private const int Chains = 10;

    private const int BytesOfThread = 64 << 20;

    /// <summary>Measures both peaks on all cores, in about half a second.</summary>
    public static DevicePeak Measure() => Measure(Environment.ProcessorCount);

    /// <summary>The same on some of the cores, the others idle as far as this program goes.</summary>
    /// <param name="cores">How many.</param>
    public static DevicePeak Measure(int cores)
    {
        (double operations, double bytes, int lanes) = 0 switch
        {
            _ when Vector512.IsHardwareAccelerated => Measure<Vector512<float>, FusedLanes512>(cores),
            _ when Vector256.IsHardwareAccelerated => Measure<Vector256<float>, FusedLanes256>(cores),
            _ => Measure<Vector128<float>, FusedLanes128>(cores),
        };
        return new DevicePeak(operations, bytes, FormattableString.Invariant(
            $"measured here, the best of {Rounds} rounds: multiply-adds of {lanes} floats in registers, and sums over ")
            + FormattableString.Invariant($"{BytesOfThread >> 20} MiB a core, on {cores} {(cores == 1 ? "core" : "cores at a time")}"));
    }

    private static (double Operations, double Bytes, int Lanes) Measure<TVector, TLanes>(int cores)
        where TVector : struct
        where TLanes : struct, IFusedLanes<TVector>
    {
        float[][] memory = [.. Enumerable.Range(0, cores).Select(_ => new float[BytesOfThread / sizeof(float)])];

        // The pages are there only once they have been written to.
        Parallel.ForEach(memory, values => values.AsSpan().Fill(1f));
        double arithmetic = Best(cores, _ => MultiplyAdd<TVector, TLanes>(Iterations));
        double reading = Best(cores, thread => Read<TVector, TLanes>(memory[thread]));
        double operations = 2.0 * cores * Chains * TLanes.Lanes * Iterations / arithmetic;
        return (operations, (double)cores * BytesOfThread / reading, TLanes.Lanes);
    }

    private static double Best(int cores, Func<int, float> work) =>
        Enumerable.Range(0, Rounds).Min(_ => Together(cores, work));

    /// <summary>
    /// The seconds from the first thread's start to the last one's end, by the threads' own clocks: who waits for them may be
    /// woken late.
    /// </summary>
    private static double Together(int cores, Func<int, float> work)
    {
        using Barrier start = new(cores);
        float[] sums = new float[cores];
        long[] begun = new long[cores];
        long[] ended = new long[cores];
        Thread[] threads = [.. Enumerable.Range(0, cores).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            begun[index] = Stopwatch.GetTimestamp();
            sums[index] = work(index);
            ended[index] = Stopwatch.GetTimestamp();
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        // The sums are looked at, or the compiler might leave the work out.
        return sums.All(float.IsFinite)
            ? Stopwatch.GetElapsedTime(begun.Min(), ended.Max()).TotalSeconds
            : throw new InvalidOperationException("The processor cannot add.");
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static float MultiplyAdd<TVector, TLanes>(int iterations)
        where TVector : struct
        where TLanes : struct, IFusedLanes<TVector>
    {
        TVector factor = TLanes.Of(0.5f);
        TVector addend = TLanes.Of(0.25f);
        TVector a = addend, b = addend, c = addend, d = addend, e = addend;
        TVector f = addend, g = addend, h = addend, i = addend, j = addend;
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            a = TLanes.MultiplyAdd(a, factor, addend);
            b = TLanes.MultiplyAdd(b, factor, addend);
            c = TLanes.MultiplyAdd(c, factor, addend);
            d = TLanes.MultiplyAdd(d, factor, addend);
            e = TLanes.MultiplyAdd(e, factor, addend);
            f = TLanes.MultiplyAdd(f, factor, addend);
            g = TLanes.MultiplyAdd(g, factor, addend);
            h = TLanes.MultiplyAdd(h, factor, addend);
            i = TLanes.MultiplyAdd(i, factor, addend);
            j = TLanes.MultiplyAdd(j, factor, addend);
        }

        return TLanes.Sum(a) + TLanes.Sum(b) + TLanes.Sum(c) + TLanes.Sum(d) + TLanes.Sum(e)
            + TLanes.Sum(f) + TLanes.Sum(g) + TLanes.Sum(h) + TLanes.Sum(i) + TLanes.Sum(j);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static float Read<TVector, TLanes>(float[] values)
        where TVector : struct
        where TLanes : struct, IFusedLanes<TVector>
    {
        TVector one = TLanes.Of(1f);
        TVector a = default, b = default, c = default, d = default;
        int lanes = TLanes.Lanes;
        for (int index = 0; index < values.Length; index += 4 * lanes)
        {
            a = TLanes.MultiplyAdd(TLanes.Load(values, index), one, a);
            b = TLanes.MultiplyAdd(TLanes.Load(values, index + lanes), one, b);
            c = TLanes.MultiplyAdd(TLanes.Load(values, index + 2 * lanes), one, c);
            d = TLanes.MultiplyAdd(TLanes.Load(values, index + 3 * lanes), one, d);
        }

        return TLanes.Sum(a) + TLanes.Sum(b) + TLanes.Sum(c) + TLanes.Sum(d);
    }
}
