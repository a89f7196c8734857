namespace GpuConvnet.Tests.TensorBoard;

/// <summary>
/// What TensorBoard shows of a folder of event files: it reads them in the order of their names, and the start of a session
/// at a step makes it forget what it has read of that step and those after it.
/// </summary>
internal sealed class ShownRun
{
    private readonly List<(long Step, double WallTime, WireMessage Value)> _values = [];

    private ShownRun(int files) => Files = files;

    public int Files { get; }

    /// <summary>The steps at which sessions were started again.</summary>
    public List<long> Starts { get; } = [];

    public string[] Tags => [.. _values.Select(value => value.Value.Text(1)).Distinct().Order(StringComparer.Ordinal)];

    public static ShownRun Read(string folder)
    {
        string[] paths = [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)];
        ShownRun run = new(paths.Length);
        foreach (string path in paths)
        {
            Assert.Matches(@"^events\.out\.tfevents\.\d{10}\.[^.]+\.\d+\.0$", Path.GetFileName(path));
            run.Take(RecordReader.Read(File.ReadAllBytes(path)));
        }

        return run;
    }

    public WireMessage[] Of(string tag) => [.. _values.Where(value => value.Value.Text(1) == tag).Select(value => value.Value)];

    public (long Step, float Value)[] Scalars(string tag) =>
        [.. _values.Where(value => value.Value.Text(1) == tag).Select(value => (value.Step, value.Value.Float(2)))];

    public long[] Steps(string tag) => [.. _values.Where(value => value.Value.Text(1) == tag).Select(value => value.Step)];

    private void Take(List<byte[]> records)
    {
        double latest = 0;
        for (int index = 0; index < records.Count; index++)
        {
            WireMessage record = new(records[index]);
            double wallTime = record.Double(1);
            Assert.InRange(wallTime, latest, (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds);
            latest = wallTime;
            long step = record.Int(2);
            int kind = Assert.Single(record.Fields, field => field > 2);
            switch (kind)
            {
                case 3:
                    Assert.Equal(0, index);
                    Assert.Equal("brain.Event:2", record.Text(3));
                    break;
                case 5:
                    Assert.NotEqual(0, index);
                    _values.AddRange(record.Message(5).Messages(1).Select(value => (step, wallTime, value)));
                    break;
                case 7:
                    Assert.Equal(1, record.Message(7).Int(1));
                    Starts.Add(step);
                    _values.RemoveAll(value => value.Step >= step);
                    break;
                default:
                    Assert.Fail($"An event holds field {kind}.");
                    break;
            }
        }
    }
}
