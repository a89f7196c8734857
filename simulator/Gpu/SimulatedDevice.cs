using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Simulator.Gpu;

/// <summary>A GPU that is not there, with what its kernels may take.</summary>
[DeviceType(AcceleratorType.CPU)]
internal sealed class SimulatedDevice : Device
{
    /// <summary>Describes it.</summary>
    /// <param name="multiprocessors">How many it has, which decides how many groups a launch has.</param>
    public SimulatedDevice(int multiprocessors)
    {
        Name = "Interpreter of PTX";
        MemorySize = 1L << 30;
        MaxGridSize = new Index3D(int.MaxValue, ushort.MaxValue, ushort.MaxValue);
        MaxGroupSize = new Index3D(1024, 1024, 64);
        MaxNumThreadsPerGroup = 1024;
        MaxSharedMemoryPerGroup = 48 * 1024;
        MaxConstantMemory = 64 * 1024;
        WarpSize = 32;
        NumMultiprocessors = multiprocessors;
        MaxNumThreadsPerMultiprocessor = 2048;
    }

    /// <inheritdoc/>
    public override Accelerator CreateAccelerator(Context context) => new SimulatedAccelerator(context, this);
}
