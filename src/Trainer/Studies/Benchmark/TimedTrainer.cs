using System.Diagnostics;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Profiling;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Teaching;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>The trainer of an experiment, and what times its steps, as a whole and part by part.</summary>
internal sealed class TimedTrainer : IDisposable
{
    /// <summary>What the optimizer is called among a step's parts on the host, where it follows the passes.</summary>
    public const string Update = "Update";

    // So many steps are queued at once where they are timed kernel by kernel, so that the device need not wait for the host.
    private const int StepsOfProfile = 8;

    // Waits, sums of slices and the update, which follow a batch's passes.
    private const int BetweenPasses = 3;

    // Steps that are planned at a time: short enough that making them is no work for the memory.
    private const int StepsPlanned = 512;

    private const double CountedSeconds = 0.2;
    private const int MostSteps = 100_000;

    private readonly ExperimentConfiguration _configuration;
    private readonly float[] _initial;
    private readonly ITrainer _trainer;
    private readonly LayerNetwork _network;
    private readonly StepSchedule _schedule;

    // Second derivatives are estimated before the first step, which the others do not wait for.
    private readonly int _firstStep;
    private readonly int _evaluated;

    private TimedTrainer(ExperimentConfiguration configuration, LoadedData data, ITrainer trainer)
    {
        _configuration = configuration;
        _initial = configuration.DrawParameters();
        _trainer = trainer;
        _network = configuration.Layers;
        _firstStep = configuration.Optimizer.Kind.UsesCurvature ? 1 : 0;
        _schedule = configuration.Schedule(data.Train.Count);
        _evaluated = data.Train.Count + data.Test.Count;
    }

    /// <summary>The examples of a step.</summary>
    public int Batch => _configuration.Batch.Of(_configuration.Train);

    /// <summary>Which kernels take its steps; null where none do that are cut for the network of 1989.</summary>
    public KernelChoice? Kernels { get; private init; }

    /// <summary>The trainer that training would use.</summary>
    /// <param name="device">The device; null for the host.</param>
    /// <param name="kernels">Which of its kernels.</param>
    /// <param name="configuration">The experiment on these digits.</param>
    /// <param name="data">The digits.</param>
    /// <exception cref="RunFailedException">The device failed, or its memory is too small.</exception>
    public static TimedTrainer Create(
        DeviceChoice? device, KernelChoice kernels, ExperimentConfiguration configuration, LoadedData data) =>
        device is null && EngineChoice.TrainsPerExample(configuration)
            ? CreatePerExample(configuration, data)
            : CreateBatched(device, kernels, configuration, data);

    /// <summary>The trainer of one example at a time, on the host.</summary>
    /// <param name="configuration">The experiment on these digits.</param>
    /// <param name="data">The digits.</param>
    private static TimedTrainer CreatePerExample(ExperimentConfiguration configuration, LoadedData data)
    {
        PerExampleTrainer trainer = EngineChoice.CreatePerExampleTrainer(
            configuration, data.Train, data.Test, TeacherFile.Read(configuration));
        return new TimedTrainer(configuration, data, trainer)
        {
            PartsOf = trainer.HasPasses ? (timed, repeater, _) => timed.MeasurePasses(trainer, repeater) : null,
        };
    }

    /// <summary>The trainer of batches, also where a batch is one example.</summary>
    /// <param name="device">The device; null for the host.</param>
    /// <param name="kernels">Which of its kernels.</param>
    /// <param name="configuration">The experiment on these digits.</param>
    /// <param name="data">The digits.</param>
    /// <exception cref="RunFailedException">The device failed, or its memory is too small.</exception>
    public static TimedTrainer CreateBatched(
        DeviceChoice? device, KernelChoice kernels, ExperimentConfiguration configuration, LoadedData data)
    {
        if (device is null)
        {
            ITrainer host = configuration.CreateHostTrainer(
                configuration.Optimizer.Kind, data.Train, data.Test, teacher: TeacherFile.Read(configuration));
            return new TimedTrainer(configuration, data, host)
            {
                PartsOf = host switch
                {
                    HostTrainer cut => (timed, repeater, _) => timed.MeasurePasses(cut, repeater),
                    LayerTrainer any => (timed, repeater, _) => timed.MeasurePasses(any, repeater),
                    _ => null,
                },
            };
        }

        AcceleratorTrainer trainer =
            EngineChoice.CreateDeviceTrainer(
                device, kernels, configuration, data.Train, data.Test, teacher: TeacherFile.Read(configuration));
        return new TimedTrainer(configuration, data, trainer)
        {
            Kernels = EngineChoice.KernelsOf(trainer),
            PartsOf = (timed, repeater, stepSeconds) => timed.MeasureKernels(trainer, repeater, stepSeconds),
        };
    }

    /// <summary>The trainer of any network, of that of 1989 too.</summary>
    /// <param name="device">The device; null for the host.</param>
    /// <param name="configuration">The experiment on these digits.</param>
    /// <param name="data">The digits.</param>
    /// <exception cref="RunFailedException">The device failed, or its memory is too small.</exception>
    public static TimedTrainer CreateGeneral(DeviceChoice? device, ExperimentConfiguration configuration, LoadedData data) => new(
        configuration,
        data,
        device is null
            ? new LayerTrainer(
                configuration.LayersTaughtBy(TeacherFile.Read(configuration)), configuration.Optimizer.Kind, data.Train, data.Test,
                teacher: TeacherFile.Read(configuration))
            : EngineChoice.CreateGeneralTrainer(
                device, configuration, data.Train, data.Test, teacher: TeacherFile.Read(configuration)));

    /// <summary>The trainer that is cut for the network of 1989, on the host.</summary>
    /// <param name="configuration">The experiment on these digits.</param>
    /// <param name="data">The digits.</param>
    public static TimedTrainer CreateCutFor1989(ExperimentConfiguration configuration, LoadedData data)
    {
        Teacher? teacher = TeacherFile.Read(configuration);
        return new TimedTrainer(configuration, data, new HostTrainer(
            configuration.NetworkTaughtBy(teacher), configuration.Optimizer.Kind, data.Train, data.Test, teacher: teacher));
    }

    /// <summary>Begins anew: every repeat then does the same work, from the step after what a run does once.</summary>
    public void Begin()
    {
        _trainer.Load(_initial);
        if (_firstStep > 0)
        {
            _trainer.Take(_schedule.Steps(0, _firstStep));
        }

        _trainer.Wait();
    }

    /// <summary>Takes some steps, and waits for them.</summary>
    public void Train(int steps)
    {
        for (int first = 0; first < steps; first += StepsPlanned)
        {
            _trainer.Take(_schedule.Steps(_firstStep + first, Math.Min(StepsPlanned, steps - first)));
        }

        _trainer.Wait();
    }

    /// <summary>Times a step.</summary>
    public RateMeasurement MeasureStep(Repeater repeater) => new(
        Batch, repeater.Measure(Begin, Train), 2.0 * Batch * (_network.TrainingOperations + CurvatureOperations));

    /// <summary>What second derivatives add to an example's multiply-accumulates.</summary>
    private long CurvatureOperations =>
        _configuration.Optimizer.Kind.UsesCurvature ? MultiplyAccumulates(LayerPass.Curvature) : 0;

    /// <summary>What is counted while steps are taken, for about a fifth of a second.</summary>
    /// <param name="seconds">What a step takes.</param>
    public CounterReadings CountSteps(double seconds)
    {
        Begin();
        return ProcessorCounters.During(() => Train(Math.Clamp((int)(CountedSeconds / seconds), 1, MostSteps)));
    }

    /// <summary>Times an evaluation of both splits, as a run has one.</summary>
    public RateMeasurement MeasureEvaluation(Repeater repeater) => new(
        _evaluated,
        repeater.Measure(Begin, times =>
        {
            for (int time = 0; time < times; time++)
            {
                _trainer.SnapshotAsync().GetAwaiter().GetResult();
            }
        }),
        2.0 * _evaluated * _network.Operations);

    /// <summary>Times the parts of a step.</summary>
    /// <returns>
    /// The parts in their order, the step that they are parts of, and the kernels that it launched; null where a step is not taken
    /// apart.
    /// </returns>
    public (IReadOnlyList<PartMeasurement> Parts, Timing Step, int? Launches)? MeasureParts(Repeater repeater, double stepSeconds)
    {
        Begin();
        Train(1);
        return PartsOf?.Invoke(this, repeater, stepSeconds);
    }

    /// <inheritdoc/>
    public void Dispose() => _trainer.Dispose();

    /// <summary>How its steps are taken apart; null where they have no parts.</summary>
    private Func<TimedTrainer, Repeater, double, (IReadOnlyList<PartMeasurement> Parts, Timing Step, int? Launches)>? PartsOf
    {
        get;
        init;
    }

    private (IReadOnlyList<PartMeasurement> Parts, Timing Step, int? Launches) MeasureKernels(
        AcceleratorTrainer trainer, Repeater repeater, double stepSeconds)
    {
        // Steps that take long keep a device busy by themselves.
        int steps = stepSeconds > 0.1 ? 1 : StepsOfProfile;
        List<IReadOnlyList<KernelTime>> repeats = [];
        Timing step = repeater.Repeat(() =>
        {
            Begin();
            long begun = Stopwatch.GetTimestamp();
            repeats.Add(trainer.Profile(() => trainer.Take(_schedule.Steps(_firstStep, steps))));
            return Stopwatch.GetElapsedTime(begun).TotalSeconds / steps;
        });
        PartMeasurement[] parts =
        [
            .. from kernel in Enum.GetValues<KernelKind>()
               let launches = repeats[0].Count(time => time.Kernel == kernel)
               where launches > 0
               select Measured(kernel, launches / steps),
        ];
        return (parts, step, repeats[0].Count / steps);

        PartMeasurement Measured(KernelKind kernel, int launches)
        {
            // Layers of a kind have their kernels' names in common, whatever their sizes.
            KernelWork? work = _configuration.Is1989
                ? KernelWork.Of(kernel, trainer.GradientShares(Batch), _configuration.Dropout > 0)
                : null;
            return new PartMeasurement(
                kernel.ToString(),
                launches,
                Timing.Of([.. repeats.Select(repeat =>
                    repeat.Where(time => time.Kernel == kernel).Sum(time => time.Seconds) / steps)]),
                (double)Batch * work?.MultiplyAccumulates,
                work?.Operations(Batch),
                work?.Bytes(Batch));
        }
    }

    /// <summary>The passes of the network that is cut for 1989, and what they form of an example.</summary>
    private (IReadOnlyList<PartMeasurement> Parts, Timing Step, int? Launches) MeasurePasses(HostTrainer trainer, Repeater repeater) =>
        MeasurePasses(steps => trainer.Profile(steps[0]), Passes(), steps: 1, repeater);

    /// <summary>The same one example at a time: there is no update, which is a part of the passes backward.</summary>
    private (IReadOnlyList<PartMeasurement> Parts, Timing Step, int? Launches) MeasurePasses(PerExampleTrainer trainer, Repeater repeater)
    {
        (IReadOnlyList<PartMeasurement> parts, Timing step, int? launches) =
            MeasurePasses(trainer.Profile, Passes(), StepsPlanned, repeater);
        return ([.. parts.Take(parts.Count - BetweenPasses)], step, launches);
    }

    private IReadOnlyList<(string? Name, long MultiplyAccumulates)> Passes() =>
    [
        .. Enum.GetValues<LayerPass>().Select(pass =>
            pass != LayerPass.Curvature || _configuration.Optimizer.Kind.UsesCurvature
                ? (pass.ToString(), (long)MultiplyAccumulates(pass))
                : default),
    ];

    /// <summary>The passes of any network's layers, and what they form of an example.</summary>
    private (IReadOnlyList<PartMeasurement> Parts, Timing Step, int? Launches) MeasurePasses(LayerTrainer trainer, Repeater repeater)
    {
        IReadOnlyList<Layer> layers = _network.Chain.Layers;
        return MeasurePasses(
            steps => trainer.Profile(steps[0]),
            [
                ("Examples, loss", 0),
                .. Enumerable.Range(0, layers.Count).Select(i => (NameOf(i) + " forward", layers[i].Operations)),
                .. Enumerable.Range(0, layers.Count).Reverse().Select(i =>
                    (NameOf(i) + " backward", (i == 0 ? 1 : 2) * layers[i].Operations)),
            ],
            steps: 1,
            repeater);

        string NameOf(int layer)
        {
            string name = layers[layer].GetType().Name;
            return $"{layer + 1} {(name.EndsWith(nameof(Layer), StringComparison.Ordinal) ? name[..^nameof(Layer).Length] : name)}";
        }
    }

    /// <param name="profile">Takes steps, and says where their time went.</param>
    /// <param name="passes">The passes in their order, with what they form of an example; without a name, what is left out.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="repeater">How often.</param>
    private (IReadOnlyList<PartMeasurement> Parts, Timing Step, int? Launches) MeasurePasses(
        Func<ReadOnlySpan<BatchStep>, HostStepTimes> profile,
        IReadOnlyList<(string? Name, long MultiplyAccumulates)> passes,
        int steps,
        Repeater repeater)
    {
        List<HostStepTimes> repeats = [];
        Timing step = repeater.Repeat(() =>
        {
            Begin();
            long begun = Stopwatch.GetTimestamp();
            repeats.Add(profile(_schedule.Steps(_firstStep, steps)));
            return Stopwatch.GetElapsedTime(begun).TotalSeconds / steps;
        });
        List<PartMeasurement> parts = [];
        for (int i = 0; i < passes.Count; i++)
        {
            int pass = i;
            if (passes[pass].Name is { } name)
            {
                Add(name, passes[pass].MultiplyAccumulates, times => times.Passes[pass] / times.Threads);
            }
        }

        Add("Waits", 0, times => Math.Max(0, times.GradientSeconds - times.Passes.Sum() / times.Threads));
        Add("SumSlices", 0, times => times.SumSeconds);
        Add(Update, 0, times => times.UpdateSeconds);
        return (parts, step, null);

        void Add(string name, long multiplyAccumulates, Func<HostStepTimes, double> seconds)
        {
            double products = (double)Batch * multiplyAccumulates;
            Timing timing = Timing.Of([.. repeats.Select(times => seconds(times) / steps)]);
            parts.Add(new PartMeasurement(name, 1, timing, products, 2 * products, null));
        }
    }

    /// <summary>What the kernels that do the same as a pass form of an example.</summary>
    private static int MultiplyAccumulates(LayerPass pass)
    {
        return pass switch
        {
            LayerPass.Noise => 0,
            LayerPass.H1Forward => Of(KernelKind.H1Forward),
            LayerPass.H2Forward => Of(KernelKind.H2Forward),
            LayerPass.H3Forward => Of(KernelKind.H3Forward),
            LayerPass.OutputForward => Of(KernelKind.OutputForward),

            // On a device the dense layers' weight gradients are one kernel.
            LayerPass.OutputBackward => Of(KernelKind.OutputBackward)
                + Of(KernelKind.DenseBackwardWeights) - Of(KernelKind.H3BackwardInput),
            LayerPass.H3Backward => 2 * Of(KernelKind.H3BackwardInput),
            LayerPass.H2Backward => Of(KernelKind.H2BackwardInput) + Of(KernelKind.H2BackwardWeights),
            LayerPass.H1Backward => Of(KernelKind.H1BackwardWeights),

            // As many as the way of the gradient.
            LayerPass.Curvature => MultiplyAccumulates(LayerPass.OutputBackward) + MultiplyAccumulates(LayerPass.H3Backward)
                + MultiplyAccumulates(LayerPass.H2Backward) + MultiplyAccumulates(LayerPass.H1Backward),
            _ => throw new ArgumentOutOfRangeException(nameof(pass), pass, "There is no such pass."),
        };

        static int Of(KernelKind kernel) => (int)KernelWork.Of(kernel, 1).MultiplyAccumulates;
    }
}
