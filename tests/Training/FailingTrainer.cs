using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using ILGPU.Runtime.OpenCL;

namespace GpuConvnet.Tests.Training;

/// <summary>A trainer whose device is lost at some step. Its parameters all are the number of steps.</summary>
internal sealed class FailingTrainer(long failsAt) : ITrainer
{
    private static readonly DeviceDescription s_device =
        new(DeviceKind.OpenCL, 0, "a GPU", IsGpu: true, 1, 1, "a driver", "");

    private long _steps;

    public void Load(ReadOnlySpan<float> parameters) => _steps = 0;

    public void LoadState(TrainingState state) => _steps = (long)state.Parameters[0];

    public TrainingState SaveState()
    {
        float[] parameters = new float[Parameters.Count];
        Array.Fill(parameters, _steps);
        return new TrainingState(parameters, new float[Parameters.Count], new float[Parameters.Count]);
    }

    public void Take(ReadOnlySpan<BatchStep> steps) => _steps += steps.Length;

    public void Store(Span<float> parameters) => parameters.Fill(_steps);

    public Evaluation Evaluate(Split split) => new(10, 1.0 / _steps, 5);

    public void Gradient(int start, int count, in Perturbation perturbation, Span<float> gradient) => gradient.Clear();

    public Task<Snapshot> SnapshotAsync()
    {
        long steps = _steps;
        float[] parameters = new float[Parameters.Count];
        Store(parameters);
        Evaluation evaluation = Evaluate(Split.Train);
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
