using GpuConvnet.Model;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;

namespace GpuConvnet.Kernels.Choosing;

/// <summary>A step by which kernels are compared before a training: what it will be in that training, on some of its digits.</summary>
/// <param name="Options">The network.</param>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="Batch">Examples of the largest batch.</param>
/// <param name="Distorts">Whether steps may have perturbation that distorts images.</param>
/// <param name="Sample">Digits; a batch of them, if there are so many, is what the step is taken on.</param>
/// <param name="Step">A step; where its batch begins is all the same.</param>
/// <param name="Parameters">Parameters to begin with.</param>
internal sealed record StepTrial(
    NetworkOptions Options, Optimizer Optimizer, int Batch, bool Distorts, Examples Sample, BatchStep Step, float[] Parameters)
{
    /// <summary>What decides how fast which kernels take the step.</summary>
    public string Description => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{Options.Hidden}, {Options.Output}, {Options.Loss}; {Optimizer}; {Batch} examples")
        + (Distorts ? "; distorted" : "");
}
