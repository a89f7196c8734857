using GpuConvnet.Model.Families;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>
/// The network of 1989, narrower or wider: at width w, H1 and H2 have 12w maps, each map of H2 reads 8w of H1's, and H3 has 30w
/// units, halves rounded up. The table of connections is the article's with thirds in place of its groups of four maps: the first
/// third of H2's maps reads the first and second third of H1's, the second the second and third, the third the first and third.
/// </summary>
internal sealed class Zip1989Family() : NetworkFamily("1989", WidthKey)
{
    private const string WidthKey = "width";
    private const double Least = 0.25;
    private const double Most = 16;
    private const int Groups = 3;

    /// <inheritdoc/>
    public override NetworkShape Shape(NetworkNode node)
    {
        double width = node.Number(WidthKey, otherwise: 1);
        if (!(width >= Least && width <= Most))
        {
            throw new NetworkFaultException(
                $"{node.Path}.{WidthKey}", FormattableString.Invariant($"expected a number from {Least} to {Most}, found {width}"));
        }

        NetworkShape shape = NetworkShape.Zip1989;
        shape = shape with
        {
            H1Maps = Scaled(shape.H1Maps, width),
            H2Maps = Scaled(shape.H2Maps, width),
            H2Sources = Scaled(shape.H2Sources, width),
            H3Units = Scaled(shape.H3Units, width),
        };
        return Groups * shape.H2Sources == 2 * shape.H1Maps
            ? shape
            : throw new NetworkFaultException($"{node.Path}.{WidthKey}", FormattableString.Invariant(
                $"expected a width whose maps come to thirds, such as 0.25, 0.5, 0.75 or 1, found {width}: a map of H2 cannot ")
                + FormattableString.Invariant($"read {shape.H2Sources} of {shape.H1Maps} maps as two thirds"));
    }

    /// <summary>The article's table of connections for as many maps.</summary>
    /// <param name="shape">A shape of the family.</param>
    public static H2Connections Connections(NetworkShape shape)
    {
        if (shape == NetworkShape.Zip1989)
        {
            return H2Connections.Article;
        }

        int third = shape.H1Maps / Groups;
        int[] Thirds(int one, int other) =>
            [.. Enumerable.Range(one * third, third), .. Enumerable.Range(other * third, third)];
        return new H2Connections(
            [
                .. Enumerable.Repeat(Thirds(0, 1), third),
                .. Enumerable.Repeat(Thirds(1, 2), third),
                .. Enumerable.Repeat(Thirds(0, 2), third),
            ],
            shape);
    }

    /// <inheritdoc/>
    public override LayerNetwork Create(NetworkNode node, NetworkOptions options, double dropout) =>
        Zip1989.Create(options, dropout);

    private static int Scaled(int size, double width) => (int)Math.Floor(size * width + 0.5);
}
