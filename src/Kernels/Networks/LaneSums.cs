using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>Sums over the threads of a group, of twenty values each, in the order of the threads.</summary>
internal static class LaneSums
{
    /// <summary>Values of a thread.</summary>
    public const int Values = 20;

    /// <summary>From one thread's values to the next one's: odd, so that threads write to different banks.</summary>
    public const int Pitch = Values + 1;

    /// <summary>The most threads of a group.</summary>
    public const int MostLanes = 64;

    /// <summary>Keeps a thread's values, and waits for the other threads'.</summary>
    /// <param name="shared">(threads, <see cref="Pitch"/>), in shared memory.</param>
    /// <param name="values0">The first five.</param>
    /// <param name="values1">The next.</param>
    /// <param name="values2">The next.</param>
    /// <param name="values3">The last.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Keep(ArrayView<float> shared, Taps5 values0, Taps5 values1, Taps5 values2, Taps5 values3)
    {
        int place = Group.IdxX * Pitch;
        values0.Store(shared, place, 1);
        values1.Store(shared, place + 5, 1);
        values2.Store(shared, place + 10, 1);
        values3.Store(shared, place + 15, 1);
        Group.Barrier();
    }

    /// <summary>The sum of one value.</summary>
    /// <param name="shared">(threads, <see cref="Pitch"/>), in shared memory.</param>
    /// <param name="value">Which.</param>
    /// <param name="lanes">How many threads.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(ArrayView<float> shared, int value, int lanes)
    {
        float sum = shared[value];
        for (int lane = 1; lane < lanes; lane++)
        {
            sum += shared[lane * Pitch + value];
        }

        return sum;
    }
}
