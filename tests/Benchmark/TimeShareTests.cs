using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Trainer.Studies.Benchmark;

namespace GpuConvnet.Tests.Benchmark;

public class TimeShareTests
{
    [Fact]
    public void What_takes_longer_than_its_arithmetic_is_named_and_all_adds_up_to_the_step()
    {
        DevicePeak peak = new(100, 1, "a processor of a hundred operations a second");
        PartMeasurement[] parts = [Part("slow", 4, 100), Part("at the peak", 3, 300), Part("beyond it", 1, 200), Part("update", 2, 0)];

        IReadOnlyList<TimeShare> shares = TimeShare.Of(parts, peak);

        Assert.Equal(
            [(TimeShare.Arithmetic, 0.5), ("slow beyond it", 0.3), ("update", 0.2), ("at the peak beyond it", 0), ("beyond it beyond it", 0)],
            shares.Select(share => (share.On, Math.Round(share.Share, 12))));
        Assert.Equal(1, shares.Sum(share => share.Share), 1e-12);

        static PartMeasurement Part(string name, double seconds, double operations) =>
            new(name, 1, Timing.Of([seconds]), operations / 2, operations, null);
    }
}
