using GpuConvnet.Simulator.Ptx;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Simulator.Gpu;

/// <summary>
/// An accelerator of ILGPU's that compiles for CUDA, has its memory in the host's, and interprets what it launches.
/// </summary>
internal sealed class SimulatedAccelerator : Accelerator
{
    /// <summary>Opens a device.</summary>
    public SimulatedAccelerator(Context context, SimulatedDevice device)
        : base(context, device)
    {
        DefaultStream = CreateStreamInternal();
        Init(new PTXBackend(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, nvvmAPI: null!));
    }

    /// <summary>The device's memory.</summary>
    public PtxMemory Memory { get; } = new();

    /// <summary>What runs launches.</summary>
    public Func<PtxLaunch, PtxRun?> Machine { get; set; } = PtxMachine.Run;

    /// <summary>The runs so far.</summary>
    public List<PtxRun> Runs { get; } = [];

    /// <summary>Runs a launch.</summary>
    public void Run(PtxLaunch launch)
    {
        if (Machine(launch) is { } run)
        {
            Runs.Add(run);
        }
    }

    /// <inheritdoc/>
    public override TExtension CreateExtension<TExtension, TExtensionProvider>(TExtensionProvider provider) =>
        throw Unsupported();

    /// <inheritdoc/>
    protected override AcceleratorStream CreateStreamInternal() => new SimulatedStream(this);

    /// <inheritdoc/>
    protected override MemoryBuffer AllocateRawInternal(long length, int elementSize) =>
        CPUMemoryBuffer.Create(this, Memory.Allocate(checked((int)(length * elementSize))), length, elementSize);

    /// <inheritdoc/>
    protected override Kernel LoadKernelInternal(CompiledKernel kernel) => new SimulatedKernel(this, kernel);

    /// <inheritdoc/>
    protected override Kernel LoadImplicitlyGroupedKernelInternal(
        CompiledKernel kernel, int customGroupSize, out KernelInfo? kernelInfo) => throw Unsupported();

    /// <inheritdoc/>
    protected override Kernel LoadAutoGroupedKernelInternal(CompiledKernel kernel, out KernelInfo? kernelInfo)
    {
        kernelInfo = null;
        return new SimulatedKernel(this, kernel);
    }

    /// <inheritdoc/>
    protected override void SynchronizeInternal()
    {
        // A launch returns when the kernel has run.
    }

    /// <inheritdoc/>
    protected override void OnBind()
    {
        // No thread has to be told.
    }

    /// <inheritdoc/>
    protected override void OnUnbind()
    {
        // No thread has to be told.
    }

    /// <inheritdoc/>
    protected override void DisposeAccelerator_SyncRoot(bool disposing)
    {
        // The memory is the garbage collector's.
    }

    /// <inheritdoc/>
    protected override bool CanAccessPeerInternal(Accelerator otherAccelerator) => false;

    /// <inheritdoc/>
    protected override void EnablePeerAccessInternal(Accelerator otherAccelerator) => throw Unsupported();

    /// <inheritdoc/>
    protected override void DisablePeerAccessInternal(Accelerator otherAccelerator) => throw Unsupported();

    /// <inheritdoc/>
    protected override int EstimateMaxActiveGroupsPerMultiprocessorInternal(
        Kernel kernel, int groupSize, int dynamicSharedMemorySizeInBytes) => throw Unsupported();

    /// <inheritdoc/>
    protected override int EstimateGroupSizeInternal(
        Kernel kernel, Func<int, int> computeSharedMemorySize, int maxGroupSize, out int minGridSize) => throw Unsupported();

    /// <inheritdoc/>
    protected override int EstimateGroupSizeInternal(
        Kernel kernel, int dynamicSharedMemorySizeInBytes, int maxGroupSize, out int minGridSize) => throw Unsupported();

    /// <inheritdoc/>
    protected override PageLockScope<T> CreatePageLockFromPinnedInternal<T>(IntPtr pinned, long numElements) =>
        new SimulatedPageLock<T>(this, pinned, numElements);

    private static NotSupportedException Unsupported() => new("A device that is not there does not do that.");
}
