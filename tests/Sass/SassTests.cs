using System.Reflection;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Replicas;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Tests.Kernels;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Tests.Sass;

/// <summary>Every kernel's PTX is what NVIDIA's own assembler takes, and its values stay in registers.</summary>
public class SassTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("sm_80")]
    [InlineData("sm_90")]
    public void KernelsAreAssembledWithoutSpillingARegister(string architecture)
    {
        CudaTools.SkipIfMissing();
        foreach ((string name, MethodInfo kernel) in PtxTests.FusedKernelsOf<Network1989>()
            .Concat(PtxTests.ReplicaKernelsOf<Network1989>())
            .Concat(architecture == "sm_90" ? PtxTests.Kernels<Network1989>() : []))
        {
            string report = CudaTools.Assemble(PtxTests.Compile(kernel, CudaArchitecture.SM_80), architecture);
            int registers = SassProgram.RegistersOf(report);
            output.WriteLine($"{architecture} {name}: {registers} registers");
            Assert.Contains(" 0 bytes spill stores, 0 bytes spill loads", report, StringComparison.Ordinal);
            bool isTwice = kernel.DeclaringType == typeof(ReplicaKernels)
                || (kernel.DeclaringType == typeof(FusedKernels) && kernel.Name != nameof(FusedKernels.Update));
            Assert.InRange(registers, 1, isTwice ? 65536 / (2 * FusedKernels.Threads) : 255);
        }
    }
}
