using System.Collections.Concurrent;
using System.Diagnostics;
using GpuConvnet.Model;
using GpuConvnet.Recognition;
using GpuConvnet.Trainer.Live.Board;

namespace GpuConvnet.Trainer.Live.Analysis;

/// <summary>
/// Examines the networks that pages look at, on a thread of its own: which digits they get wrong, and how long the gradient is. Where
/// training takes all cores, it works for a two-hundredth of the time, and rests for the others; where one is free, for a two-hundredth of
/// all cores' time, for that one may share its caches and units with those that train.
/// </summary>
internal sealed class LiveAnalyst : IDisposable
{
    /// <summary>The most digits whose mistakes are listed.</summary>
    public const int MostMistakes = 60;

    // The digits that a network is examined on, the first of those that it is tested on; fewer where training takes all cores.
    private const int MostExamined = 10_000;
    private const int MostExaminedBusy = 2_500;

    // Of runs that are only in the table, and that are evaluated at their ends alone: see LiveRun.Samples.
    private const int SampleDigits = 256;

    // As TensorBoard's has it: see GradientNorm.
    private const int GradientExamples = 1_024;

    private const int Rest = 200;
    private const int LeastRest = 20;
    private const int FewEvaluations = 8;
    private static readonly TimeSpan s_atATime = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestRest = TimeSpan.FromSeconds(2);

    private readonly LiveBoard _board;
    private readonly ManualResetEventSlim _ended = new();
    private readonly Thread _thread;
    private readonly Dictionary<LiveRun, long> _examined = [];
    private readonly Dictionary<LiveRun, long> _sampled = [];

    // How many digits a run's examinations are of: of others its curve would jump.
    private readonly Dictionary<LiveRun, int> _digits = [];
    private (LiveRun Run, INetwork Network)? _network;
    private volatile bool _isHurried;
    private readonly ConcurrentDictionary<LiveRun, bool> _givenUp = [];
    private bool _hasSampled;

    /// <summary>Begins to look for what there is to examine.</summary>
    public LiveAnalyst(LiveBoard board)
    {
        _board = board;
        _thread = new Thread(Work) { IsBackground = true, Name = "live analysis" };
        _thread.Start();
    }

    /// <summary>Examines what pages look at as it is now, without rest: nothing trains any more.</summary>
    /// <param name="patience">How long that may take.</param>
    public void Finish(TimeSpan patience)
    {
        _isHurried = true;
        long begun = Stopwatch.GetTimestamp();
        while (Next() is not null && Stopwatch.GetElapsedTime(begun) < patience)
        {
            Thread.Sleep(10);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isHurried = true;
        _ended.Set();
        _thread.Join();
        _network?.Network.Dispose();
        _ended.Dispose();
    }

    private void Work()
    {
        while (!_ended.IsSet)
        {
            if (Next() is not var (run, isSample))
            {
                _ended.Wait(s_betweenLooks);
            }
            else
            {
                _hasSampled = isSample;
                try
                {
                    (isSample ? (Action<LiveRun>)Sample : Examine)(run);
                }
                catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or NotSupportedException
                    or IOException or BadInputException)
                {
                    // What cannot be examined must not end what trains; the page says why there is nothing to see.
                    _givenUp[run] = true;
                    run.GiveUp($"This network cannot be examined: {failure.Message}");
                }
            }
        }
    }

    /// <summary>What is to be examined next; null for nothing.</summary>
    private (LiveRun Run, bool IsSample)? Next()
    {
        if (_board.Watchers == 0)
        {
            return null;
        }

        LiveRun[] runs = [.. _board.Newest(LiveBoard.MostShown).Where(run => !_givenUp.ContainsKey(run))];
        LiveRun? watched = runs.FirstOrDefault(run =>
            run.IsWatched && run.Parameters is { } newest && IsNews(_examined, run, newest) && run.Test is not null);
        LiveRun[] seldom = runs.Length < 2 ? [] : [.. runs.Where(run => !run.HasEnded && IsEvaluatedSeldom(run))];
        Array.ForEach(seldom, run => run.Want());
        LiveRun? sampled = seldom
            .Where(run => run.Parameters is { } newest && IsNews(_sampled, run, newest) && run.Test is not null)
            .MinBy(run => run.Samples.Count);

        // By turns: several samples take as long as one examination.
        return watched is not null && (sampled is null || _hasSampled) ? (watched, false)
            : sampled is not null ? (sampled, true)
            : null;
    }

    private static bool IsEvaluatedSeldom(LiveRun run) =>
        run.Configuration.TotalSteps / run.Configuration.EvaluationSteps < FewEvaluations;

    private static bool IsNews(Dictionary<LiveRun, long> seen, LiveRun run, LiveParameters newest)
    {
        lock (seen)
        {
            return !seen.TryGetValue(run, out long steps) || steps != newest.Steps;
        }
    }

    private static void Note(Dictionary<LiveRun, long> seen, LiveRun run, LiveParameters parameters)
    {
        lock (seen)
        {
            seen[run] = parameters.Steps;
        }
    }

    private INetwork NetworkOf(LiveRun run, float[] parameters)
    {
        if (_network is not var (owner, network) || owner != run)
        {
            _network?.Network.Dispose();
            _network = null;
            _network = (run, network = run.Configuration.CreateClassifier(parameters));
        }

        network.Load(parameters);
        return network;
    }

    private void Sample(LiveRun run)
    {
        LiveParameters parameters = run.Parameters!;
        if (Wrong(run, parameters, SampleDigits) is { } wrong)
        {
            Sample(run, parameters, wrong);
            run.Change();
        }
    }

    private void Sample(LiveRun run, LiveParameters parameters, List<LiveMistake> wrong)
    {
        if (IsNews(_sampled, run, parameters))
        {
            run.Samples.Add(run.PlaceOf(parameters.Steps), ErrorOf(run, wrong, SampleDigits));
            Note(_sampled, run, parameters);
        }
    }

    private void Examine(LiveRun run)
    {
        LiveParameters parameters = run.Parameters!;
        int most = _isHurried || _board.HasFreeCore ? MostExamined : MostExaminedBusy;
        _digits.TryAdd(run, most);
        int digits = Math.Max(most, _digits[run]);
        if (Wrong(run, parameters, digits) is not { } wrong)
        {
            return;
        }

        Sample(run, parameters, wrong);
        run.Examinations.Add(run.PlaceOf(parameters.Steps), ErrorOf(run, wrong, _digits[run]));
        run.Mistakes = new LiveMistakes(
            parameters.Steps, wrong.Count, Math.Min(digits, run.Test!.Count),
            [.. wrong.OrderByDescending(digit => digit.Confidence).Take(MostMistakes)]);
        if (GradientNorm(run, parameters) is { } norm)
        {
            run.GradientNorms.Add(run.PlaceOf(parameters.Steps), norm);
        }

        Note(_examined, run, parameters);
        run.Change();
    }

    /// <summary>The error of the first digits in percent.</summary>
    private static double ErrorOf(LiveRun run, List<LiveMistake> wrong, int digits) =>
        100.0 * wrong.Count(digit => digit.Index < digits) / Math.Min(digits, run.Test!.Count);

    /// <summary>Which of the first digits a network gets wrong; null where the program ends meanwhile.</summary>
    private List<LiveMistake>? Wrong(LiveRun run, LiveParameters parameters, int most)
    {
        Examples test = run.Test!;
        int count = Math.Min(most, test.Count);
        byte[] labels = test.Labels;
        INetwork network = NetworkOf(run, parameters.Values);
        float[] outputs = new float[Shape1989.Outputs];
        List<LiveMistake> mistakes = [];
        long begun = Stopwatch.GetTimestamp();
        for (int index = 0; index < count; index++)
        {
            network.Outputs(test.Image(index), outputs);
            int predicted = Array.IndexOf(outputs, outputs.Max());

            // Of a network that diverged no output is the largest.
            if (predicted != labels[index] && predicted >= 0)
            {
                mistakes.Add(new LiveMistake(index, predicted, Confidence.Of(outputs, predicted, run.Configuration.Loss)));
            }

            if (!Pause(ref begun))
            {
                return null;
            }
        }

        return mistakes;
    }

    /// <summary>The norm of the gradient of the mean training loss over the first digits; null where the program ends meanwhile.</summary>
    private double? GradientNorm(LiveRun run, LiveParameters parameters)
    {
        const int AtATime = 16;
        Examples train = run.Train!;
        int count = Math.Min(GradientExamples, train.Count);
        INetwork network = NetworkOf(run, parameters.Values);
        float[] part = new float[parameters.Values.Length];
        double[] sum = new double[part.Length];
        long begun = Stopwatch.GetTimestamp();
        for (int start = 0; start < count; start += AtATime)
        {
            int many = Math.Min(AtATime, count - start);
            network.Gradient(train, start, many, part);
            for (int index = 0; index < part.Length; index++)
            {
                sum[index] += (double)part[index] * many;
            }

            if (!Pause(ref begun))
            {
                return null;
            }
        }

        double norm = Math.Sqrt(sum.Sum(slope => slope * slope)) / count;
        return double.IsFinite(norm) ? norm : null;
    }

    /// <summary>Rests after some milliseconds' work.</summary>
    /// <returns>Whether to go on.</returns>
    private bool Pause(ref long begun)
    {
        TimeSpan worked = Stopwatch.GetElapsedTime(begun);
        if (worked < s_atATime || _isHurried || _board.Gate.IsClosed)
        {
            return !_ended.IsSet;
        }

        TimeSpan rest = worked * (_board.HasFreeCore ? Math.Max(LeastRest, Rest / Environment.ProcessorCount) : Rest);
        bool isOver = _ended.Wait(rest < s_longestRest ? rest : s_longestRest);
        begun = Stopwatch.GetTimestamp();
        return !isOver;
    }
}
