using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.FullBatch;
using GpuConvnet.Trainer.Configuration;
using GpuConvnet.Trainer.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>What trains, and why it was chosen.</summary>
internal sealed class EngineChoice : IDisposable
{
    private readonly DeviceChoice? _device;

    private readonly KernelChoice _kernels;

    private EngineChoice(
        string accelerator, string name, string reason, DeviceChoice? device = null, KernelChoice kernels = default)
    {
        Accelerator = accelerator;
        Device = name;
        Reason = reason;
        _device = device;
        _kernels = kernels;
    }

    /// <summary>The names of the kernels on the command line.</summary>
    public static NameTable<KernelChoice> KernelNames { get; } = new(
        ("auto", KernelChoice.Auto), ("layers", KernelChoice.Layers), ("fused", KernelChoice.Fused));

    /// <summary>The names of the choices on the command line.</summary>
    public static NameTable<AcceleratorKind> Names { get; } = new(
        ("auto", AcceleratorKind.Auto),
        ("cuda", AcceleratorKind.Cuda),
        ("opencl", AcceleratorKind.OpenCL),
        ("cpu", AcceleratorKind.Cpu),
        ("host", AcceleratorKind.Host));

    /// <summary>The name that results record.</summary>
    public string Accelerator { get; }

    /// <summary>The device's own name.</summary>
    public string Device { get; }

    /// <summary>The device's driver or platform, with version; null for the host.</summary>
    public string? Driver => _device?.Description.Driver;

    /// <summary>Why this one, for the user.</summary>
    public string Reason { get; }

    /// <summary>Whether several runs are best trained side by side, a core each, not one after the other.</summary>
    public bool RunsSideBySide => _device is null;

    /// <summary>Chooses what trains an experiment.</summary>
    /// <param name="accelerator">What was asked for.</param>
    /// <param name="device">Which device of that kind was asked for, from 0; null for the first.</param>
    /// <param name="configuration">The experiment.</param>
    /// <param name="kernels">Which kernels a device is to use.</param>
    /// <exception cref="BadInputException">What was asked for is not there; nothing falls back in silence.</exception>
    public static EngineChoice For(
        AcceleratorKind accelerator,
        int? device,
        ExperimentConfiguration configuration,
        KernelChoice kernels = KernelChoice.Auto)
    {
        bool perExample = configuration.Batch == BatchSize.PerExample;
        switch (accelerator)
        {
            case AcceleratorKind.Cuda:
                return OnDevice(DeviceChoice.Open(DeviceKind.Cuda, device), "as asked for", kernels);
            case AcceleratorKind.OpenCL:
                return OnDevice(DeviceChoice.Open(DeviceKind.OpenCL, device), "as asked for", kernels);
            case AcceleratorKind.Cpu when !perExample:
                return OnDevice(DeviceChoice.Open(DeviceKind.Cpu, device), "as asked for", kernels);
            case AcceleratorKind.Auto when !perExample && device is null && DeviceChoice.OpenGpu() is { } gpu:
                return OnDevice(gpu, "the first GPU found", kernels);
        }

        RequireNoKernels(kernels);
        if (device is > 0)
        {
            throw new BadInputException($"There is no device {device}: the CPU is one device, 0. Leave --device out.");
        }

        string cores = PerExampleEngine.Can(configuration) ? "one core" : "all cores";
        string reason = accelerator != AcceleratorKind.Auto
            ? $"as asked for, on {cores}"
            : perExample
                ? $"training per example runs on {cores} of the CPU"
                : $"no GPU was found ('trainer devices' says more), so {cores} of the CPU";
        return new EngineChoice(
            Names[accelerator == AcceleratorKind.Auto ? AcceleratorKind.Host : accelerator], HostProcessor.Name, reason);
    }

    /// <summary>Gets ready to train.</summary>
    /// <param name="configuration">The experiment, everything resolved.</param>
    /// <param name="data">The digits.</param>
    /// <param name="threads">The most threads; 0 for one a core.</param>
    /// <exception cref="RunFailedException">The device failed, or its memory is too small.</exception>
    public ITrainingEngine CreateEngine(ExperimentConfiguration configuration, LoadedData data, int threads)
    {
        if (_device is not null)
        {
            return CreateDeviceEngine(_device, configuration, data);
        }

        if (PerExampleEngine.Can(configuration))
        {
            return new PerExampleEngine(configuration, data);
        }

        ITrainingSet training = data.OpenTraining();
        HostTrainer trainer =
            new(configuration.Network, configuration.Optimizer.Kind, training, data.Test, threads);
        return new BatchEngine(configuration, training, trainer, NoteOnRandomNumbers(configuration));
    }

    /// <summary>Refuses a choice of kernels on the host, which has none.</summary>
    /// <param name="kernels">What was asked for.</param>
    /// <exception cref="BadInputException">It was a choice.</exception>
    public static void RequireNoKernels(KernelChoice kernels)
    {
        if (kernels != KernelChoice.Auto)
        {
            throw new BadInputException(
                $"--kernels {KernelNames[kernels]} is a device's, and this trains on the host. Name an --accelerator too, or "
                + "leave --kernels out.");
        }
    }

    /// <summary>Refuses kernels that cannot train an experiment.</summary>
    /// <param name="kernels">What was asked for.</param>
    /// <param name="device">The device.</param>
    /// <param name="configuration">The experiment.</param>
    /// <exception cref="BadInputException">The fused kernel cannot.</exception>
    public static void RequireKernels(KernelChoice kernels, DeviceChoice device, ExperimentConfiguration configuration)
    {
        if (kernels == KernelChoice.Fused
            && AcceleratorTrainer.FusedObstacle(device.Discovery, device.Description, configuration.Network) is { } obstacle)
        {
            throw new BadInputException(
                $"--kernels fused cannot train {configuration.Experiment}: {obstacle}. Use --kernels layers, or auto.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _device?.Dispose();

    private static string? NoteOnRandomNumbers(ExperimentConfiguration configuration) =>
        configuration is { RandomNumbers: RandomNumbers.Article, IsNoisy: true }
            ? "note: batches draw shifts and dropout from Philox; only training per example draws the article's"
            : null;

    private static EngineChoice OnDevice(DeviceChoice device, string reason, KernelChoice kernels) =>
        new(DeviceChoice.NameOf(device.Description.Kind), device.Description.Name, reason, device, kernels);

    private BatchEngine CreateDeviceEngine(
        DeviceChoice device, ExperimentConfiguration configuration, LoadedData data)
    {
        int batch = configuration.Batch.Of(data.TrainCount);
        ITrainingSet training = data.OpenTraining();
        try
        {
            RequireKernels(_kernels, device, configuration);
            AcceleratorTrainer trainer = new(
                device.Discovery, device.Description, configuration.Network, configuration.Optimizer.Kind, training,
                data.Test, batch, distorts: !configuration.Distortion.IsNone, kernels: _kernels);
            string? note = trainer.Plan.Stride < batch
                ? FormattableString.Invariant(
                    $"memory: {batch:N0} examples at a time do not fit; up to {trainer.Plan.Stride:N0} are processed ")
                    + "together, which sum to the very same gradient"
                : null;
            return new BatchEngine(configuration, training, trainer, note ?? trainer.Note ?? NoteOnRandomNumbers(configuration));
        }
        catch (Exception failure) when (failure is DeviceException or InvalidOperationException)
        {
            throw new RunFailedException(failure.Message, failure);
        }
    }
}
