using System.Diagnostics;
using System.Text.Json;
using GpuConvnet.Model;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Model.Training;
using GpuConvnet.Mpi;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Studies.Benchmark;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Studies.Communication;

/// <summary>Times what ranks exchange in a step beside what they compute, and says what that lets expect on a cluster.</summary>
internal sealed class RanksJob
{
    private const int WarmUp = 5;
    private const int EndlessSteps = 1_000_000;
    private static readonly TimeSpan s_repeat = TimeSpan.FromMilliseconds(100);
    private static readonly int[] s_ranks = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

    private readonly BenchmarkRequest _request;
    private readonly MpiWorld _world;
    private readonly TextWriter _output;
    private readonly TextWriter _error;

    /// <summary>Prepares a job.</summary>
    /// <param name="request">What to measure; of it the experiment, what trains it and how often.</param>
    /// <param name="world">The ranks.</param>
    /// <param name="output">The standard output.</param>
    /// <param name="error">The standard error, which takes the table when the result is JSON.</param>
    public RanksJob(BenchmarkRequest request, MpiWorld world, TextWriter output, TextWriter error)
    {
        _request = request;
        _world = world;
        _output = output;
        _error = error;
    }

    /// <summary>Does it all.</summary>
    /// <param name="command">The command, for the record.</param>
    /// <param name="interruption">Ends it.</param>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="BadInputException">Something cannot be used.</exception>
    public int Execute(string command, CancellationToken interruption)
    {
        ExperimentConfiguration configuration = _request.Configuration with
        {
            Dataset = DataSets.Builtin,
            Shuffle = PresentationOrder.AsTheyAre,
            Passes = null,
            Steps = EndlessSteps,
        };
        if (EngineChoice.TrainsPerExample(configuration))
        {
            throw new BadInputException(
                $"Ranks cannot share the steps of {configuration.Experiment}, of one example each. Add --batch full, or name another "
                + "--config.");
        }

        EngineChoice? choice = null;
        try
        {
            _world.DoTogether(() => choice = EngineChoice.For(
                _request.Accelerator, _request.Device, configuration, _request.Kernels, _world));
            RanksResult result = Measure(command, configuration, choice!, interruption);
            TextWriter talk = _request.Json ? _error : _output;
            foreach (string line in _world.Rank == 0 ? RanksTable.Lines(result) : [])
            {
                talk.WriteLine(line);
            }

            if (_world.Rank == 0 && _request.Json)
            {
                _output.WriteLine(JsonSerializer.Serialize(result, RanksJson.Relaxed.RanksResult));
            }

            return ExitCode.Done;
        }
        finally
        {
            choice?.Dispose();
        }
    }

    private RanksResult Measure(
        string command, ExperimentConfiguration configuration, EngineChoice choice, CancellationToken interruption)
    {
        Examples train = BuiltinDigits.Draw(configuration.Train, configuration.DataSeed);
        Examples test = BuiltinDigits.Draw(1, configuration.DataSeed + 1);
        TimedRanks timed = new(_world);
        using ITrainer trainer = choice.CreateTrainer(configuration, train, test, threads: 0, choice.Kernels, timed);
        trainer.Load(configuration.DrawParameters());
        StepSchedule schedule = configuration.Schedule(train.Count);
        long taken = 0;
        Take(WarmUp);
        long begun = Stopwatch.GetTimestamp();
        Take(1);

        // All ranks take as many steps as the first finds enough.
        Span<int> together = [Math.Max(1, (int)(s_repeat / Stopwatch.GetElapsedTime(begun)))];
        _world.Broadcast(together);
        int steps = together[0];
        List<StepParts> repeats = [];
        for (int repeat = 0; repeat < _request.Repeats; repeat++)
        {
            if (((IRanks)_world).Any(interruption.IsCancellationRequested))
            {
                throw new OperationCanceledException(interruption);
            }

            timed.Begin();
            Take(steps);
            repeats.Add(timed.Parts.Per(steps));
        }

        StepParts mean = MeanOfRanks(new StepParts(
            Median(parts => parts.Arithmetic), Median(parts => parts.Waiting), Median(parts => parts.Moving),
            Median(parts => parts.Update)));
        int batch = configuration.Batch.Of(train.Count);
        int slices = new GradientSlices(configuration.Slices ?? 0).Count(batch);
        return new RanksResult
        {
            Command = command,
            Date = DateTime.UtcNow,
            Experiment = configuration.Experiment,
            Device = choice.Device,
            Library = _world.Library,
            Ranks = _world.Size,
            Machines = _world.Machines,
            Threads = _world.Threads,
            Batch = batch,
            Slices = slices,
            Parameters = configuration.ParameterCount,
            Repeats = repeats.Count,
            Seconds = mean,
            Predictions = [.. Predictions(
                configuration.ParameterCount, slices, choice.Driver is null ? SumOrder.InPairs : SumOrder.InTurn, mean)],
        };

        void Take(int count)
        {
            for (int step = 0; step < count; step++)
            {
                trainer.Take(schedule.Steps(taken++, 1));
                timed.EndStep();
            }
        }

        double Median(Func<StepParts, double> part) => Timing.Of([.. repeats.Select(part)]).Median;
    }

    /// <summary>
    /// The step on other machines: the slices' arithmetic as long as here, shared out as evenly as whole slices can be; the update on
    /// every rank; and the exchange by the network's model.
    /// </summary>
    private IEnumerable<RanksPrediction> Predictions(int parameters, int slices, SumOrder order, StepParts measured)
    {
        double slice = measured.Arithmetic * _world.Size / slices;
        foreach (Interconnect network in Interconnect.All)
        {
            double alone = slice * slices + measured.Update;
            foreach (int ranks in s_ranks)
            {
                int most = Enumerable.Range(0, ranks).Max(rank => SliceSpan.Of(rank, ranks, slices).Count);
                int parts = Enumerable.Range(0, ranks)
                    .Max(rank => order.Parts(SliceSpan.Of(rank, ranks, slices), slices).Count);
                double exchange = network.ExchangeSeconds(parameters, parts, ranks);
                double step = slice * most + measured.Update + exchange;
                yield return new RanksPrediction(network.Name, ranks, step, exchange, alone / step);
            }
        }
    }

    private StepParts MeanOfRanks(StepParts own)
    {
        StepParts[] all = new StepParts[_world.Size];
        all[_world.Rank] = own;
        ((IRanks)_world).Complete<StepParts>(all);
        return new StepParts(
            all.Average(parts => parts.Arithmetic), all.Average(parts => parts.Waiting), all.Average(parts => parts.Moving),
            all.Average(parts => parts.Update));
    }
}
