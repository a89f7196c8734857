using GpuConvnet.Kernels.Training;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Training;
using GpuConvnet.Model.Verification;
using GpuConvnet.Simulator.Gpu;
using GpuConvnet.Trainer.Studies.Verification;

namespace GpuConvnet.Tests.Kernels;

/// <summary>What <c>trainer verify</c> asks of tensor cores, a part of it, asked of a simulated GPU that has them.</summary>
public sealed class TensorVerificationTests
{
    /// <summary>
    /// The base network's against PyTorch, and whole matrices. Hundreds of steps with distorted images would take the simulator minutes.
    /// </summary>
    [Fact]
    public void TensorCoresPassThem()
    {
        using SimulatedGpu gpu = new(kernels: KernelsOfTheRun.Folder);
        List<string> simulated = [];

        VerificationCheck[] checks =
        [
            .. new Verifier(Create, new GoldenFiles(folder: null), KernelChoice.Tensor).Execute(TestContext.Current.CancellationToken)
                .Where(check => (check.What.StartsWith("tensor, PyTorch", StringComparison.Ordinal)
                        && !check.What.EndsWith("adamw", StringComparison.Ordinal)
                        && !check.What.EndsWith("sgdm", StringComparison.Ordinal))
                    || check.What == "tensor: whole matrices, 3 steps"),
        ];

        Assert.Equal(["muon", "adam"], simulated);
        Assert.Equal(5, checks.Length);
        Assert.All(
            checks,
            check => Assert.True(check.Passed, $"{check.What}: {check.WorstAbsolute}, {check.WorstRelative}, tolerance {check.Tolerance}"));

        ITrainer Create(VerificationCase asked)
        {
            // One optimizer after the other takes the same gradients: two are enough.
            if (asked.Kernels != KernelChoice.Tensor || asked.Distorts || asked.Network != NetworkOptions.Base1989
                || $"{asked.Optimizer}" is not ("muon" or "adam"))
            {
                return new HostTrainer(asked.Network, asked.Optimizer, asked.Train, asked.Test);
            }

            simulated.Add($"{asked.Optimizer}");
            return new AcceleratorTrainer(
                gpu.Discovery, gpu.Device, asked.Network, asked.Optimizer, asked.Train, asked.Test, asked.Train.Count,
                kernels: asked.Kernels);
        }
    }
}
