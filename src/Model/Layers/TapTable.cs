using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// Which unit of a map reads which place of a source through which tap: all such triples, grouped by one of the three. A group's
/// triples are those from its start to the next one's.
/// </summary>
/// <remarks>One short list per group is what a processor's branches like; loops over a window's rows and columns are not.</remarks>
internal sealed class TapTable
{
    private TapTable(int groups, IEnumerable<(int Group, int First, int Second)> triples)
    {
        List<int>[] first = [.. Enumerable.Range(0, groups).Select(_ => new List<int>())];
        List<int>[] second = [.. Enumerable.Range(0, groups).Select(_ => new List<int>())];
        foreach ((int group, int one, int other) in triples)
        {
            first[group].Add(one);
            second[group].Add(other);
        }

        Starts = GC.AllocateArray<int>(groups + 1, pinned: true);
        for (int group = 0; group < groups; group++)
        {
            Starts[group + 1] = Starts[group] + first[group].Count;
        }

        First = Pinned(first);
        Second = Pinned(second);
    }

    /// <summary>(groups + 1): where each group's triples begin, and where the last one's end.</summary>
    public int[] Starts { get; }

    /// <summary>Of each triple the first of the two that it is not grouped by, in the order tap, unit, place.</summary>
    public int[] First { get; }

    /// <summary>Of each triple the other.</summary>
    public int[] Second { get; }

    /// <summary>Where <see cref="Starts"/> lies, as long as the table is there.</summary>
    public unsafe int* StartsPointer => Pointer(Starts);

    /// <summary>Where <see cref="First"/> lies.</summary>
    public unsafe int* FirstPointer => Pointer(First);

    /// <summary>Where <see cref="Second"/> lies.</summary>
    public unsafe int* SecondPointer => Pointer(Second);

    /// <summary>Grouped by unit: first the tap, second the place.</summary>
    public static TapTable ByUnit(TensorShape input, TensorShape output, ConvolutionOptions options) => new(
        output[1] * output[2], Triples(input, output, options).Select(triple => (triple.Unit, triple.Tap, triple.Place)));

    /// <summary>Grouped by tap, of the units of some rows: first the unit, second the place.</summary>
    /// <param name="input">The convolution's input.</param>
    /// <param name="output">Its output.</param>
    /// <param name="options">Kernel, stride and border.</param>
    /// <param name="firstRow">The first row of the output.</param>
    /// <param name="endRow">The row behind the last.</param>
    public static TapTable ByTap(TensorShape input, TensorShape output, ConvolutionOptions options, int firstRow, int endRow) => new(
        options.Kernel * options.Kernel,
        Triples(input, output, options)
            .Where(triple => triple.Unit >= firstRow * output[2] && triple.Unit < endRow * output[2])
            .Select(triple => (triple.Tap, triple.Unit, triple.Place)));

    /// <summary>
    /// Grouped by place, for several maps that read the same source: first the tap, second the unit, both counted on from one
    /// map to the next.
    /// </summary>
    /// <param name="input">The convolution's input.</param>
    /// <param name="output">Its output.</param>
    /// <param name="options">Kernel, stride and border.</param>
    /// <param name="maps">How many maps.</param>
    /// <param name="weightsPerMap">From a map's weights to the next one's.</param>
    public static TapTable ByPlace(
        TensorShape input, TensorShape output, ConvolutionOptions options, int maps, int weightsPerMap) => new(
        input[1] * input[2],
        Enumerable.Range(0, maps).SelectMany(map => Triples(input, output, options).Select(triple => (
            triple.Place, map * weightsPerMap + triple.Tap, map * output[1] * output[2] + triple.Unit))));

    /// <summary>Sorts groups that have triples into classes whose triples are the same but for a constant step in the second.</summary>
    /// <returns>The classes; of each the groups, with their step from the first one's.</returns>
    public (int Group, int Step)[][] Classes()
    {
        List<List<(int Group, int Step)>> classes = [];
        for (int group = 0; group + 1 < Starts.Length; group++)
        {
            if (Starts[group] == Starts[group + 1])
            {
                continue;
            }

            List<(int Group, int Step)>? like = classes.Find(known => AreAlike(known[0].Group, group));
            if (like is null)
            {
                classes.Add([(group, 0)]);
            }
            else
            {
                like.Add((group, Second[Starts[group]] - Second[Starts[like[0].Group]]));
            }
        }

        return [.. classes.Select(groups => groups.ToArray())];
    }

    private static int[] Pinned(List<int>[] lists)
    {
        int[] pinned = GC.AllocateArray<int>(lists.Sum(list => list.Count), pinned: true);
        int start = 0;
        foreach (List<int> list in lists)
        {
            list.CopyTo(pinned, start);
            start += list.Count;
        }

        return pinned;
    }

    private static unsafe int* Pointer(int[] pinned) => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));

    private bool AreAlike(int group, int other)
    {
        Range here = Starts[group]..Starts[group + 1];
        Range there = Starts[other]..Starts[other + 1];
        return First.AsSpan(here).SequenceEqual(First.AsSpan(there))
            && Second[here].Zip(Second[there], (one, two) => two - one).Distinct().Count() == 1;
    }

    private static IEnumerable<(int Unit, int Tap, int Place)> Triples(
        TensorShape input, TensorShape output, ConvolutionOptions options)
    {
        for (int unit = 0; unit < output[1] * output[2]; unit++)
        {
            for (int tap = 0; tap < options.Kernel * options.Kernel; tap++)
            {
                int row = unit / output[2] * options.Stride + tap / options.Kernel - options.Padding;
                int column = unit % output[2] * options.Stride + tap % options.Kernel - options.Padding;
                if (row >= 0 && row < input[1] && column >= 0 && column < input[2])
                {
                    yield return (unit, tap, row * input[2] + column);
                }
            }
        }
    }
}
