using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Tests.Kernels;

/// <summary>The kernels' compile-time constants against the contract that they restate.</summary>
public class LayoutTests
{
    [Fact]
    public void ParametersLieWhereTheContractSays()
    {
        Assert.Equal(
            Parameters.Parts.Select(part => part.Offset),
            [
                Layout.H1w, Layout.H1b, Layout.H2w, Layout.H2b,
                Layout.H3w, Layout.H3b, Layout.Outw, Layout.Outb,
            ]);
        Assert.Equal(Parameters.Count, Layout.Parameters);
        Assert.Equal(Shape1989.Activations, Layout.Rows);
    }

    [Fact]
    public void EveryRowHasABiasOfItsOwn()
    {
        int[] biases = [.. Enumerable.Range(0, Layout.Rows).Select(Layout.Bias)];

        Assert.Equal(biases.Length, biases.Distinct().Count());
        Assert.All(biases, bias => Assert.True(
            Parameters.Parts.Single(part => bias >= part.Offset && bias < part.Offset + part.Count).IsBias));
    }

    [Fact]
    public void EveryWeightIsInOneVectorWhichTheKernelsFindWhereTheHostDoes()
    {
        Assert.Equal(UnitWeights.All.Count, NormalizationKernels.Vectors());
        for (int vector = 0; vector < UnitWeights.All.Count; vector++)
        {
            NormalizationKernels.Find(vector, out int first, out int stride, out int count);
            Assert.Equal(UnitWeights.All[vector], new UnitWeights(first, stride, count));
        }

        IEnumerable<int> places = UnitWeights.All.SelectMany(
            weights => Enumerable.Range(0, weights.Count).Select(i => weights.First + i * weights.Stride));
        IEnumerable<int> all = Parameters.Parts.Where(part => !part.IsBias)
            .SelectMany(part => Enumerable.Range(part.Offset, part.Count));
        Assert.Equal(all, places.Order());
    }

    [Fact]
    public void ReadersAreTheSourcesTurnedRound()
    {
        int[] sources = ConnectionTables.Sources(H2Connections.Article);
        int[] readers = ConnectionTables.Readers(H2Connections.Article, out int readersOfMap);

        Assert.Equal(8, readersOfMap);
        Assert.Equal(12 * 8, readers.Length);
        for (int h1Map = 0; h1Map < 12; h1Map++)
        {
            foreach (int kernel in readers[(h1Map * 8)..(h1Map * 8 + 8)])
            {
                Assert.Equal(h1Map, sources[kernel / 8 / 4 * 8 + kernel % 8]);
            }
        }

        Assert.Equal(Enumerable.Range(0, 96), readers.Order());
    }
}
