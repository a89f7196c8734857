#:project ../src/Kernels/Kernels.csproj

// A kernel of one's own, written as the project's are: generic in the activation, so that each becomes code without a branch. It
// is checked against the activation in double precision, then timed, on the best device that ILGPU finds.
using System.Diagnostics;
using GpuConvnet.Model.Activations;
using ILGPU;
using ILGPU.Runtime;

const int Count = 1 << 16;
using Context context = Context.CreateDefault();
using Accelerator accelerator = context.GetPreferredDevice(preferCPU: false).CreateAccelerator(context);
Console.WriteLine($"{accelerator.AcceleratorType}: {accelerator.Name}");
Measure<Tanh>();
Measure<Gelu>();

void Measure<TActivation>()
    where TActivation : struct, IActivation
{
    float[] sums = [.. Enumerable.Range(0, Count).Select(i => (i - Count / 2) * (20f / Count))];
    using MemoryBuffer1D<float, Stride1D.Dense> values = accelerator.Allocate1D(sums);
    Action<Index1D, ArrayView<float>> kernel =
        accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>>(Kernels.Apply<TActivation>);
    kernel(Count, values.View);
    double worst = values.GetAsArray1D().Zip(sums, (value, sum) => Math.Abs(value - TActivation.Apply((double)sum))).Max();

    long started = Stopwatch.GetTimestamp();
    kernel(Count, values.View);
    accelerator.Synchronize();
    double microseconds = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
    Console.WriteLine($"{TActivation.Name}: {Count:N0} values in {microseconds:F0} µs, at most {worst:E1} from double precision");
    if (worst > 1e-5)
    {
        throw new InvalidOperationException($"The kernel is wrong by {worst}.");
    }
}

internal static class Kernels
{
    public static void Apply<TActivation>(Index1D index, ArrayView<float> values)
        where TActivation : struct, IActivation => values[index] = TActivation.Apply(values[index]);
}
