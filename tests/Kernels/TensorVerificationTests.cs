using GpuConvnet.Kernels.Training;
using GpuConvnet.Model.Training;
using GpuConvnet.Model.Verification;
using GpuConvnet.Simulator.Gpu;
using GpuConvnet.Trainer.Studies.Verification;

namespace GpuConvnet.Tests.Kernels;

/// <summary>What <c>trainer verify</c> asks of tensor cores, asked of a simulated GPU that has them.</summary>
public sealed class TensorVerificationTests
{
    [Fact]
    public void TheChecksOfTensorCoresPass()
    {
        using SimulatedGpu gpu = new(kernels: KernelsOfTheRun.Folder);
        int simulated = 0;

        VerificationCheck[] checks =
        [
            .. new Verifier(Create, new GoldenFiles(folder: null), KernelChoice.Tensor).Execute(TestContext.Current.CancellationToken)
                .Where(check => check.What.StartsWith("tensor", StringComparison.Ordinal)),
        ];

        Assert.True(simulated > 0);
        Assert.InRange(checks.Length, 16, 18);
        Assert.All(checks, check => Assert.True(check.Passed, $"{check.What}: {check.WorstAbsolute}, {check.WorstRelative} of {check.Tolerance}"));

        // What is not for tensor cores is for other tests: the host is quick.
        ITrainer Create(VerificationCase asked)
        {
            if (asked.Kernels != KernelChoice.Tensor)
            {
                return new HostTrainer(asked.Network, asked.Optimizer, asked.Train, asked.Test);
            }

            simulated++;
            return new AcceleratorTrainer(
                gpu.Discovery, gpu.Device, asked.Network, asked.Optimizer, asked.Train, asked.Test, asked.Train.Count,
                distorts: asked.Distorts, kernels: asked.Kernels);
        }
    }
}
