using GpuConvnet.Model;
using GpuConvnet.Model.Losses;
using GpuConvnet.Recognition;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Views.Rejection;

/// <summary>
/// How the error on a set falls as its doubtful digits are rejected, those of the smallest margin first. Digits of equal margin
/// are rejected together: no threshold tells them apart.
/// </summary>
internal sealed class RejectionCurve
{
    private const int MostTurns = 1000;
    private const int MostDecimals = 15;

    /// <summary>Ascending.</summary>
    private readonly double[] _margins;

    /// <summary>How many are misclassified of the digits from this place on; one more than there are digits, the last 0.</summary>
    private readonly int[] _misses;

    /// <summary>Where a new margin begins: as many digits as can be rejected while one at least is kept.</summary>
    private readonly int[] _starts;

    /// <summary>Sorts a set.</summary>
    /// <param name="margins">The margin of each digit, 0 or more.</param>
    /// <param name="isMiss">Whether it is misclassified.</param>
    /// <exception cref="ArgumentException">They are none, differ in number, or a margin is no number or below 0.</exception>
    public RejectionCurve(ReadOnlySpan<double> margins, ReadOnlySpan<bool> isMiss)
    {
        if (margins.IsEmpty || margins.Length != isMiss.Length)
        {
            throw new ArgumentException($"There are {margins.Length} margins and {isMiss.Length} answers; each digit has one of both.");
        }

        _margins = margins.ToArray();
        bool[] sorted = isMiss.ToArray();
        Array.Sort(_margins, sorted);

        // What is no number comes first.
        if (!(_margins[0] >= 0))
        {
            throw new ArgumentException($"A margin is {_margins[0]}; it is 0 or more.", nameof(margins));
        }

        _misses = new int[sorted.Length + 1];
        for (int index = sorted.Length - 1; index >= 0; index--)
        {
            _misses[index] = _misses[index + 1] + (sorted[index] ? 1 : 0);
        }

        _starts = [.. Enumerable.Range(0, _margins.Length).Where(index => index == 0 || _margins[index] > _margins[index - 1])];
    }

    /// <summary>How many digits there are.</summary>
    public int Examples => _margins.Length;

    /// <summary>Every threshold that makes a difference and keeps a digit, ascending, the first of which rejects nothing.</summary>
    public IEnumerable<RejectionPoint> Points => _starts.Select(PointFrom);

    /// <summary>
    /// For each number of misses the point that rejects the least for it; between two of them the error only rises. Of more than
    /// a thousand every second, third, ... and the last.
    /// </summary>
    public IReadOnlyList<RejectionPoint> Turns
    {
        get
        {
            List<int> turns = [0];
            foreach (int start in _starts)
            {
                if (_misses[start] < _misses[turns[^1]])
                {
                    turns.Add(start);
                }
            }

            int stride = (turns.Count + MostTurns - 1) / MostTurns;
            return [.. turns.Where((_, index) => index % stride == 0 || index == turns.Count - 1).Select(PointFrom)];
        }
    }

    /// <summary>Examines a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="examples">At least one example.</param>
    /// <param name="loss">What the network was trained to minimise.</param>
    /// <exception cref="BadInputException">The network's outputs are so large that they are no numbers.</exception>
    public static RejectionCurve Of(IClassifier network, Examples examples, Loss loss)
    {
        float[] all = new float[examples.Count * Shape1989.Outputs];
        network.Outputs(examples, all);
        double[] margins = new double[examples.Count];
        bool[] isMiss = new bool[examples.Count];
        for (int index = 0; index < examples.Count; index++)
        {
            ReadOnlySpan<float> outputs = all.AsSpan(index * Shape1989.Outputs, Shape1989.Outputs);
            margins[index] = Confidence.Margin(outputs, loss);
            isMiss[index] = MostActive.Of(outputs).Digit != examples.Labels[index];
            if (!double.IsFinite(margins[index]))
            {
                throw new BadInputException(
                    "The model's outputs for these digits are not finite numbers: its weights are far too large. Train it again.");
            }
        }

        return new RejectionCurve(margins, isMiss);
    }

    /// <summary>The least share to reject so that the error on the rest is at most so much.</summary>
    /// <param name="errorPercent">The error, in percent of the digits that are kept.</param>
    /// <returns>Null where no share that keeps a digit brings it.</returns>
    public RejectionPoint? LeastFor(double errorPercent) =>
        Points.FirstOrDefault(point => point.ErrorPercent <= errorPercent);

    /// <summary>The most that can be rejected within a share.</summary>
    /// <param name="rejectedPercent">The share, from 0 to less than 100.</param>
    public RejectionPoint MostWithin(double rejectedPercent)
    {
        int place = Array.BinarySearch(_starts, (int)(Examples * rejectedPercent / 100));
        return PointFrom(_starts[place >= 0 ? place : ~place - 1]);
    }

    /// <summary>What a threshold of one's own does; it may reject all.</summary>
    public RejectionPoint At(double threshold)
    {
        int rejected = _margins.AsSpan().IndexOfAnyInRange(threshold, double.PositiveInfinity);
        rejected = rejected < 0 ? Examples : rejected;
        return RejectionPoint.Of(threshold, rejected, _misses[rejected], Examples);
    }

    private RejectionPoint PointFrom(int start) => RejectionPoint.Of(
        start == 0 ? 0 : ShortestBetween(_margins[start - 1], _margins[start]), start, _misses[start], Examples);

    /// <summary>A threshold that can be read and typed: of fewest decimals above a margin, and not above the next.</summary>
    private static double ShortestBetween(double rejected, double kept)
    {
        for (int decimals = 0; decimals <= MostDecimals; decimals++)
        {
            double rounded = Math.Round(kept, decimals, MidpointRounding.ToNegativeInfinity);
            if (rounded > rejected && rounded <= kept)
            {
                return rounded;
            }
        }

        return kept;
    }
}
