using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>Where units lie that a layer works on by themselves: each thread has sixteen of them, one after the other.</summary>
internal static class UnitPlace
{
    /// <summary>Units of a thread.</summary>
    public const int UnitsOfThread = 16;

    /// <summary>A unit's place in what lies with a border.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bordered<TSizes>(int unit)
        where TSizes : struct, IUnitSizes
    {
        if (TSizes.Border == 0)
        {
            return Plain<TSizes>(unit);
        }

        int pitch = TSizes.Columns + 2 * TSizes.Border;
        int mapUnits = (TSizes.Rows + 2 * TSizes.Border) * pitch;
        int map = unit / (TSizes.Rows * TSizes.Columns);
        int row = unit / TSizes.Columns % TSizes.Rows;
        int maps = TSizes.Units / (TSizes.Rows * TSizes.Columns);
        int place = map * mapUnits + (row + TSizes.Border) * pitch + unit % TSizes.Columns + TSizes.Border;
        return (Grid.IdxY * (maps * mapUnits) + place) * TSizes.Lanes + Group.IdxX;
    }

    /// <summary>A unit's place in what lies without.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Plain<TSizes>(int unit)
        where TSizes : struct, IUnitSizes => (Grid.IdxY * TSizes.Units + unit) * TSizes.Lanes + Group.IdxX;
}
