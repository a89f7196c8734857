using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Tensor;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Tests.Tensor;

/// <summary>Where the tensor kernel has parameters, shares of their gradient, and what is in its shared memory.</summary>
public class TensorLayoutTests
{
    [Fact]
    public void AShareHasEveryParameterOnce()
    {
        int[] parameters = [.. Places().Select(place => place.Parameter)];

        Assert.Equal(Enumerable.Range(0, Parameters.Count), parameters.Order());
    }

    [Fact]
    public void EveryPlaceIsOneParametersAlone()
    {
        int[] places = [.. Places().SelectMany(place => new[] { place.First, place.Second }).Where(place => place >= 0)];

        Assert.Equal(places.Length, places.Distinct().Count());
        Assert.InRange(places.Max(), 0, TensorWeights.Float4s * 4 - 1);
    }

    /// <summary>The weights of convolutions and of H3 are there twice, for the way back or for both units of a pair.</summary>
    [Fact]
    public void WeightsOfProductsAreThereTwice()
    {
        int[] twice = [.. Places().Where(place => place.Second >= 0).Select(place => place.Parameter)];
        IEnumerable<int> expected = Parameters.Parts.Where(part => part.Name is "H1w" or "H2w" or "H3w")
            .SelectMany(part => Enumerable.Range(part.Offset, part.Count));

        Assert.Equal(expected.Order(), twice.Order());
    }

    [Fact]
    public void EveryTapHasASlot()
    {
        int[] taps = [.. Enumerable.Range(0, 4 * TensorShares.H2Products).Select(TensorShares.TapOf)];

        Assert.Equal(Enumerable.Range(0, 25), taps.Where(tap => tap >= 0).Order());
        Assert.Equal(3, taps.Count(tap => tap < 0));
    }

    [Fact]
    public void ExactlyTwoGroupsReadAQuarter()
    {
        for (int quarter = 0; quarter < TensorTile.Quarters; quarter++)
        {
            IEnumerable<int> readers = Enumerable.Range(0, TensorTile.Quarters)
                .Where(group => H2Connections.Article.Sources(group * 4).Contains(quarter * 4));

            Assert.Equal(
                readers, new[] { TensorTile.FirstGroup(quarter), TensorTile.SecondGroup(quarter) }.Order());
        }
    }

    /// <summary>H1 and its deltas outlast what else there is; H2, H3, its parts and the outputs are there together.</summary>
    [Fact]
    public void WhatIsThereTogetherLiesApart()
    {
        HashSet<int> taken = [];
        for (int place = 0; place < Tile.Examples; place++)
        {
            for (int group = 0; group < TensorTile.Quarters; group++)
            {
                Take(Enumerable.Range(0, 16).Select(unit => TensorTile.H2Cell(group, place, unit / 4, unit % 4)), 4);
            }

            Take(Enumerable.Range(0, Tile.H3Blocks).Select(block => Tile.H3Place(place, block) * 4), 4);
            Take(
                Enumerable.Range(0, TensorTile.H3Parts * Tile.H3Blocks).Select(
                    part => TensorTile.H3Part(part / Tile.H3Blocks, place, part % Tile.H3Blocks) * 4), 4);
            Take([Tile.Output(place) * 4], Tile.OutputFloat4s * 4);
        }

        for (int group = 0; group < TensorTile.Quarters; group++)
        {
            Take(Enumerable.Range(0, TensorTile.H2Zeros).Select(zero => TensorTile.H2Zero(group, zero)), 4);
        }

        Take([TensorTile.H1], TensorTile.Quarters * TensorTile.H1Quarter);
        Assert.InRange(taken.Max(), 0, TensorTile.Float4s * 4 - 1);
        Assert.InRange(taken.Min(), TensorTile.H1, TensorTile.H1);
        Assert.InRange(TensorTile.Float4s * 16, 1, 48 * 1024);

        void Take(IEnumerable<int> firsts, int floats)
        {
            foreach (int value in firsts.SelectMany(first => Enumerable.Range(first, floats)))
            {
                Assert.True(taken.Add(value), $"float {value} is taken twice");
            }
        }
    }

    private static IEnumerable<PackedPlace> Places() =>
        from value in Enumerable.Range(0, TensorShares.Float4s * 4)
        let place = TensorShares.Place(value / 4, value % 4)
        where place.Parameter >= 0
        select place;
}
