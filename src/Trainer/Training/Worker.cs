using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training.Messages;

namespace GpuConvnet.Trainer.Training;

/// <summary>
/// A rank that trains whole runs for the first: as many at a time as it has cores or devices, until it is sent home. It prints
/// nothing, and writes nothing but the folders of the runs that it is given.
/// </summary>
internal sealed class Worker : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    private readonly IMessages _messages;
    private readonly CancellationToken _interruption;
    private readonly Dictionary<int, (EngineChoice Choice, DataFolder Data)> _engines = [];
    private readonly Dictionary<(bool IsCore, int Number), WorkerLane> _lanes = [];
    private readonly ConcurrentDictionary<int, WorkerRun> _runs = [];
    private readonly ConcurrentDictionary<DataRequest, Lazy<LoadedData>> _data = [];

    private Worker(IMessages messages, CancellationToken interruption)
    {
        _messages = messages;
        _interruption = interruption;
    }

    /// <summary>Trains what the first rank asks for, until it has no more.</summary>
    /// <param name="messages">The way to it.</param>
    /// <param name="interruption">
    /// Ends the runs under way, as their orders say. It is for the first rank to say when there is no more to do.
    /// </param>
    /// <returns>The exit code: a launcher may take that of any rank for that of all.</returns>
    public static int Serve(IMessages messages, CancellationToken interruption)
    {
        using Worker worker = new(messages, interruption);
        worker.Serve();
        worker.Leave();
        return interruption.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Done;
    }

    /// <summary>What trains, for the user.</summary>
    /// <param name="choice">The choice.</param>
    /// <param name="lanes">How many runs it trains at a time.</param>
    public static string Describe(EngineChoice choice, int lanes) => choice.RunsInParallel
        ? FormattableString.Invariant($"{lanes} {(lanes == 1 ? "core" : "cores")}")
        : string.Join("; ", choice.Each.Select(one => one.Place));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((EngineChoice choice, _) in _engines.Values)
        {
            choice.Dispose();
        }
    }

    private void Serve()
    {
        while (true)
        {
            if (!_messages.TryReceive(out _, out byte[] bytes))
            {
                Thread.Sleep(s_pause);
                continue;
            }

            switch (MessageBytes.Read(bytes))
            {
                case LeaveMessage:
                    return;
                case OpenMessage open:
                    Send(open.About, Open(open));
                    break;
                case TrainMessage order:
                    Take(order);
                    break;
                case CancelMessage cancel when _runs.TryGetValue(cancel.About, out WorkerRun? run):
                    run.Cancel(cancel.IsDropped);
                    break;
            }
        }
    }

    /// <summary>Drops what is under way, and says good-bye: nothing of this rank is on its way after that.</summary>
    private void Leave()
    {
        foreach (WorkerRun run in _runs.Values)
        {
            run.Cancel(isDropped: true);
        }

        foreach (WorkerLane lane in _lanes.Values)
        {
            lane.Dispose();
        }

        Send(0, new LeaveMessage());
    }

    private OpenedMessage Open(OpenMessage order)
    {
        try
        {
            if (order.Folder is not null && !Directory.Exists(order.Folder))
            {
                throw new BadInputException(
                    $"{order.Folder} is not there. Runs are saved by the rank that trains them: name a folder with --out that all "
                    + "machines share, or save nothing with --no-save.");
            }

            ExperimentConfiguration configuration = Configuration(order.Configuration);
            EngineChoice choice = EngineChoice.ForRank(
                order.Accelerator, order.Device, order.IsEvery, configuration, order.Kernels, _messages.LocalRank);
            choice.LeaveUntimed();
            _engines.Add(order.About, (choice, new DataFolder(order.DataFolder, "the first rank's")));
            int lanes = choice.RunsInParallel ? order.Jobs ?? _messages.Threads : choice.Each.Count;
            return new OpenedMessage(Environment.MachineName, lanes, Describe(choice, lanes), Problem: null);
        }
        catch (BadInputException problem)
        {
            return new OpenedMessage(Environment.MachineName, Lanes: 0, What: "", problem.Message);
        }
    }

    private void Take(TrainMessage order)
    {
        EngineChoice choice = _engines[order.Engine].Choice;
        if (!_lanes.TryGetValue((choice.RunsInParallel, order.Lane), out WorkerLane? lane))
        {
            lane = new WorkerLane(order.Lane, Train);
            _lanes.Add((choice.RunsInParallel, order.Lane), lane);
        }

        WorkerRun run = new(order, _interruption);
        _runs[order.About] = run;
        lane.Add(run);
    }

    [SuppressMessage("Design", "CA1031", Justification = "The first rank throws it.")]
    private void Train(WorkerRun run, Func<PlannedRun, LaneRun> ready)
    {
        Message end;
        try
        {
            end = Train(run, ready(Planned(run)));
        }
        catch (OperationCanceledException)
        {
            end = new EndedMessage(null, Failure: null, IsDivergence: false, IsBadInput: false);
        }
        catch (RunFailedException failure)
        {
            end = new EndedMessage(null, failure.Message, failure.IsDivergence, IsBadInput: false);
        }
        catch (BadInputException problem)
        {
            end = new EndedMessage(null, problem.Message, IsDivergence: false, IsBadInput: true);
        }
        catch (Exception failure)
        {
            end = new EndedMessage(
                null, $"{failure.Message.ReplaceLineEndings(" ")} ({failure.GetType().Name})", IsDivergence: false, IsBadInput: false);
        }

        _runs.TryRemove(run.Order.About, out _);
        Send(run.Order.About, run.Latest);
        Send(run.Order.About, end);
        run.Dispose();
    }

    private EndedMessage Train(WorkerRun run, LaneRun training)
    {
        training.Saving = run.Order.Saving;
        training.Drop = run.Drop;
        training.Trained += (steps, seconds) =>
        {
            if (run.Report(steps, seconds))
            {
                Send(run.Order.About, run.Latest);
            }
        };
        training.Said += line => Send(run.Order.About, new SaidMessage(line));
        RunOutcome outcome = training.Execute(run.Stop);
        return new EndedMessage(outcome.Result, Failure: null, IsDivergence: false, IsBadInput: false)
        {
            Parameters = outcome.Parameters,
        };
    }

    private PlannedRun Planned(WorkerRun run)
    {
        TrainMessage order = run.Order;
        if (order.Saving is { } saving && !Directory.Exists(saving.Folder))
        {
            throw new BadInputException($"{saving.Folder} is not there. Runs are saved in a folder that all machines share.");
        }

        ExperimentConfiguration configuration = Configuration(order.Configuration);
        (EngineChoice choice, DataFolder folder) = _engines[order.Engine];
        LoadedData data = _data.GetOrAdd(
            configuration.Data,
            request => new Lazy<LoadedData>(() => DataSets.Load(request, folder, _ => { }, run.Drop))).Value;
        return new PlannedRun(configuration, data, choice)
        {
            DataSeconds = order.DataSeconds,
            Start = order.From is null ? null : new TrainingStart(order.From, order.Parameters, order.Pretraining),
        };
    }

    private void Send(int about, Message message) => _messages.Send(0, MessageBytes.Of(message with { About = about }));

    private static ExperimentConfiguration Configuration(string json) =>
        ConfigurationFile.Parse(Encoding.UTF8.GetBytes(json), "the first rank's configuration");
}
