using System.Diagnostics;
using System.Runtime.InteropServices;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>
/// A place in a device's queue that a thread can wait for, while others fill the queue behind it. ILGPU's own profiling
/// markers wait at once on OpenCL.
/// </summary>
internal abstract partial class StreamMarker : IDisposable
{
    /// <summary>Puts a marker behind everything queued so far.</summary>
    /// <param name="accelerator">Whose default stream.</param>
    public static StreamMarker After(Accelerator accelerator) => accelerator.DefaultStream switch
    {
        CudaStream stream => new OnCuda(accelerator, stream),
        CLStream stream => new OnOpenCl(stream),
        _ => new Past(),
    };

    /// <summary>Puts a marker behind everything queued so far that remembers when the device came to it.</summary>
    /// <param name="accelerator">Whose default stream.</param>
    /// <exception cref="InvalidOperationException">An OpenCL queue keeps times only if it was made to.</exception>
    public static StreamMarker TimedAfter(Accelerator accelerator) => accelerator.DefaultStream switch
    {
        CudaStream stream => new OnCuda(accelerator, stream, isTimed: true),
        CLStream when !accelerator.Context.Properties.EnableProfiling => throw new InvalidOperationException(
            "This device was not opened for profiling: its queue keeps no times."),
        CLStream stream => new OnOpenCl(stream),
        _ => new Past(),
    };

    /// <summary>
    /// From when the device came to an earlier marker to when it came to this one, on its own clock; both are behind it.
    /// </summary>
    /// <param name="earlier">A marker of the same stream; both remember their times.</param>
    public abstract double SecondsSince(StreamMarker earlier);

    /// <summary>Waits until the device has come to the marker.</summary>
    /// <returns>When that was, on <see cref="Stopwatch"/>'s clock.</returns>
    public abstract long Wait();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>ILGPU's CPU accelerator runs a kernel before its launch returns.</summary>
    private sealed class Past : StreamMarker
    {
        private readonly long _created = Stopwatch.GetTimestamp();

        public override long Wait() => _created;

        public override double SecondsSince(StreamMarker earlier) =>
            Stopwatch.GetElapsedTime(((Past)earlier)._created, _created).TotalSeconds;

        public override void Dispose()
        {
            // There is nothing to free.
        }
    }

    private sealed class OnCuda : StreamMarker
    {
        private readonly Accelerator _accelerator;
        private readonly nint _event;

        public OnCuda(Accelerator accelerator, CudaStream stream, bool isTimed = false)
        {
            _accelerator = accelerator;
            CudaException.ThrowIfFailed(CudaAPI.CurrentAPI.CreateEvent(
                out _event,
                CudaEventFlags.CU_EVENT_BLOCKING_SYNC
                    | (isTimed ? CudaEventFlags.CU_EVENT_DEFAULT : CudaEventFlags.CU_EVENT_DISABLE_TIMING)));
            CudaException.ThrowIfFailed(CudaAPI.CurrentAPI.RecordEvent(_event, stream.StreamPtr));
        }

        public override long Wait()
        {
            using ScopedAcceleratorBinding binding = _accelerator.BindScoped();
            CudaException.ThrowIfFailed(CudaAPI.CurrentAPI.SynchronizeEvent(_event));
            return Stopwatch.GetTimestamp();
        }

        public override double SecondsSince(StreamMarker earlier)
        {
            using ScopedAcceleratorBinding binding = _accelerator.BindScoped();
            CudaException.ThrowIfFailed(
                CudaAPI.CurrentAPI.ElapsedTime(out float milliseconds, ((OnCuda)earlier)._event, _event));
            return milliseconds * 1e-3;
        }

        public override void Dispose() => CudaException.ThrowIfFailed(CudaAPI.CurrentAPI.DestroyEvent(_event));
    }

    private sealed unsafe partial class OnOpenCl : StreamMarker
    {
        // ILGPU keeps its own imports of these to itself. The name is resolved as ILGPU's is, by DriverWorkarounds.
        private const string Library = "OpenCL";
        private const uint CommandEnd = 0x1283; // CL_PROFILING_COMMAND_END
        private readonly nint _event;

        public OnOpenCl(CLStream stream)
        {
            nint created = 0;
            CLException.ThrowIfFailed(clEnqueueMarkerWithWaitList(stream.CommandQueue, 0, null, &created));
            CLException.ThrowIfFailed(clFlush(stream.CommandQueue));
            _event = created;
        }

        public override long Wait()
        {
            nint awaited = _event;
            CLException.ThrowIfFailed(clWaitForEvents(1, &awaited));
            return Stopwatch.GetTimestamp();
        }

        public override double SecondsSince(StreamMarker earlier) => (long)(End - ((OnOpenCl)earlier).End) * 1e-9;

        public override void Dispose() => CLException.ThrowIfFailed(clReleaseEvent(_event));

        /// <summary>When the device came to the marker, in nanoseconds of its clock.</summary>
        private ulong End
        {
            get
            {
                ulong nanoseconds = 0;
                CLException.ThrowIfFailed(
                    clGetEventProfilingInfo(_event, CommandEnd, sizeof(ulong), &nanoseconds, null));
                return nanoseconds;
            }
        }

#pragma warning disable SA1300, IDE1006 // Named as the library names them.
        [LibraryImport(Library)]
        private static partial CLError clEnqueueMarkerWithWaitList(
            nint queue, uint waitCount, nint* waitList, nint* created);

        [LibraryImport(Library)]
        private static partial CLError clFlush(nint queue);

        [LibraryImport(Library)]
        private static partial CLError clWaitForEvents(uint count, nint* events);

        [LibraryImport(Library)]
        private static partial CLError clGetEventProfilingInfo(
            nint profiled, uint what, nuint size, void* value, nuint* sizeNeeded);

        [LibraryImport(Library)]
        private static partial CLError clReleaseEvent(nint released);
#pragma warning restore SA1300, IDE1006
    }
}
