using GpuConvnet.Model.Training;

namespace GpuConvnet.Kernels.Training;

/// <summary>How much of a batch is on the device at a time, decided before anything is allocated.</summary>
/// <param name="Stride">Examples that there is room for.</param>
/// <param name="Bytes">What their activations and deltas take.</param>
internal sealed record MemoryPlan(int Stride, long Bytes)
{
    private readonly GradientSlices _slices;

    /// <summary>Rows begin on a cache line: 16 floats.</summary>
    private const int Line = 16;

    private MemoryPlan(int stride, long bytes, GradientSlices slices)
        : this(stride, bytes) => _slices = slices;

    /// <summary>Plans for the largest batch, or as much of it as fits.</summary>
    /// <param name="batch">Examples of the largest batch.</param>
    /// <param name="bytesPerExample">What one example's activations and deltas take.</param>
    /// <param name="available">What they may take altogether.</param>
    /// <param name="slices">How batches are cut; as usual unless told.</param>
    /// <exception cref="InvalidOperationException">Not even one slice of the batch fits.</exception>
    public static MemoryPlan For(int batch, long bytesPerExample, long available, GradientSlices slices = default)
    {
        int slice = (batch + slices.Count(batch) - 1) / slices.Count(batch);
        int fitting = (int)Math.Min(int.MaxValue / 2048, available / bytesPerExample);
        int lines = Math.Min((batch + Line - 1) / Line, fitting / Line);

        // An odd number of lines a row: neighbouring rows' examples then fall into different sets of a cache, where
        // multiples of a power of two would have them evict each other.
        if (lines % 2 == 0)
        {
            lines += (lines + 1) * Line <= fitting ? 1 : (lines - 1) * Line >= slice ? -1 : 0;
        }

        int stride = lines * Line;
        return stride >= slice
            ? new MemoryPlan(stride, stride * bytesPerExample, slices)
            : throw new InvalidOperationException(
                $"A slice of the batch, {slice:N0} examples, needs {slice * bytesPerExample >> 20:N0} MiB of the device's "
                + $"memory; {available >> 20:N0} MiB are left. Use a smaller --batch, or another device.");
    }

    /// <summary>How many of a batch's slices, from a first one on, are processed together.</summary>
    public int SlicesFrom(int first, int batch)
    {
        int count = _slices.Count(batch);
        int last = first + 1;
        while (last < count
            && _slices.Start(last + 1, batch) - _slices.Start(first, batch) <= Stride)
        {
            last++;
        }

        return last - first;
    }
}
