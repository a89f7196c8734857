using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static GpuConvnet.Model.Shape1989;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Losses;

/// <summary>The ten outputs as lanes of a vector of sixteen.</summary>
internal static class OutputLanes
{
    /// <summary>All bits set in the ten lanes in use, none in the other six.</summary>
    public static Wide Used
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(Outputs)).AsSingle();
    }

    /// <summary>All bits set in the digit's lane, none elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Is(int digit) =>
        Vector512.Equals(Vector512<int>.Indices, Vector512.Create(digit)).AsSingle();

    /// <summary>What the outputs of a digit are trained towards; 0 in the lanes that are not in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Targets(int digit, Targets targets) => Used & Vector512.ConditionalSelect(
        Is(digit), Vector512.Create(targets.Label), Vector512.Create(targets.Other));

    /// <summary>The largest of the sixteen lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Wide lanes)
    {
        Vector256<float> eight = Vector256.Max(lanes.GetLower(), lanes.GetUpper());
        Vector128<float> four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
    }
}
