using System.Reflection;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Tensor;
using GpuConvnet.Simulator.Sass;
using GpuConvnet.Tests.Kernels;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Tests.Sass;

/// <summary>Every kernel's PTX is what NVIDIA's own assembler takes, and its values stay in registers but for few.</summary>
public class SassTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("sm_80")]
    [InlineData("sm_90")]
    public void KernelsAreAssembledForTheirRegisters(string architecture)
    {
        CudaNeeded.SkipIfMissing();
        IEnumerable<(string Name, MethodInfo Kernel)> kernels = PtxTests.FusedKernelsOf()
            .Concat(PtxTests.EnsembleKernelsOf())
            .Concat(PtxTests.TensorKernelsOf())
            .Concat(PtxTests.MatrixKernelsOf());

        // All for the newer one, with those of layers; for the older one of each method the two whose types differ most.
        kernels = architecture == "sm_90"
            ? kernels.Concat(PtxTests.Kernels())
            : kernels.GroupBy(named => named.Kernel.GetGenericMethodDefinition())
                .SelectMany(same => new[] { same.First(), same.Last() }.Distinct());
        foreach ((string name, MethodInfo kernel) in kernels)
        {
            string report = CudaTools.Assemble(PtxTests.Compile(kernel, CudaArchitecture.SM_80), architecture);
            int registers = SassProgram.RegistersOf(report);
            output.WriteLine($"{architecture} {name}: {registers} registers");
            int? groups = PtxTests.GroupsOfMultiprocessor(kernel);
            int threads = kernel.DeclaringType == typeof(EnsembleKernels) ? EnsembleKernels.Threads
                : kernel.DeclaringType == typeof(TensorKernels) ? TensorKernels.Threads
                : FusedKernels.Threads;
            Assert.InRange(registers, 1, groups is null ? 255 : 65536 / (groups.Value * threads));

            // Of what a thread of the fused kernel knows all the time, the assembler may keep some on its stack.
            bool takesTiles = kernel.Name is nameof(FusedKernels.Gradient) or nameof(FusedKernels.Evaluate);
            int most = takesTiles && kernel.DeclaringType == typeof(FusedKernels) ? 96
                : takesTiles && kernel.DeclaringType == typeof(TensorKernels) ? 24
                : 0;
            Assert.InRange(SassProgram.SpilledBytesOf(report), 0, most);
        }
    }
}
