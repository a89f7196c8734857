namespace GpuConvnet.Tests.Choosing;

/// <summary>A clock that goes on as it is told to.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private long _now;

    public override long TimestampFrequency => 1_000_000_000;

    public double Seconds => _now * 1e-9;

    public override long GetTimestamp() => _now;

    public void Pass(double seconds) => _now += (long)Math.Round(seconds * 1e9);
}
