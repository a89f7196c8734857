namespace GpuConvnet.Tests.Kernels;

/// <summary>
/// Tests that run kernels, one at a time and with no other test beside them: the CPU accelerator's threads meet at every
/// barrier, and a busy neighbour on the same cores makes them many times slower.
/// </summary>
[CollectionDefinition(nameof(DeviceTests), DisableParallelization = true)]
public sealed class DeviceTests;
