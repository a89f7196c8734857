namespace GpuConvnet.Recognition.Finding;

/// <summary>A long, thin, straight piece of ink: a ruled line, a side of a box, and now and then a stroke of a digit.</summary>
/// <remarks>
/// It is followed scan by scan: a scan is a column where lines run across the picture, and a row where they run down it. In
/// each scan the line is a run of few pixels.
/// </remarks>
internal sealed class ThinLine
{
    private readonly List<(int Scan, int From, int To)> _runs = [];
    private double _slope;
    private int _area;

    /// <summary>Starts with a run.</summary>
    /// <param name="scan">Its scan.</param>
    /// <param name="from">Its first pixel.</param>
    /// <param name="to">The pixel after its last.</param>
    public ThinLine(int scan, int from, int to) => Add(scan, from, to);

    /// <summary>Its runs, a scan each; some scans may have none.</summary>
    public IReadOnlyList<(int Scan, int From, int To)> Runs => _runs;

    /// <summary>The first scan.</summary>
    public int First => _runs[0].Scan;

    /// <summary>The last scan.</summary>
    public int Last => _runs[^1].Scan;

    /// <summary>How many runs it has.</summary>
    public int Count => _runs.Count;

    /// <summary>Its length in pixels.</summary>
    public double Length { get; private set; }

    /// <summary>How thick it is: the median of its runs.</summary>
    public int Thickness { get; private set; }

    /// <summary>Pixels a scan, of the straight line through it.</summary>
    public double Slope { get; private set; }

    /// <summary>The straight line's place at scan 0.</summary>
    public double Intercept { get; private set; }

    /// <summary>The root of the mean squared distance from the straight line.</summary>
    public double Unevenness { get; private set; }

    /// <summary>Where it is to be looked for.</summary>
    /// <param name="scan">In this scan.</param>
    public double Expected(int scan)
    {
        (int last, int from, int to) = _runs[^1];
        return (from + to) / 2.0 + _slope * (scan - last);
    }

    /// <summary>Whether a run is as thick as the line has been so far: a stroke that it meets is thicker.</summary>
    /// <param name="thickness">The run's pixels.</param>
    public bool Fits(int thickness) => _runs.Count < 6 || thickness <= 1.7 * _area / _runs.Count + 2;

    /// <summary>Goes on.</summary>
    public void Add(int scan, int from, int to)
    {
        _runs.Add((scan, from, to));
        _area += to - from;
        if (_runs.Count >= 8)
        {
            (int start, int low, int high) = _runs[Math.Max(0, _runs.Count - 40)];
            _slope = (from + to - low - high) / 2.0 / (scan - start);
        }
    }

    /// <summary>Measures it when it has ended.</summary>
    public void Finish()
    {
        double n = _runs.Count;
        double sumScan = 0;
        double sumPlace = 0;
        double squares = 0;
        double products = 0;
        foreach ((int scan, int from, int to) in _runs)
        {
            double place = (from + to) / 2.0;
            sumScan += scan;
            sumPlace += place;
            squares += (double)scan * scan;
            products += scan * place;
        }

        double spread = squares - sumScan * sumScan / n;
        Slope = spread == 0 ? 0 : (products - sumScan * sumPlace / n) / spread;
        Intercept = (sumPlace - Slope * sumScan) / n;
        double off = 0;
        int[] thick = new int[_runs.Count];
        for (int i = 0; i < thick.Length; i++)
        {
            (int scan, int from, int to) = _runs[i];
            double distance = (from + to) / 2.0 - Intercept - Slope * scan;
            off += distance * distance;
            thick[i] = to - from;
        }

        Array.Sort(thick);
        Thickness = thick[thick.Length / 2];
        Unevenness = Math.Sqrt(off / n);
        Length = (Last - First + 1) * Math.Sqrt(1 + Slope * Slope);
    }
}
