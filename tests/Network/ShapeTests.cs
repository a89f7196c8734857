using GpuConvnet.Model;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Tests.Network;

/// <summary>The paper's and the article's counts.</summary>
public class ShapeTests
{
    [Fact]
    public void CountsAreTheArticles()
    {
        Assert.Equal(9_760, Parameters.Count);
        Assert.Equal(64_660, Shape1989.Connections);
        Assert.Equal(63_660, Shape1989.ForwardMultiplyAccumulates);
        Assert.Equal(171_780, Shape1989.TrainingMultiplyAccumulates);
        Assert.Equal(1_000, Shape1989.Activations);
    }

    [Fact]
    public void PartsFollowEachOtherInTheContractsOrder()
    {
        Assert.Equal(
            ["H1w (12,1,5,5)", "H1b (12,8,8)", "H2w (12,8,5,5)", "H2b (12,4,4)", "H3w (192,30)", "H3b (30)", "outw (30,10)", "outb (10)"],
            Parameters.Parts.Select(part => $"{part.Name} ({string.Join(',', part.Shape)})"));
        int next = 0;
        foreach (ParameterPart part in Parameters.Parts)
        {
            Assert.Equal(next, part.Offset);
            next += part.Count;
        }
    }

    [Theory]
    [InlineData(0, 3, new[] { 0, 1, 2, 3, 4, 5, 6, 7 })]
    [InlineData(4, 7, new[] { 4, 5, 6, 7, 8, 9, 10, 11 })]
    [InlineData(8, 11, new[] { 0, 1, 2, 3, 8, 9, 10, 11 })]
    public void MapsOfH2ReadTheArticlesMapsOfH1(int first, int last, int[] sources)
    {
        for (int map = first; map <= last; map++)
        {
            Assert.Equal(sources, H2Connections.Article.Sources(map).ToArray());
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(12)]
    public void H2HasTwelveMaps(int map) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => H2Connections.Article.Sources(map).Length);
}
