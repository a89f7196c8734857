using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using GpuConvnet.Simulator.Ptx;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;

namespace GpuConvnet.Simulator.Gpu;

/// <summary>A kernel whose launches run on <see cref="SimulatedAccelerator"/>.</summary>
internal sealed class SimulatedKernel : Kernel
{
    // Threads of a group of a kernel that has a thread an index.
    private const int IndexThreads = 64;

    private static readonly ConcurrentDictionary<string, PtxProgram> s_programs = new();

    private readonly string _text;

    /// <summary>Takes over what the compiler has made.</summary>
    public SimulatedKernel(Accelerator accelerator, CompiledKernel compiled)
        : base(accelerator, compiled, LauncherOf(compiled)) => _text = ((PTXCompiledKernel)compiled).PTXAssembly;

    /// <inheritdoc/>
    protected override void DisposeAcceleratorObject(bool disposing)
    {
        // There is nothing to free.
    }

    /// <summary>
    /// The method that ILGPU's delegates call, with a parameter for each argument: it hands them on as one array, behind the
    /// index or the size of the grid.
    /// </summary>
    private static DynamicMethod LauncherOf(CompiledKernel compiled)
    {
        ParameterInfo[] own = compiled.SourceMethod.GetParameters();
        Type index = compiled.IndexType == IndexType.KernelConfig ? typeof(KernelConfig) : own[0].ParameterType;
        Type[] arguments =
        [
            index,
            .. own.Skip(compiled.IndexType == IndexType.KernelConfig ? 0 : 1).Select(parameter => parameter.ParameterType),
        ];
        DynamicMethod method = new(
            "Launch", typeof(void), [typeof(Kernel), typeof(AcceleratorStream), .. arguments], typeof(SimulatedKernel).Module, true);
        ILGenerator code = method.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldc_I4, arguments.Length);
        code.Emit(OpCodes.Newarr, typeof(object));
        for (int i = 0; i < arguments.Length; i++)
        {
            code.Emit(OpCodes.Dup);
            code.Emit(OpCodes.Ldc_I4, i);
            code.Emit(OpCodes.Ldarg, i + 2);
            code.Emit(OpCodes.Box, arguments[i]);
            code.Emit(OpCodes.Stelem_Ref);
        }

        code.Emit(OpCodes.Call, typeof(SimulatedKernel).GetMethod(nameof(Launch), BindingFlags.Static | BindingFlags.NonPublic)!);
        code.Emit(OpCodes.Ret);
        return method;
    }

    private static void Launch(Kernel kernel, object[] arguments)
    {
        SimulatedAccelerator accelerator = (SimulatedAccelerator)kernel.Accelerator;
        PtxProgram program = s_programs.GetOrAdd(((SimulatedKernel)kernel)._text, PtxProgram.Parse);
        accelerator.Run(arguments[0] switch
        {
            KernelConfig grid => new PtxLaunch(
                program, accelerator.Memory, (grid.GridDim.X, grid.GridDim.Y), (grid.GroupDim.X, grid.GroupDim.Y),
                arguments[1..]),
            Index2D index => OfIndex(index.X, index.Y),
            Index1D index => OfIndex(index.X, 1),
            _ => throw new NotSupportedException($"{program.Name} has an index of three dimensions."),
        });

        PtxLaunch OfIndex(int x, int y) => new(
            program, accelerator.Memory, ((x + IndexThreads - 1) / IndexThreads, y), (IndexThreads, 1), arguments);
    }
}
