using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Choosing;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Model.Teaching;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>What trains, and why it was chosen.</summary>
internal sealed class EngineChoice : IDisposable
{
    private readonly DeviceChoice? _device;

    private readonly KernelChoice _kernels;

    private readonly string _reason;

    private readonly EngineChoice[]? _each;

    private readonly ChoiceFolder? _choices;

    private readonly Lock _gate = new();

    private readonly Dictionary<(string, Loss, Distillation?), Teacher> _teachers = [];

    private bool _isUntimed;

    private EngineChoice(
        AcceleratorKind accelerator, string name, string reason, DeviceChoice? device = null, KernelChoice kernels = default,
        ChoiceFolder? choices = null)
    {
        Kind = accelerator;
        Device = name;
        _reason = reason;
        _device = device;
        _kernels = kernels;
        _choices = choices ?? (device is null ? null : new ChoiceFolder(device.Discovery.KernelCache?.FullPath));
    }

    /// <summary>Several devices of a kind.</summary>
    private EngineChoice(EngineChoice[] each)
        : this(
            each[0].Kind,
            string.Join("; ", each.CountBy(one => one.Device).Select(same => same.Value == 1 ? same.Key : $"{same.Value} x {same.Key}")),
            $"{each[0]._reason}, a run each",
            each[0]._device,
            each[0]._kernels,
            each[0]._choices) => _each = each;

    /// <summary>What it is; never auto.</summary>
    public AcceleratorKind Kind { get; }

    /// <summary>The name that results record.</summary>
    public string Accelerator => ConfigurationNames.Accelerator[Kind];

    /// <summary>The device's own name.</summary>
    public string Device { get; }

    /// <summary>The device's driver or platform, with version; null for the host.</summary>
    public string? Driver => _device?.Description.Driver;

    /// <summary>The processes that share every batch; null for this one alone.</summary>
    public IRanks? Ranks { get; private init; }

    /// <summary>Which kernels a device uses.</summary>
    public KernelChoice Kernels => _kernels;

    /// <summary>Which device of its kind was asked for, from 0; null where none was.</summary>
    public int? AskedDevice { get; private set; }

    /// <summary>Whether every device of its kind was asked for.</summary>
    public bool IsEvery { get; private set; }

    /// <summary>Where a device is among those of its kind, and its name.</summary>
    public string Place => FormattableString.Invariant($"{Accelerator} {_device?.Description.Index}, {Device}");

    /// <summary>The devices, one or more, each as a choice of its own; the host is one.</summary>
    public IReadOnlyList<EngineChoice> Each => _each ?? [this];

    /// <summary>Whether several runs are best trained side by side, one core each, not one after the other.</summary>
    public bool RunsInParallel => _device is null;

    /// <summary>Why this one, for the user, and by which path it trains some experiments.</summary>
    public string Reason(params IEnumerable<ExperimentConfiguration> experiments)
    {
        bool[] areCut =
        [
            .. experiments.Select(experiment => _device is null
                ? TrainsPerExample(experiment) || experiment.IsCutFor1989(experiment.Train)
                : experiment.Is1989 && experiment.Teacher is null).Distinct(),
        ];
        return _reason + (areCut, _device) switch
        {
            ([] or [true], _) => "",
            ([false], null) => ", layer by layer on lanes of examples",
            ([false], _) => ", by kernels compiled for its layers",
            (_, null) => "; single examples and small batches by the path that is cut for the network of 1989, others layer by layer on "
                + "lanes of examples",
            _ => "; the network of 1989 by the kernels that are cut for it, others by kernels compiled for their layers",
        };
    }

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
        RequireKernels(kernels, configuration);
        switch (accelerator)
        {
            case AcceleratorKind.Cuda:
                return Suitable(DeviceChoice.Open(DeviceKind.Cuda, device), "as asked for", kernels, configuration);
            case AcceleratorKind.OpenCL:
                return Suitable(DeviceChoice.Open(DeviceKind.OpenCL, device), "as asked for", kernels, configuration);
            case AcceleratorKind.Cpu when !perExample:
                return Suitable(DeviceChoice.Open(DeviceKind.Cpu, device), "as asked for", kernels, configuration);
            case AcceleratorKind.Auto when !perExample && device is null && DeviceChoice.OpenGpu() is { } gpu:
                return Suitable(gpu, "the first GPU found", kernels, configuration);
        }

        RequireNoKernels(kernels);
        RequireOneDevice(device);
        string cores = TrainsPerExample(configuration) ? "one core" : "all cores";
        string reason = accelerator != AcceleratorKind.Auto
            ? $"as asked for, on {cores}"
            : perExample
                ? $"training per example runs on {cores} of the CPU"
                : $"{NoGpu()}, so {cores} of the CPU";
        return new EngineChoice(
            accelerator == AcceleratorKind.Auto ? AcceleratorKind.Host : accelerator, HostProcessor.Name, reason);
    }

    /// <summary>Chooses what trains an experiment whose batches several processes share.</summary>
    /// <param name="accelerator">What was asked for.</param>
    /// <param name="device">Which device of that kind was asked for, from 0; null for one per rank of a machine, in turn.</param>
    /// <param name="configuration">The experiment.</param>
    /// <param name="kernels">Which kernels a device is to use.</param>
    /// <param name="ranks">The processes; null for this one alone.</param>
    /// <exception cref="BadInputException">It is not there, or cannot be used for the experiment.</exception>
    public static EngineChoice For(
        AcceleratorKind accelerator, int? device, ExperimentConfiguration configuration, KernelChoice kernels, IRanks? ranks)
    {
        if (ranks is null || TrainsPerExample(configuration))
        {
            return For(accelerator, device, configuration, kernels);
        }

        if (kernels is KernelChoice.Fused or KernelChoice.Tensor)
        {
            throw new BadInputException(
                $"--kernels {ConfigurationNames.Kernels[kernels]} does not go with several ranks: it cuts a batch by the device's "
                + "multiprocessors, so that the result would depend on the machines. Leave --kernels out: the kernels per layer are taken.");
        }

        EngineChoice choice = For(accelerator, device, configuration, kernels);
        return (device is null ? InTurn(choice, ranks.LocalRank, configuration, kernels) : choice).With(ranks);
    }

    /// <summary>Ranks of a machine take its devices in turn.</summary>
    private static EngineChoice InTurn(
        EngineChoice choice, int localRank, ExperimentConfiguration configuration, KernelChoice kernels)
    {
        if (choice._device is null)
        {
            return choice;
        }

        // GPUs alone where there are any: OpenCL may have the processor beside them.
        DeviceDescription[] all = [.. choice._device.Discovery.Devices.Where(found => found.Kind == choice._device.Description.Kind)];
        DeviceDescription[] usable = all.Any(found => found.IsGpu) ? [.. all.Where(found => found.IsGpu)] : all;
        int own = usable[localRank % usable.Length].Index;
        if (own == choice._device.Description.Index)
        {
            return choice;
        }

        choice.Dispose();
        return For(choice.Kind, own, configuration, kernels);
    }

    private EngineChoice With(IRanks ranks) => new(
        Kind, Device, _reason.Replace("all cores", "the cores of all ranks", StringComparison.Ordinal), _device, _kernels)
    {
        Ranks = ranks,
    };

    /// <summary>Chooses what trains several runs of an experiment.</summary>
    /// <param name="accelerator">What was asked for.</param>
    /// <param name="device">Which device of that kind was asked for, from 0; null for the first.</param>
    /// <param name="isEvery">
    /// Whether every device of that kind was asked for, a run each: every GPU, or, where there is none, every processor that is a device.
    /// </param>
    /// <param name="configuration">The experiment.</param>
    /// <param name="kernels">Which kernels a device is to use.</param>
    /// <exception cref="BadInputException">What was asked for is not there; nothing falls back in silence.</exception>
    public static EngineChoice For(
        AcceleratorKind accelerator,
        int? device,
        bool isEvery,
        ExperimentConfiguration configuration,
        KernelChoice kernels = KernelChoice.Auto)
    {
        EngineChoice first = For(accelerator, device, configuration, kernels);
        (first.AskedDevice, first.IsEvery) = (device, isEvery);
        if (!isEvery || first._device is not { } found)
        {
            return first;
        }

        // Each has a discovery of its own, and so a compiler: they are used by threads of their own. Devices of a name choose the same
        // kernels, whichever is the first to train.
        EngineChoice[] others =
        [
            .. found.Discovery.Devices
                .Where(other => other != found.Description
                    && other.Kind == found.Description.Kind && other.IsGpu == found.Description.IsGpu)
                .Select(other => Suitable(
                    DeviceChoice.Open(other.Kind, other.Index), first._reason, kernels, configuration, first._choices)),
        ];
        return others.Length == 0 ? first : new EngineChoice([first, .. others]) { IsEvery = true };
    }

    /// <summary>Chooses what trains several runs on one of several ranks.</summary>
    /// <param name="accelerator">What was asked for.</param>
    /// <param name="device">Which device of that kind was asked for, from 0; null for one per rank of a machine, in turn.</param>
    /// <param name="isEvery">Whether every device of that kind was asked for, a run each.</param>
    /// <param name="configuration">The experiment.</param>
    /// <param name="kernels">Which kernels a device is to use.</param>
    /// <param name="localRank">This rank among those of its machine.</param>
    /// <exception cref="BadInputException">What was asked for is not there.</exception>
    public static EngineChoice ForRank(
        AcceleratorKind accelerator, int? device, bool isEvery, ExperimentConfiguration configuration, KernelChoice kernels, int localRank)
    {
        EngineChoice choice = For(accelerator, device, isEvery, configuration, kernels);
        return device is not null || isEvery ? choice : InTurn(choice, localRank, configuration, kernels);
    }

    /// <summary>Chooses the device that trains many seeds of an experiment at once.</summary>
    /// <param name="accelerator">What was asked for.</param>
    /// <param name="device">Which device of that kind was asked for, from 0; null for the first.</param>
    /// <param name="configuration">The experiment.</param>
    /// <exception cref="BadInputException">
    /// The experiment is none that an ensemble can train, or what was asked for is not there or cannot do it.
    /// </exception>
    public static EngineChoice ForEnsemble(
        AcceleratorKind accelerator, int? device, ExperimentConfiguration configuration)
    {
        if (configuration.Batch.Of(configuration.Train) > EnsembleTrainer.MostBatch)
        {
            throw new BadInputException(
                $"--replicas trains per example, or in batches of at most {EnsembleTrainer.MostBatch}, and {configuration.Experiment} has "
                + $"\"batch\": {configuration.Batch}. Add --per-example, or use --runs for several seeds of it.");
        }

        RequireSupported(UnsupportedByReplicas(configuration), configuration);
        DeviceChoice? found = accelerator switch
        {
            AcceleratorKind.Cuda => OpenForEnsemble(DeviceKind.Cuda, device),
            AcceleratorKind.OpenCL => OpenForEnsemble(DeviceKind.OpenCL, device),
            AcceleratorKind.Cpu => OpenForEnsemble(DeviceKind.Cpu, device),
            AcceleratorKind.Auto when device is null => DeviceChoice.OpenGpu(),
            _ => null,
        };
        if (found is null)
        {
            throw new BadInputException(accelerator == AcceleratorKind.Auto && device is not null
                ? $"--device {device} is one of a kind. Name the kind too: --accelerator cuda or opencl."
                : "--replicas trains on a device"
                + (accelerator == AcceleratorKind.Auto ? $", and {NoGpu()}. " : ", not on the host. ")
                + "Use --runs for several seeds on the CPU, a core each; or name a device: --accelerator cuda or opencl.");
        }

        try
        {
            RequireSupported(
                EnsembleTrainer.UnsupportedReason(
                    found.Discovery, found.Description, configuration.Network, RuleOf(configuration, configuration.Train)),
                configuration);
            return OnDevice(
                found, accelerator == AcceleratorKind.Auto ? "the first GPU found" : "as asked for", KernelChoice.Auto);
        }
        catch (DeviceException failure)
        {
            found.Dispose();
            throw new BadInputException(failure.Message, failure);
        }
        catch (BadInputException)
        {
            found.Dispose();
            throw;
        }
    }

    /// <summary>What moves the parameters of an experiment's networks where many are trained at once.</summary>
    /// <param name="configuration">The experiment.</param>
    /// <param name="examples">The examples of a pass.</param>
    public static EnsembleRule RuleOf(ExperimentConfiguration configuration, int examples) =>
        EnsembleRule.Of(configuration.Optimizer, configuration.Batch.Of(examples));

    /// <summary>Why the chosen device does not train an experiment together with others like it; null if it does.</summary>
    /// <param name="configuration">The experiment, everything resolved.</param>
    /// <exception cref="RunFailedException">The device failed.</exception>
    public string? UnsupportedAtOnce(ExperimentConfiguration configuration)
    {
        if (_device is null || _device.Description.Kind == DeviceKind.Cpu)
        {
            return "CUDA and OpenCL devices alone train many networks at once";
        }

        try
        {
            return UnsupportedByReplicas(configuration) ?? EnsembleTrainer.UnsupportedReason(
                _device.Discovery, _device.Description, configuration.Network, RuleOf(configuration, configuration.Train));
        }
        catch (DeviceException failure)
        {
            throw new RunFailedException(failure.Message, failure);
        }
    }

    /// <summary>How many networks the device computes at the same time; null for the host.</summary>
    /// <exception cref="RunFailedException">The device failed.</exception>
    public int? AtOnce()
    {
        try
        {
            return _device is null ? null : EnsembleTrainer.AtOnce(_device.Discovery, _device.Description);
        }
        catch (DeviceException failure)
        {
            throw new RunFailedException(failure.Message, failure);
        }
    }

    /// <summary>Why no device trains an experiment together with others like it, whatever the device; null if some do.</summary>
    private static string? UnsupportedByReplicas(ExperimentConfiguration configuration) =>
        !configuration.Is1989 ? "its network is not that of 1989, whose sizes the kernel is cut for"
        : configuration.Teacher is not null ? "replicas know no teacher"
        : !configuration.Distortion.IsNone
            ? "a turned, scaled or bent image would need a second one in the shared memory, where there is no room"
        : configuration is { Shuffle: not PresentationOrder.AsTheyAre, Batch.Examples: 1 }
            ? "every seed shuffles the digits in its own way, and replicas are shown the same digit at the same time"
        : EnsembleTrainer.UnsupportedReason(configuration.Network, RuleOf(configuration, configuration.Train));

    /// <summary>Gets ready to train many networks at once, on a device that has nothing against it.</summary>
    /// <param name="configuration">The experiment of one of them, everything resolved.</param>
    /// <param name="training">What is trained on; a stream is the caller's to dispose, after the trainer.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="members">How many networks.</param>
    /// <exception cref="RunFailedException">The device failed, or its memory is too small.</exception>
    public EnsembleTrainer CreateEnsemble(
        ExperimentConfiguration configuration, ITrainingSet training, Examples test, int members)
    {
        try
        {
            return new EnsembleTrainer(
                _device!.Discovery, _device.Description, configuration.Network, RuleOf(configuration, training.Count), training,
                test, members);
        }
        catch (Exception failure) when (failure is DeviceException or InvalidOperationException)
        {
            throw new RunFailedException(failure.Message, failure);
        }
    }

    /// <summary>What a user should know about how an ensemble trains an experiment; null for nothing.</summary>
    public string? NoteOnEnsemble(ExperimentConfiguration configuration)
    {
        string? note = _device?.Description.Kind == DeviceKind.Cpu
            ? "note: ILGPU's CPU accelerator simulates a device, for tests: a presentation takes a tenth of a second, an "
                + "evaluation minutes. --runs trains several seeds on the CPU."
            : configuration is { RandomNumbers: RandomNumbers.Article, IsPerturbed: true }
                ? "note: replicas draw shifts and dropout from Philox; only training per example on the CPU draws the article's"
                : null;
        return Joined(note, _device?.Note);
    }

    /// <summary>
    /// Whether an experiment is one that a core trains example by example. Normalized weights are a matter of the step, which
    /// batches take, be they of one example, as other networks than that of 1989 do.
    /// </summary>
    public static bool TrainsPerExample(ExperimentConfiguration configuration) =>
        configuration.Batch == BatchSize.PerExample && !configuration.WeightNormalization && configuration.Is1989;

    /// <summary>Gets ready to train.</summary>
    /// <param name="configuration">The experiment, everything resolved.</param>
    /// <param name="training">What is trained on; a stream is the caller's to dispose, after the trainer.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="threads">The most threads of the host; 0 for one per core.</param>
    /// <param name="kernels">Which kernels a device is to use: see <see cref="KernelsFor"/>.</param>
    /// <exception cref="RunFailedException">The device failed, or its memory is too small.</exception>
    public ITrainer CreateTrainer(
        ExperimentConfiguration configuration, ITrainingSet training, Examples test, int threads, KernelChoice kernels) =>
        CreateTrainer(configuration, training, test, threads, kernels, Ranks);

    /// <inheritdoc cref="CreateTrainer(ExperimentConfiguration, ITrainingSet, Examples, int, KernelChoice)"/>
    /// <param name="configuration">The experiment, everything resolved.</param>
    /// <param name="training">What is trained on.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="threads">The most threads of the host; 0 for one per core.</param>
    /// <param name="kernels">Which kernels a device is to use.</param>
    /// <param name="ranks">The processes that share every batch; null for this one alone.</param>
    internal ITrainer CreateTrainer(
        ExperimentConfiguration configuration, ITrainingSet training, Examples test, int threads, KernelChoice kernels, IRanks? ranks) =>
        _device is not null ? CreateDeviceTrainer(_device, kernels, configuration, training, test, ranks, TeacherOf(configuration))
        : TrainsPerExample(configuration) ? CreatePerExampleTrainer(configuration, training, test, TeacherOf(configuration))
        : configuration.CreateHostTrainer(
            configuration.Optimizer.Kind, training, test, threads == 0 && ranks is not null ? ranks.Threads : threads, ranks,
            TeacherOf(configuration));

    /// <summary>What an experiment learns from, read once; null where it learns from labels alone.</summary>
    /// <param name="configuration">The experiment.</param>
    /// <exception cref="BadInputException">It is not there, or nothing that the experiment can learn from.</exception>
    public Teacher? TeacherOf(ExperimentConfiguration configuration)
    {
        if (configuration.Teacher is not { } named)
        {
            return null;
        }

        lock (_gate)
        {
            (string, Loss, Distillation?) key = (named, configuration.Loss, configuration.Teaching);
            if (!_teachers.TryGetValue(key, out Teacher? teacher))
            {
                teacher = TeacherFile.Read(configuration)!;
                _teachers.Add(key, teacher);
            }

            return teacher;
        }
    }

    /// <summary>The trainer of one core.</summary>
    /// <param name="configuration">The experiment, one that <see cref="TrainsPerExample"/>.</param>
    /// <param name="training">What is trained on.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="teacher">What it learns from; null for labels alone.</param>
    public static PerExampleTrainer CreatePerExampleTrainer(
        ExperimentConfiguration configuration, ITrainingSet training, Examples test, Teacher? teacher = null) =>
        new(configuration.NetworkTaughtBy(teacher), configuration.Optimizer.Kind, training, test, teacher)
        {
            IsInPlace = !configuration.IsPerturbed && configuration.Optimizer.IsPlainSgd(),
            ArticlePerturbation = configuration is { RandomNumbers: RandomNumbers.Article, IsPerturbed: true }
                ? new ArticlePerturbation(configuration.Seed, configuration.Shift, configuration.Dropout)
                : null,
        };

    /// <summary>The trainer of batches on a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="kernels">Which of its kernels.</param>
    /// <param name="configuration">The experiment.</param>
    /// <param name="training">What is trained on.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="ranks">The processes that share every batch; null for this one alone.</param>
    /// <param name="teacher">What it learns from; null for labels alone.</param>
    /// <exception cref="RunFailedException">The device failed, or its memory is too small.</exception>
    public static AcceleratorTrainer CreateDeviceTrainer(
        DeviceChoice device,
        KernelChoice kernels,
        ExperimentConfiguration configuration,
        ITrainingSet training,
        Examples test,
        IRanks? ranks = null,
        Teacher? teacher = null)
    {
        if (!configuration.Is1989 || teacher is not null)
        {
            return CreateGeneralTrainer(device, configuration, training, test, ranks, teacher);
        }

        try
        {
            RequireKernels(kernels, device, configuration);
            return new AcceleratorTrainer(
                device.Discovery, device.Description, configuration.Network, configuration.Optimizer.Kind, training, test,
                configuration.Batch.Of(training.Count), distorts: !configuration.Distortion.IsNone,
                kernels: ranks is null ? kernels : KernelChoice.Layers, sharing: configuration.Sharing(ranks));
        }
        catch (Exception failure) when (failure is DeviceException or InvalidOperationException)
        {
            throw new RunFailedException(failure.Message, failure);
        }
    }

    /// <summary>The trainer of batches on a device by kernels compiled for the layers, those of 1989 too.</summary>
    /// <param name="device">The device.</param>
    /// <param name="configuration">The experiment.</param>
    /// <param name="training">What is trained on.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="ranks">The processes that share every batch; null for this one alone.</param>
    /// <param name="teacher">What it learns from; null for labels alone.</param>
    /// <exception cref="RunFailedException">The device failed, or its memory is too small.</exception>
    public static AcceleratorTrainer CreateGeneralTrainer(
        DeviceChoice device,
        ExperimentConfiguration configuration,
        ITrainingSet training,
        Examples test,
        IRanks? ranks = null,
        Teacher? teacher = null)
    {
        try
        {
            return new AcceleratorTrainer(
                device.Discovery, device.Description, configuration.LayersTaughtBy(teacher), configuration.Optimizer.Kind, training, test,
                configuration.Batch.Of(training.Count), distorts: !configuration.Distortion.IsNone,
                sharing: configuration.Sharing(ranks), teacher: teacher);
        }
        catch (Exception failure) when (failure is DeviceException or InvalidOperationException)
        {
            throw new RunFailedException(failure.Message, failure);
        }
    }

    /// <summary>Which kernels are to take an experiment's steps: those that were asked for, or what was found to be fastest.</summary>
    /// <param name="configuration">The experiment, everything resolved.</param>
    /// <param name="training">What is trained on.</param>
    /// <param name="begunWith">
    /// Of a run that goes on, those that have taken its steps so far, auto where nobody wrote them down; null for a run that begins.
    /// </param>
    /// <exception cref="RunFailedException">The device failed.</exception>
    public ChosenKernels KernelsFor(ExperimentConfiguration configuration, ITrainingSet training, KernelChoice? begunWith)
    {
        if (_device is null || !HasKernelsOf1989(configuration))
        {
            return new ChosenKernels(_kernels);
        }

        if (Ranks is not null)
        {
            return new ChosenKernels(KernelChoice.Layers, Problem: Continued(begunWith ?? KernelChoice.Auto, KernelChoice.Layers));
        }

        if (begunWith is { } before)
        {
            return IsSupported(before, _device, configuration)
                ? new ChosenKernels(before == KernelChoice.Auto ? _kernels : before)
                : new ChosenKernels(_kernels, Problem: Continued(before, _kernels));
        }

        return _kernels == KernelChoice.Auto && !_isUntimed
            ? Choose(_device, _choices!, configuration, training)
            : new ChosenKernels(_kernels);
    }

    /// <summary>Which kernels of a device are fastest for an experiment.</summary>
    /// <param name="device">The device, on which nobody else is at work.</param>
    /// <param name="choices">What was chosen before.</param>
    /// <param name="configuration">The experiment, everything resolved.</param>
    /// <param name="training">What is trained on.</param>
    /// <exception cref="RunFailedException">The device failed.</exception>
    public static ChosenKernels Choose(
        DeviceChoice device, ChoiceFolder choices, ExperimentConfiguration configuration, ITrainingSet training)
    {
        if (!HasKernelsOf1989(configuration))
        {
            return new ChosenKernels(KernelChoice.Auto);
        }

        StepTrial trial = new(
            configuration.Network, configuration.Optimizer.Kind, configuration.Batch.Of(training.Count),
            !configuration.Distortion.IsNone, training.Sample, configuration.Schedule(training.Count).Steps(0, 1)[0],
            configuration.DrawParameters());
        try
        {
            return new KernelChooser(device.Discovery, device.Description, choices).Choose(trial);
        }
        catch (DeviceException failure)
        {
            throw new RunFailedException(failure.Message, failure);
        }
    }

    /// <summary>
    /// Has auto take kernels untimed: where other processes train for this one, each would time its own device, and what a run's bits are
    /// would depend on who trained it.
    /// </summary>
    public void LeaveUntimed()
    {
        foreach (EngineChoice one in _each ?? [])
        {
            one._isUntimed = true;
        }

        _isUntimed = true;
    }

    /// <summary>Which kernels a trainer's steps are taken by; null where it has none that are cut for the network of 1989.</summary>
    /// <param name="trainer">The trainer.</param>
    public static KernelChoice? KernelsOf(ITrainer trainer) => (trainer as AcceleratorTrainer)?.Kernels;

    /// <summary>What a user should know about how a trainer trains an experiment; null for nothing.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="configuration">The experiment.</param>
    /// <param name="chosen">Why it takes steps by those kernels.</param>
    public string? NoteOn(ITrainer trainer, ExperimentConfiguration configuration, ChosenKernels chosen) => Joined(
        KernelsOf(trainer) is { } kernels ? ReportLines.Kernels(kernels, chosen) : null,
        chosen.Problem is { } problem ? $"note: {problem}" : null,
        trainer.Note,
        configuration is { RandomNumbers: RandomNumbers.Article, IsPerturbed: true }
            && (_device is not null || !TrainsPerExample(configuration))
            ? "note: batches draw shifts and dropout from Philox; only training per example draws the article's"
            : null,
        _device?.Note);

    /// <summary>Refuses a choice of kernels on the host, which has none.</summary>
    /// <param name="kernels">What was asked for.</param>
    /// <exception cref="BadInputException">It was a choice.</exception>
    public static void RequireNoKernels(KernelChoice kernels)
    {
        if (kernels != KernelChoice.Auto)
        {
            throw new BadInputException(
                $"--kernels {ConfigurationNames.Kernels[kernels]} is a device's, and this trains on the host. Name an --accelerator too, or "
                + "leave --kernels out.");
        }
    }

    /// <summary>Whether the kernels of 1989's network train an experiment on a device.</summary>
    private static bool HasKernelsOf1989(ExperimentConfiguration configuration) =>
        configuration.Is1989 && configuration.Teacher is null;

    private static bool IsSupported(KernelChoice kernels, DeviceChoice device, ExperimentConfiguration configuration) =>
        kernels is not (KernelChoice.Fused or KernelChoice.Tensor)
        || AcceleratorTrainer.FusedUnsupportedReason(
            kernels, device.Discovery, device.Description, configuration.Network, configuration.Optimizer.Kind) is null;

    /// <summary>What is to be said where a run goes on by other kernels than it was begun with; null where it does not.</summary>
    private static string? Continued(KernelChoice before, KernelChoice now) => before is KernelChoice.Auto || before == now
        ? null
        : $"the run was begun by the kernels '{ConfigurationNames.Kernels[before]}', which cannot go on with it here: from now on its steps "
            + "are rounded to other bits";

    private static string NoGpu() => CudaDriverFault.Find() is { } fault
        ? $"no GPU was found: NVIDIA's driver is there and does not start, {fault.Name} ('trainer devices' says what helps)"
        : "no GPU was found ('trainer devices' says more)";

    private static void RequireOneDevice(int? device)
    {
        if (device is > 0)
        {
            throw new BadInputException($"There is no device {device}: the CPU is one device, 0. Leave --device out.");
        }
    }

    /// <summary>Refuses kernels that cannot train an experiment, whatever the device.</summary>
    /// <param name="kernels">What was asked for.</param>
    /// <param name="configuration">The experiment.</param>
    /// <exception cref="BadInputException">They cannot.</exception>
    public static void RequireKernels(KernelChoice kernels, ExperimentConfiguration configuration)
    {
        if (kernels != KernelChoice.Auto && configuration.Teacher is not null)
        {
            throw new BadInputException(
                $"--kernels {ConfigurationNames.Kernels[kernels]} cannot train {configuration.Experiment}: kernels that are cut for the "
                + "network of 1989 know no teacher; those that are compiled for a network's layers do. Leave --kernels out.");
        }

        if (kernels is KernelChoice.Fused or KernelChoice.Tensor && !configuration.Is1989)
        {
            string name = ConfigurationNames.Kernels[kernels];
            throw new BadInputException(
                $"--kernels {name} cannot train {configuration.Experiment}: the {name} kernel is cut for the network of 1989, which this is "
                + "not. Leave --kernels out.");
        }
    }

    /// <summary>Refuses kernels that cannot train an experiment.</summary>
    /// <param name="kernels">What was asked for.</param>
    /// <param name="device">The device.</param>
    /// <param name="configuration">The experiment.</param>
    /// <exception cref="BadInputException">They cannot.</exception>
    public static void RequireKernels(KernelChoice kernels, DeviceChoice device, ExperimentConfiguration configuration)
    {
        RequireKernels(kernels, configuration);
        if (kernels is KernelChoice.Fused or KernelChoice.Tensor
            && AcceleratorTrainer.FusedUnsupportedReason(
                kernels, device.Discovery, device.Description, configuration.Network, configuration.Optimizer.Kind) is { } reason)
        {
            throw new BadInputException(
                $"--kernels {ConfigurationNames.Kernels[kernels]} cannot train {configuration.Experiment}: {reason}. "
                + "Use --kernels layers, or auto.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (EngineChoice other in Each.Skip(1))
        {
            other.Dispose();
        }

        _device?.Dispose();
    }

    private static string? Joined(params IEnumerable<string?> notes)
    {
        string lines = string.Join(Environment.NewLine, notes.OfType<string>());
        return lines.Length == 0 ? null : lines;
    }

    private static DeviceChoice OpenForEnsemble(DeviceKind kind, int? device) =>
        DeviceChoice.Open(kind, device, groupThreads: EnsembleKernels.Threads);

    private static void RequireSupported(string? reason, ExperimentConfiguration configuration)
    {
        if (reason is not null)
        {
            throw new BadInputException(
                $"--replicas cannot train {configuration.Experiment}: {reason}. Use --runs for several seeds of it.");
        }
    }

    /// <summary>Takes a device where it has the kernels that were asked for, before anything is written.</summary>
    /// <exception cref="BadInputException">It cannot train the experiment by them, or its driver refuses.</exception>
    private static EngineChoice Suitable(
        DeviceChoice device,
        string reason,
        KernelChoice kernels,
        ExperimentConfiguration configuration,
        ChoiceFolder? choices = null)
    {
        try
        {
            RequireKernels(kernels, device, configuration);
            return OnDevice(device, reason, kernels, choices);
        }
        catch (DeviceException failure)
        {
            device.Dispose();
            throw new BadInputException(failure.Message, failure);
        }
        catch (BadInputException)
        {
            device.Dispose();
            throw;
        }
    }

    private static EngineChoice OnDevice(DeviceChoice device, string reason, KernelChoice kernels, ChoiceFolder? choices = null) =>
        new(device.Kind, device.Description.Name, reason, device, kernels, choices);
}
