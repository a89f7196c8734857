using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>The parameters on the device, and what the optimizer keeps of each; all begin at 0.</summary>
internal sealed class DeviceParameters : IDisposable
{
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _parameters;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _state1;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _state2;

    /// <summary>Allocates them.</summary>
    public DeviceParameters(Accelerator accelerator)
    {
        _parameters = accelerator.Allocate1D<float>(Parameters.Count);
        _state1 = accelerator.Allocate1D<float>(Parameters.Count);
        _state2 = accelerator.Allocate1D<float>(Parameters.Count);
    }

    /// <summary>All parameters.</summary>
    public MemoryBuffer1D<float, Stride1D.Dense> Buffer => _parameters;

    /// <summary>All parameters.</summary>
    public ArrayView<float> Values => _parameters.View;

    /// <summary>The optimizer's first state of each.</summary>
    public ArrayView<float> State1 => _state1.View;

    /// <summary>The optimizer's second state of each.</summary>
    public ArrayView<float> State2 => _state2.View;

    /// <summary>Sets the parameters and forgets the states.</summary>
    public void Load(float[] parameters)
    {
        _parameters.CopyFromCPU(parameters);
        _state1.MemSetToZero();
        _state2.MemSetToZero();
    }

    /// <summary>Sets the states.</summary>
    public void LoadStates(TrainingState state)
    {
        _state1.CopyFromCPU(state.First);
        _state2.CopyFromCPU(state.Second);
    }

    /// <summary>Copies the parameters out.</summary>
    public float[] Store() => _parameters.GetAsArray1D();

    /// <summary>Copies everything out.</summary>
    public TrainingState SaveState() =>
        new(_parameters.GetAsArray1D(), _state1.GetAsArray1D(), _state2.GetAsArray1D());

    /// <inheritdoc/>
    public void Dispose()
    {
        _state2.Dispose();
        _state1.Dispose();
        _parameters.Dispose();
    }
}
