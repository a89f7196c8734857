#:package GpuConvnet.Kernels@0.2.0
#:property PublishAot=false
#:property AllowUnsafeBlocks=true

// Kernels of one's own, for the layer of own-layer.cs: a network with it trains on the best device that ILGPU finds. They are verified
// as the library's kernels are, against the layer itself on the host, and then the same bits twice.
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Networks;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Verification;
using ILGPU;
using ILGPU.Runtime;

NetworkOptions options = new(Activation.Tanh, Activation.Linear, Loss.SoftmaxCrossEntropy);
LayerList layers = new();
layers.Add(new Dense(layers.Parts, "H1w", "H1b", layers.Output, units: 20));
layers.AddActivation(options.Hidden);
layers.Add(new Gain(layers.Output, layers.Parts));
layers.Add(new Dense(layers.Parts, "outw", "outb", layers.Output, units: 10));
LayerNetwork network = layers.ToNetwork(options);

using AcceleratorDiscovery discovery = new();
DeviceDescription device = discovery.Devices[0];
Console.WriteLine($"{device.Kind}: {device.Name}");
IReadOnlyList<VerificationCheck> checks =
[
    .. NetworkVerification.OfGradients(network),
    .. NetworkVerification.OfTrainer(
        network, (optimizer, train, test) => new AcceleratorTrainer(discovery, device, network, optimizer, train, test, train.Count)),
];
foreach (VerificationCheck check in checks)
{
    double worst = check.IsRelative ? check.WorstRelative : check.WorstAbsolute;
    Console.WriteLine($"{(check.Passed ? "ok" : "FAILED"),-6} {check.What}: {worst:E1} of {check.Tolerance:E0}");
}

return checks.All(check => check.Passed) ? 0 : 1;

internal sealed class Gain : Layer, ILayerWithKernels
{
    private readonly ParameterPart _gains;

    public Gain(TensorShape input, PartList parts)
        : base(input, input) => _gains = parts.Add("gains", PartRule.Ones, inputs: 0, input.Count);

    public override string Description => "a gain for each unit";

    public override IReadOnlyList<ParameterPart> Parts => [_gains];

    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        TWeight* gains = pass.Parameters + _gains.Offset;
        for (int unit = 0; unit < Input.Count; unit++)
        {
            pass.Output[unit] = pass.Input[unit] * TReal.Of(gains[unit]);
        }
    }

    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        TWeight* gains = pass.Parameters + _gains.Offset;
        TWeight* gradient = pass.Gradient + _gains.Offset;
        for (int unit = 0; unit < Input.Count; unit++)
        {
            gradient[unit] += TReal.Sum(pass.OutputGradient[unit] * pass.Input[unit]);
            if (pass.InputGradient is not null)
            {
                pass.InputGradient[unit] = pass.OutputGradient[unit] * TReal.Of(gains[unit]);
            }
        }
    }

    public DeviceLayer CreateKernels(Accelerator accelerator, int lanes, int outputBorder) => outputBorder == 0
        ? new GainLauncher(accelerator, _gains)
        : throw new NotSupportedException("The gains' kernels write no border: let no convolution with padding follow.");
}

// A group for each unit and block of examples, or for each unit and slice of a batch; a thread for each example of a block.
internal sealed class GainLauncher(Accelerator accelerator, ParameterPart gains) : DeviceLayer
{
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>> _scale =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>>(GainKernels.Scale);

    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, BlockSlices, int> _sum =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, BlockSlices, int>(GainKernels.Sum);

    public override void Forward(in DevicePass pass) => _scale(pass.OverBlocks(gains.Count), pass.Input, pass.Of(gains), pass.Output);

    public override void Backward(in DevicePass pass)
    {
        _sum(pass.OverSlices(gains.Count), pass.Input, pass.OutputGradient, pass.Slices, gains.Offset);
        if (pass.InputGradient.Length > 0)
        {
            _scale(pass.OverBlocks(gains.Count), pass.OutputGradient, pass.Of(gains), pass.InputGradient);
        }
    }
}

internal static class GainKernels
{
    // (blocks, units, lanes), times (units).
    public static void Scale(ArrayView<float> values, ArrayView<float> gains, ArrayView<float> scaled)
    {
        int place = (Grid.IdxY * Grid.DimX + Grid.IdxX) * Group.DimX + Group.IdxX;
        scaled[place] = values[place] * gains[Grid.IdxX];
    }

    // A unit's gradient over a slice's examples: each thread adds up its own, the first one all of theirs, in their order.
    public static void Sum(ArrayView<float> values, ArrayView<float> deltas, BlockSlices slices, int offset)
    {
        slices.Range(Grid.IdxY, out int start, out int end);
        float sum = 0f;
        for (int block = start; block < end; block++)
        {
            int place = (block * Grid.DimX + Grid.IdxX) * Group.DimX + Group.IdxX;
            sum += values[place] * deltas[place];
        }

        ArrayView<float> sums = SharedMemory.Allocate<float>(64);
        sums[Group.IdxX] = sum;
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            for (int lane = 1; lane < Group.DimX; lane++)
            {
                sum += sums[lane];
            }

            slices.Store(Grid.IdxY, offset + Grid.IdxX, sum);
        }
    }
}
