using System.Runtime.InteropServices;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>
/// Work of a CUDA stream that was recorded once and is replayed by one call of the driver, whatever launches it is made of.
/// ILGPU has no such thing, but its launches go to a stream whose handle it tells, and whatever goes to a stream can be
/// recorded. A replay launches with the very arguments of the recording: what is to change must lie in the device's memory.
/// </summary>
internal sealed unsafe partial class CudaGraph : IDisposable
{
    // ILGPU keeps its own imports to itself, and these it does not have. The name is resolved by DriverWorkarounds.
    private const string Library = "cuda";

    // CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads may go on with calls that a recording forbids.
    private const int ThreadLocal = 1;

    private readonly Accelerator _accelerator;
    private readonly nint _executable;

    private CudaGraph(Accelerator accelerator, nint executable)
    {
        _accelerator = accelerator;
        _executable = executable;
    }

    /// <summary>Records work instead of doing it.</summary>
    /// <param name="accelerator">A CUDA device; its default stream is what records.</param>
    /// <param name="work">Launches kernels on that stream, and does nothing else with the device.</param>
    /// <exception cref="CudaException">The driver cannot record that stream, or that work.</exception>
    public static CudaGraph Record(Accelerator accelerator, Action work)
    {
        using ScopedAcceleratorBinding binding = accelerator.BindScoped();
        nint stream = Stream(accelerator);
        CudaException.ThrowIfFailed(cuStreamBeginCapture_v2(stream, ThreadLocal));
        nint graph = 0;
        try
        {
            try
            {
                work();
            }
            finally
            {
                // Also after a failure: a stream that goes on recording would do nothing else any more.
                CudaException.ThrowIfFailed(cuStreamEndCapture(stream, &graph));
            }

            nint executable = 0;
            CudaException.ThrowIfFailed(cuGraphInstantiateWithFlags(&executable, graph, 0));
            return new CudaGraph(accelerator, executable);
        }
        finally
        {
            if (graph != 0)
            {
                CudaException.ThrowIfFailed(cuGraphDestroy(graph));
            }
        }
    }

    /// <summary>Queues the recorded work.</summary>
    /// <exception cref="CudaException">The driver refuses.</exception>
    public void Launch()
    {
        using ScopedAcceleratorBinding binding = _accelerator.BindScoped();
        CudaException.ThrowIfFailed(cuGraphLaunch(_executable, Stream(_accelerator)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using ScopedAcceleratorBinding binding = _accelerator.BindScoped();
        CudaException.ThrowIfFailed(cuGraphExecDestroy(_executable));
    }

    private static nint Stream(Accelerator accelerator) => ((CudaStream)accelerator.DefaultStream).StreamPtr;

#pragma warning disable SA1300, IDE1006 // Named as the library names them.
    [LibraryImport(Library)]
    private static partial CudaError cuStreamBeginCapture_v2(nint stream, int mode);

    [LibraryImport(Library)]
    private static partial CudaError cuStreamEndCapture(nint stream, nint* graph);

    [LibraryImport(Library)]
    private static partial CudaError cuGraphInstantiateWithFlags(nint* executable, nint graph, ulong flags);

    [LibraryImport(Library)]
    private static partial CudaError cuGraphLaunch(nint executable, nint stream);

    [LibraryImport(Library)]
    private static partial CudaError cuGraphExecDestroy(nint executable);

    [LibraryImport(Library)]
    private static partial CudaError cuGraphDestroy(nint graph);
#pragma warning restore SA1300, IDE1006
}
