using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>The parameters on the device, and what is kept of each from step to step; all begin at 0.</summary>
internal sealed class DeviceParameters : IDisposable
{
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _parameters;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _state1;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _state2;

    private readonly FusedForm? _form;
    private readonly MemoryBuffer1D<int, Stride1D.Dense>? _places;
    private readonly MemoryBuffer1D<float, Stride1D.Dense>? _average;
    private readonly MemoryBuffer1D<Float4, Stride1D.Dense>? _packedAverage;

    /// <summary>Allocates them.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="form">How fused kernels read them; null where none do.</param>
    /// <param name="isNormalized">Whether the network has weight normalization.</param>
    /// <param name="isAveraged">Whether evaluations take an average of the parameters.</param>
    public DeviceParameters(Accelerator accelerator, int count, FusedForm? form, bool isNormalized, bool isAveraged = false)
    {
        _form = form;
        _parameters = accelerator.Allocate1D<float>(count);
        _state1 = accelerator.Allocate1D<float>(count);
        _state2 = accelerator.Allocate1D<float>(count);
        Packed = form is null ? null : accelerator.Allocate1D<Float4>(form.WeightFloat4s);
        Directions = isNormalized ? accelerator.Allocate1D<float>(count) : null;
        _places = form is null ? null : accelerator.Allocate1D(form.Places());
        _average = isAveraged ? accelerator.Allocate1D<float>(count) : null;
        _packedAverage = isAveraged && form is not null ? accelerator.Allocate1D<Float4>(form.WeightFloat4s) : null;
        Lengths = isNormalized ? accelerator.Allocate1D<float>(3 * UnitWeights.All.Count) : null;
    }

    /// <summary>How many there are.</summary>
    public int Count => checked((int)_parameters.Length);

    /// <summary>All parameters.</summary>
    public ArrayView<float> Values => _parameters.View;

    /// <summary>The optimizer's first state of each.</summary>
    public ArrayView<float> State1 => _state1.View;

    /// <summary>The optimizer's second state of each.</summary>
    public ArrayView<float> State2 => _state2.View;

    /// <summary>The parameters as fused kernels read them; null where none do.</summary>
    public MemoryBuffer1D<Float4, Stride1D.Dense>? Packed { get; }

    /// <summary>
    /// (parameters, 2): where each is among the values of these, and where it is once more, or -1; empty where no fused kernel reads
    /// them.
    /// </summary>
    public ArrayView<int> Places => _places?.View ?? _parameters.View.AsContiguous().Cast<int>().SubView(0, 0);

    /// <summary>What evaluations take: the parameters, or their average.</summary>
    public MemoryBuffer1D<float, Stride1D.Dense> Evaluated => _average ?? _parameters;

    /// <summary>The same as fused kernels read it; null where none do.</summary>
    public MemoryBuffer1D<Float4, Stride1D.Dense>? PackedEvaluated => _packedAverage ?? Packed;

    /// <summary>Where an average is to be put.</summary>
    public ParameterPlaces EvaluatedPlaces => new()
    {
        Values = Evaluated.View,
        Packed = PackedEvaluated is { } packed
            ? packed.View.AsContiguous().Cast<float>()
            : _parameters.View.AsContiguous().SubView(0, 0),
        Places = Places,
    };

    /// <summary>With weight normalization directions and biases; null without.</summary>
    public MemoryBuffer1D<float, Stride1D.Dense>? Directions { get; }

    /// <summary>With weight normalization (3, vectors): the lengths and their states; null without.</summary>
    public MemoryBuffer1D<float, Stride1D.Dense>? Lengths { get; }

    /// <summary>Sets the parameters and forgets the states.</summary>
    public void Load(float[] parameters)
    {
        _parameters.CopyFromCPU(parameters);
        _state1.MemSetToZero();
        _state2.MemSetToZero();

        // What fills a float4 up is read, too.
        _packedAverage?.MemSetToZero();
        Packed?.CopyFromCPU(_form!.Pack(parameters));
        Directions?.CopyFromCPU(parameters);
        Lengths?.CopyFromCPU(
        [
            .. UnitWeights.All.Select(weights => weights.Length(parameters)),
            .. new float[2 * UnitWeights.All.Count],
        ]);
    }

    /// <summary>Sets everything.</summary>
    public void LoadState(TrainingState state)
    {
        state = state.AtGradients();
        Load(state.Parameters);
        _state1.CopyFromCPU(state.States[0]);
        _state2.CopyFromCPU(state.States[1]);
        Directions?.CopyFromCPU(state.Directions!);
        Lengths?.CopyFromCPU(state.Lengths!);
    }

    /// <summary>Copies out what evaluations take.</summary>
    public float[] Store() => Evaluated.GetAsArray1D();

    /// <summary>Copies everything out.</summary>
    public TrainingState SaveState() =>
        new(_parameters.GetAsArray1D(), _state1.GetAsArray1D(), _state2.GetAsArray1D())
        {
            Directions = Directions?.GetAsArray1D(),
            Lengths = Lengths?.GetAsArray1D(),
        };

    /// <inheritdoc/>
    public void Dispose()
    {
        _packedAverage?.Dispose();
        _average?.Dispose();
        _places?.Dispose();
        Lengths?.Dispose();
        Directions?.Dispose();
        Packed?.Dispose();
        _state2.Dispose();
        _state1.Dispose();
        _parameters.Dispose();
    }
}
