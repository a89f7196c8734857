using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Model;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Training;
using ILGPU.Runtime.OpenCL;

namespace GpuConvnet.Tests.Training;

/// <summary>An engine whose device is lost at some step. Its parameters all are the number of steps.</summary>
internal sealed class FailingEngine(long failsAt) : ITrainingEngine
{
    private static readonly DeviceDescription s_device =
        new(DeviceKind.OpenCL, 0, "a GPU", IsGpu: true, 1, 1, "a driver", "");

    private long _steps;

    public string? Note => null;

    public void Begin(ReadOnlySpan<float> parameters, uint seed) => _steps = 0;

    public void Resume(TrainingState state, uint seed) => _steps = (long)state.Parameters[0];

    public TrainingState SaveState()
    {
        float[] parameters = new float[Parameters.Count];
        Array.Fill(parameters, _steps);
        return new TrainingState(parameters, new float[Parameters.Count], new float[Parameters.Count]);
    }

    public void Train(long first, int count) => _steps += count;

    public Task<Snapshot> SnapshotAsync()
    {
        long steps = _steps;
        float[] parameters = new float[Parameters.Count];
        Array.Fill(parameters, steps);
        Evaluation evaluation = new(10, 1.0 / steps, 5);
        return Task.Run(async () =>
        {
            await Task.Delay(5);
            return steps < failsAt
                ? new Snapshot(evaluation, evaluation, parameters, 1, 2)
                : throw DeviceException.For(s_device, new CLException(CLError.CL_DEVICE_NOT_AVAILABLE));
        });
    }

    public void Dispose()
    {
        // There is nothing to free.
    }
}
