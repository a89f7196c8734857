using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>Sums over the threads of a group, several values at once, in a fixed order.</summary>
internal static class GroupSums
{
    /// <summary>The most values that are summed at once.</summary>
    public const int MostValues = 30;

    /// <summary>The most threads of a group; the actual number is a power of 2.</summary>
    public const int MostThreads = 128;

    /// <summary>Adds up what every thread has of four kernel rows.</summary>
    /// <returns>(20, threads), in shared memory; the group's sums are in each value's first.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<float> Of(Taps5 row0, Taps5 row1, Taps5 row2, Taps5 row3)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(MostValues * MostThreads);
        row0.Store(shared, Group.IdxX, Group.DimX);
        row1.Store(shared, 5 * Group.DimX + Group.IdxX, Group.DimX);
        row2.Store(shared, 10 * Group.DimX + Group.IdxX, Group.DimX);
        row3.Store(shared, 15 * Group.DimX + Group.IdxX, Group.DimX);
        Add(shared, 20);
        return shared;
    }

    /// <summary>Adds each value's threads up by halves, into its first.</summary>
    /// <param name="shared">(values, threads), in shared memory.</param>
    /// <param name="values">How many values.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ArrayView<float> shared, int values)
    {
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            for (int pair = Group.IdxX; pair < values * half; pair += Group.DimX)
            {
                int place = pair / half * Group.DimX + pair % half;
                shared[place] += shared[place + half];
            }

            Group.Barrier();
        }
    }
}
