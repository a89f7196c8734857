using System.Text.Json;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;

namespace GpuConvnet.Tests.Augmentation;

/// <summary>The article's random numbers, against those that NumPy and PyTorch drew for its script.</summary>
public class ArticlePerturbationTests
{
    private const int Steps = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ShiftsAreNumPys(int most)
    {
        ArticlePerturbation perturbation = new(1337, most, dropout: 0);
        foreach (JsonElement pair in Golden.ReadJson("article_noise.json").GetProperty($"shifts_{most}").EnumerateArray())
        {
            perturbation.Draw(out int rows, out int columns, default);
            Assert.Equal((pair[0].GetInt32(), pair[1].GetInt32()), (rows, columns));
        }
    }

    [Theory]
    [InlineData("0.25")]
    [InlineData("0.1")]
    public void DropoutIsPyTorchs(string dropout)
    {
        JsonElement golden = Golden.ReadJson("article_noise.json").GetProperty($"kept_{dropout}");
        ArticlePerturbation perturbation = new(1337, 1, double.Parse(dropout, System.Globalization.CultureInfo.InvariantCulture));
        float[] factors = new float[Shape1989.H2Units];
        for (int step = 0; step < Steps; step++)
        {
            perturbation.Draw(out _, out _, factors);
            if (golden.TryGetProperty($"step{step}", out JsonElement kept))
            {
                Assert.Equal(kept.GetString(), string.Concat(factors.Select(factor => factor > 0 ? '1' : '0')));
                Assert.Equal(golden.GetProperty("factor").GetSingle(), factors.Max());
            }
        }
    }

    [Theory]
    [InlineData(1, 0.25)]
    [InlineData(1, 0)]
    [InlineData(0, 0.25)]
    public void AnyStepCanBeGoneTo(int most, double dropout)
    {
        ArticlePerturbation perturbation = new(7, most, dropout);
        string[] inOrder = [.. Enumerable.Range(0, Steps).Select(_ => Draw(perturbation))];

        foreach (int step in new[] { 39, 3, 3, 17, 0 })
        {
            perturbation.MoveTo(step);
            Assert.Equal(inOrder[step], Draw(perturbation));
        }
    }

    private static string Draw(ArticlePerturbation perturbation)
    {
        float[] factors = new float[Shape1989.H2Units];
        perturbation.Draw(out int rows, out int columns, factors);
        return $"{rows} {columns} {string.Join(' ', factors)}";
    }
}
