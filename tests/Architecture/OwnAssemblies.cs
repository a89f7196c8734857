using System.Reflection;
using ArchUnitNET.Loader;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Model;
using GpuConvnet.Mpi;
using GpuConvnet.Recognition;
using GpuConvnet.Simulator.Ptx;
using GpuConvnet.Trainer.Commands;

namespace GpuConvnet.Tests.Architecture;

/// <summary>The project's own assemblies, and what their compiled code refers to.</summary>
internal static class OwnAssemblies
{
    public static IReadOnlyList<Assembly> All { get; } =
    [
        typeof(Shape1989).Assembly,
        typeof(AcceleratorDiscovery).Assembly,
        typeof(BadInputException).Assembly,
        typeof(DigitReader).Assembly,
        typeof(MpiWorld).Assembly,
        typeof(TrainerCommandLine).Assembly,
        typeof(PtxMachine).Assembly,
    ];

    /// <summary>What refers to what in them. Reading it takes a few seconds.</summary>
    public static ArchUnitNET.Domain.Architecture Architecture => field ??= new ArchLoader().LoadAssemblies([.. All]).Build();
}
