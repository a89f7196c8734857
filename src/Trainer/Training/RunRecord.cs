using System.Diagnostics;
using System.Globalization;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>What is known of one seed's training so far, evaluation by evaluation, and what becomes of it in the end.</summary>
internal sealed class RunRecord
{
    private readonly PlannedRun _run;
    private readonly EvaluationHistory _history;
    private float[]? _latest;
    private long _lastDone;

    /// <summary>Begins a record, or goes on with a checkpoint's.</summary>
    /// <param name="run">What is trained.</param>
    /// <param name="resumed">Where it was left before; null for a run that begins.</param>
    public RunRecord(PlannedRun run, Checkpoint? resumed)
    {
        _run = run;
        _history = resumed?.History.Copy() ?? new EvaluationHistory();
        _latest = _history.Count > 0 ? resumed!.State.Parameters : null;
        Steps = resumed?.Steps ?? 0;
        TrainSeconds = resumed?.TrainSeconds ?? 0;
        EvaluateSeconds = resumed?.EvaluateSeconds ?? 0;
    }

    /// <summary>Which kernels take the steps; null where none do that are cut for the network of 1989.</summary>
    public KernelChoice? Kernels { get; init; }

    /// <summary>The evaluations.</summary>
    public EvaluationHistory History => _history;

    /// <summary>Whether there was an evaluation: whether there is an outcome.</summary>
    public bool IsEvaluated => _latest is not null;

    /// <summary>The steps up to the last evaluation.</summary>
    public long Steps { get; private set; }

    /// <summary>The seconds of training up to the last evaluation.</summary>
    public double TrainSeconds { get; private set; }

    /// <summary>The seconds of all evaluations.</summary>
    public double EvaluateSeconds { get; private set; }

    private ExperimentConfiguration Configuration => _run.Configuration;

    /// <summary>Adds an evaluation.</summary>
    /// <param name="steps">The steps of the run so far.</param>
    /// <param name="begun">When the steps since the evaluation before were begun, on <see cref="Stopwatch"/>'s clock.</param>
    /// <param name="snapshot">What it gave.</param>
    /// <exception cref="RunFailedException">The loss or a parameter is no number any more.</exception>
    /// <exception cref="BadInputException">It was none to begin with.</exception>
    public HistoryEntry Add(long steps, long begun, Snapshot snapshot)
    {
        // A device goes on with the steps that follow as soon as it has evaluated.
        long from = Math.Max(begun, _lastDone);
        double trainSeconds = TrainSeconds + Stopwatch.GetElapsedTime(from, snapshot.StepsDone).TotalSeconds;
        TrainSeconds = trainSeconds;
        EvaluateSeconds += Stopwatch.GetElapsedTime(snapshot.StepsDone, snapshot.Done).TotalSeconds;
        HistoryEntry entry = new()
        {
            Pass = Configuration.CountsPasses ? (int)(steps / Configuration.StepsPerPass) : null,
            Step = Configuration.CountsPasses ? null : steps,
            Train = RunEvaluation.Of(snapshot.Train),
            Test = RunEvaluation.Of(snapshot.Test),
            Seconds = trainSeconds,
        };
        ThrowIfDiverged(entry, snapshot.Parameters, steps);
        (_latest, Steps, _lastDone) = (snapshot.Parameters, steps, snapshot.Done);
        _history.Add(entry);
        return entry;
    }

    /// <summary>What the run leaves behind: how it stood at its last evaluation, of which there was one.</summary>
    /// <param name="compileSeconds">How long what trains took to get ready.</param>
    /// <param name="totalSeconds">Everything, start to end.</param>
    /// <param name="startupSeconds">From the start of the program to the first step; null where that is not this run's.</param>
    /// <param name="failure">What ended the run before its end, if that was no user; otherwise null.</param>
    public RunOutcome Outcome(double compileSeconds, double totalSeconds, double? startupSeconds, string? failure)
    {
        RunResult result = new()
        {
            Experiment = Configuration.Experiment,
            Accelerator = _run.Choice.Accelerator,
            Device = _run.Choice.Device,
            Kernels = Kernels,
            Dataset = _run.Data.Dataset.Name,
            TestedOn = _run.Data.IsValidation ? RunResult.Validation : null,
            Batch = Configuration.Batch,
            Seed = Configuration.Seed,
            From = _run.Start?.From,
            Teacher = _run.Configuration.Teacher,
            TeacherSha256 = _run.Choice.TeacherOf(_run.Configuration)?.ParametersSha256,
            Pretraining = _run.Start?.Pretraining,
            Passes = (int)(Steps / Configuration.StepsPerPass),
            Steps = Steps,
            Interrupted = Steps < Configuration.TotalSteps,
            Failure = failure,
            Seconds = new RunSeconds(_run.DataSeconds, compileSeconds, TrainSeconds, EvaluateSeconds, totalSeconds)
            {
                Startup = startupSeconds,
            },
            Before = _run.Start is null ? null : new BeforeTraining(_history.First.Train, _history.First.Test),
            Train = _history.Last.Train,
            Test = _history.Last.Test,
            History = _history.Entries,
            Evaluations = _history.Count > EvaluationHistory.Most ? _history.Count : null,
            ParametersSha256 = ParameterBytes.Sha256(_latest!),
        };
        return new RunOutcome(Configuration, result, _latest!);
    }

    private void ThrowIfDiverged(HistoryEntry entry, float[] parameters, long steps)
    {
        // The loss alone does not tell: a network may give an answer although some of its parameters are numbers no more.
        int lost = parameters.Count(parameter => !float.IsFinite(parameter));
        if (lost == 0 && double.IsFinite(entry.Train.Loss) && double.IsFinite(entry.Test.Loss))
        {
            return;
        }

        if (steps == 0)
        {
            throw new BadInputException(
                $"The loss of {_run.Start!.From} on these digits is not a number: its weights are far too large. Train it again.");
        }

        string what = lost == 0
            ? "the loss is no longer a number"
            : string.Create(CultureInfo.InvariantCulture, $"{lost:N0} of {parameters.Length:N0} parameters are no longer numbers");
        throw new RunFailedException(string.Create(
            CultureInfo.InvariantCulture,
            $"The training diverged: after {steps:N0} steps {what}. Use a learning rate smaller than {Configuration.Optimizer.LearningRate}."))
        {
            IsDivergence = true,
        };
    }
}
