using GpuConvnet.Model.Augmentation;

namespace GpuConvnet.Tests.Augmentation;

public class PerturbationTests
{
    [Theory]
    [InlineData(-1, 0f, "maximumShift")]
    [InlineData(0, 1f, "dropout")]
    [InlineData(0, -0.1f, "dropout")]
    [InlineData(0, float.NaN, "dropout")]
    public void What_cannot_be_drawn_is_refused(int maximumShift, float dropout, string name) => Assert.Throws<ArgumentOutOfRangeException>(
        name, () => new Perturbation(seed: 1, step: 0, maximumShift, dropout));
}
