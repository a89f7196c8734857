using GpuConvnet.Kernels.Networks;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;
using ILGPU.Runtime;

namespace GpuConvnet.Tests.Layers;

/// <summary>A layer as a user of the libraries writes one: a trained factor for each unit. It may have one fault.</summary>
internal class UnitGain : Layer
{
    private readonly ParameterPart _gains;

    public UnitGain(TensorShape input, PartList parts)
        : base(input, input) => _gains = parts.Add("gains", PartRule.Ones, inputs: 0, input.Count);

    public double GainFault { get; init; } = 1;

    public double InputFault { get; init; } = 1;

    /// <summary>Whether what is above 0 alone is multiplied, which bends every unit at 0.</summary>
    public bool IsBent { get; init; }

    public override string Description => "a gain for each unit";

    public override IReadOnlyList<ParameterPart> Parts => [_gains];

    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        for (int unit = 0; unit < Input.Count; unit++)
        {
            TReal scaled = pass.Input[unit] * TReal.Of(pass.Parameters[_gains.Offset + unit]);
            pass.Output[unit] = IsBent ? TReal.Max(scaled, pass.Input[unit]) : scaled;
        }
    }

    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        TReal gainFault = TReal.Of(TWeight.CreateTruncating(GainFault));
        TReal inputFault = TReal.Of(TWeight.CreateTruncating(InputFault));
        for (int unit = 0; unit < Input.Count; unit++)
        {
            pass.Gradient[_gains.Offset + unit] += TReal.Sum(pass.OutputGradient[unit] * pass.Input[unit] * gainFault);
            if (pass.InputGradient is not null)
            {
                pass.InputGradient[unit] = pass.OutputGradient[unit] * TReal.Of(pass.Parameters[_gains.Offset + unit]) * inputFault;
            }
        }
    }

    /// <summary>The same with kernels, which may have faults of their own.</summary>
    internal sealed class OnDevice(TensorShape input, PartList parts, float fault = 1f) : UnitGain(input, parts), ILayerWithKernels
    {
        public DeviceLayer CreateKernels(Accelerator accelerator, int lanes, int outputBorder) =>
            new UnitGainLauncher(accelerator, _gains, Output, outputBorder, fault);
    }
}
