using GpuConvnet.Kernels.Layers;

namespace GpuConvnet.Tests.Kernels;

public class DivisionTests
{
    [Fact]
    public void QuotientAndRemainderAreTheProcessorsForAllThatIsPromised()
    {
        for (int divisor = 1; divisor <= 1024; divisor++)
        {
            for (int value = 0; value < Math.Min(4096, (1 << 20) / divisor); value++)
            {
                Assert.True(
                    value.Over(divisor) == value / divisor && value.Modulo(divisor) == value % divisor, $"{value} by {divisor}");
            }
        }
    }
}
