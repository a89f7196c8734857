using System.Numerics;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// A convolution: (input maps, rows, columns) to (maps, smaller rows, smaller columns). Each map reads some of the input's
/// maps, through a kernel for each:
/// <code>
/// output[map][row][column] = bias + the sum over sources s and taps y, x of
///     weight[map][s][y][x] * input[source s of map][row * stride + y - padding][column * stride + x - padding]
/// </code>
/// Outside of the input is a border of one value. What it adds to a unit is the same for every example, so it is prepared
/// once, as a bias of the unit's own; the loops go over what lies inside.
/// </summary>
/// <remarks>
/// Forward, a register tile is four maps that read the same sources, by two units (<c>TapSums</c>). So it
/// is on the way back to the input, of four sources by two places. The gradient of the weights has tiles of four maps by four taps.
/// </remarks>
public sealed class Convolution : Layer
{
    private readonly int[][] _sources;
    private readonly bool _hasUnitBiases;
    private readonly ParameterPart _weights;
    private readonly ParameterPart _biases;
    private readonly TapTable _byUnit;
    private readonly AlikePairs _units;
    private readonly TapTable[] _byPlace;
    private readonly AlikePairs _places;
    private readonly WeightTiles[] _weightTiles;
    private readonly int[][] _border;
    private readonly MapGroup[] _groups;
    private readonly TapReader[][] _sourceReaders;
    private readonly SourceBlock[] _blocks;
    private readonly TapReader[][] _groupReaders;

    /// <summary>Creates a layer.</summary>
    /// <param name="parts">Takes its parameters.</param>
    /// <param name="weights">What files call its weights.</param>
    /// <param name="biases">What files call its biases.</param>
    /// <param name="input">(maps, rows, columns).</param>
    /// <param name="maps">How many maps it has.</param>
    /// <param name="options">Kernel, stride and border.</param>
    /// <exception cref="LayerException">It does not fit its input.</exception>
    public Convolution(
        PartList parts, string weights, string biases, TensorShape input, int maps, ConvolutionOptions options)
        : base(input, OutputShape(input, maps, options))
    {
        ArgumentNullException.ThrowIfNull(parts);
        Options = options;
        _sources = Sources(input, maps, options.Connections);
        _hasUnitBiases = options.HasUnitBiases;
        int kernel = options.Kernel;
        int inputs = _sources[0].Length * kernel * kernel;
        _weights = parts.Add(weights, PartRule.Weights, inputs, maps, _sources[0].Length, kernel, kernel);
        _biases = _hasUnitBiases
            ? parts.Add(biases, PartRule.Biases, inputs, maps, Output[1], Output[2])
            : parts.Add(biases, PartRule.Biases, inputs, maps);
        _byUnit = TapTable.ByUnit(input, Output, options);
        _border = [.. Enumerable.Range(0, Output[1] * Output[2]).Select(BorderWeights)];
        _groups = MapGroup.Of(_sources);
        Dictionary<int, TapTable> ofCount = _groups.Select(group => group.Count).Distinct().ToDictionary(
            count => count, count => TapTable.ByPlace(input, Output, options, count, _weights.FanIn));
        _byPlace = [.. _groups.Select(group => ofCount[group.Count])];
        _units = AlikePairs.Of(_byUnit);
        _places = AlikePairs.Of(_byPlace[0]);
        _sourceReaders = [.. _groups.Select(group => SourceReaders(group.First))];
        _blocks = SourceBlock.Of(input[0], _groups, _sources);
        _groupReaders = [.. _blocks.Select(GroupReaders)];
        _weightTiles = [.. _groups.Select(group => WeightTiles.Of(input, Output, options, _sources[group.First]))];
    }

    /// <summary>Kernel, stride and border.</summary>
    public ConvolutionOptions Options { get; }

    /// <inheritdoc/>
    public override string Description => FormattableString.Invariant(
        $"convolution {Options.Kernel}x{Options.Kernel}, stride {Options.Stride}, a bias per {(_hasUnitBiases ? "unit" : "map")}");

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterPart> Parts => [_weights, _biases];

    /// <inheritdoc/>
    public override long Operations => (long)Output.Count * _weights.FanIn;

    /// <inheritdoc/>
    public override int Prepared => Output.Count;

    /// <summary>The input's maps that a map reads, in the order of its kernels.</summary>
    /// <param name="map">The map, from 0.</param>
    public ReadOnlySpan<int> SourcesOf(int map) => _sources[map];

    /// <summary>A unit's bias, and what the border adds to its sum.</summary>
    /// <inheritdoc/>
    public override unsafe void Prepare<TWeight>(TWeight* parameters, TWeight* prepared)
    {
        TWeight border = TWeight.CreateTruncating(Options.PaddingValue);
        int units = Output[1] * Output[2];
        for (int map = 0; map < Output[0]; map++)
        {
            TWeight* weights = parameters + _weights.Offset + map * _weights.FanIn;
            TWeight* biases = parameters + _biases.Offset + (_hasUnitBiases ? map * units : map);
            for (int unit = 0; unit < units; unit++)
            {
                TWeight sum = TWeight.Zero;
                foreach (int weight in _border[unit])
                {
                    sum += weights[weight];
                }

                prepared[map * units + unit] = biases[_hasUnitBiases ? unit : 0] + border * sum;
            }
        }
    }

    /// <summary>Puts the weights' gradient, which four maps have together until then, in order, and adds the border's share.</summary>
    /// <inheritdoc/>
    public override unsafe void Finish<TWeight>(TWeight* preparedGradient, TWeight* gradient)
    {
        foreach (MapGroup group in _groups)
        {
            foreach ((int map, int maps) in group.Blocks())
            {
                InOrder(gradient + _weights.Offset + map * _weights.FanIn, maps, _weights.FanIn);
            }
        }

        TWeight border = TWeight.CreateTruncating(Options.PaddingValue);
        int units = Output[1] * Output[2];
        for (int map = 0; map < Output[0]; map++)
        {
            TWeight* weights = gradient + _weights.Offset + map * _weights.FanIn;
            TWeight* biases = gradient + _biases.Offset + (_hasUnitBiases ? map * units : map);
            for (int unit = 0; unit < units; unit++)
            {
                TWeight delta = preparedGradient[map * units + unit];
                biases[_hasUnitBiases ? unit : 0] += delta;
                foreach (int weight in _border[unit])
                {
                    weights[weight] += border * delta;
                }
            }
        }
    }

    /// <inheritdoc/>
    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        for (int group = 0; group < _groups.Length; group++)
        {
            new TapSums<TReal, TWeight>
            {
                Readers = _sourceReaders[group],
                Groups = _units,
                Values = pass.Input,
                Weights = pass.Parameters + _weights.Offset + _groups[group].First * _weights.FanIn,
                WeightStep = _weights.FanIn,
                Starts = pass.Prepared,
                Sums = pass.Output,
                GroupCount = Output[1] * Output[2],
            }.Take(_groups[group].First, _groups[group].Count);
        }

        // The readers hold pointers into the layer's tables.
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        LayerSums.Add<TReal, TWeight>(pass.OutputGradient, Output.Count, pass.PreparedGradient);
        for (int group = 0; group < _groups.Length; group++)
        {
            foreach ((int map, int maps) in _groups[group].Blocks())
            {
                AddWeightGradient(pass, group, map, maps);
            }
        }

        if (pass.InputGradient is null)
        {
            return;
        }

        for (int block = 0; block < _blocks.Length; block++)
        {
            new TapSums<TReal, TWeight>
            {
                Readers = _groupReaders[block],
                Groups = _places,
                Values = pass.OutputGradient,
                Weights = pass.Parameters + _weights.Offset,
                WeightStep = Options.Kernel * Options.Kernel,
                Sums = pass.InputGradient,
                GroupCount = Input[1] * Input[2],
            }.Take(_blocks[block].First, _blocks[block].Count);
        }

        GC.KeepAlive(this);
    }

    private static TensorShape OutputShape(TensorShape input, int maps, ConvolutionOptions options)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(options);
        LayerException.Require(
            input.IsMaps, $"a convolution takes (maps, rows, columns), and the layer before gives {input}");
        options.Check();
        LayerException.Require(maps >= 1, $"expected one map or more, found {maps}");
        int rows = input[1] + 2 * options.Padding - options.Kernel;
        int columns = input[2] + 2 * options.Padding - options.Kernel;
        LayerException.Require(
            rows >= 0 && columns >= 0,
            $"a kernel of {options.Kernel}x{options.Kernel} does not fit in {input} with a border of {options.Padding}");
        return new TensorShape(maps, rows / options.Stride + 1, columns / options.Stride + 1);
    }

    private static int[][] Sources(TensorShape input, int maps, IReadOnlyList<IReadOnlyList<int>>? connections)
    {
        if (connections is null)
        {
            int[] all = [.. Enumerable.Range(0, input[0])];
            return [.. Enumerable.Repeat(all, maps)];
        }

        LayerException.Require(
            connections.Count == maps, $"{maps} lists of connections are needed, one per map, not {connections.Count}");
        for (int map = 0; map < maps; map++)
        {
            IReadOnlyList<int> list = connections[map];
            LayerException.Require(
                list.Count > 0 && list.Count == connections[0].Count,
                $"every map reads as many maps, one or more: list 0 has {connections[0].Count}, list {map} has {list.Count}");
            foreach (int source in list)
            {
                LayerException.Require(
                    source >= 0 && source < input[0], $"list {map} has {source}; the input has maps 0 to {input[0] - 1}");
            }

            LayerException.Require(list.Distinct().Count() == list.Count, $"list {map} has a map twice");
        }

        return [.. connections.Select(list => list.ToArray())];
    }

    /// <summary>(weights, maps) to (maps, weights): so each sum of a tile is added to its maps' weights at once.</summary>
    private static unsafe void InOrder<TWeight>(TWeight* gradient, int maps, int weights)
        where TWeight : unmanaged
    {
        TWeight[] together = new Span<TWeight>(gradient, maps * weights).ToArray();
        for (int map = 0; map < maps; map++)
        {
            for (int weight = 0; weight < weights; weight++)
            {
                gradient[map * weights + weight] = together[weight * maps + map];
            }
        }
    }

    /// <summary>Of a unit, those of its map's weights that lie on the border.</summary>
    private int[] BorderWeights(int unit)
    {
        int taps = Options.Kernel * Options.Kernel;
        int[] inside = _byUnit.First[_byUnit.Starts[unit].._byUnit.Starts[unit + 1]];
        return [.. Enumerable.Range(0, _weights.FanIn).Where(weight => !inside.Contains(weight % taps))];
    }

    /// <summary>What a map's units read: of each source the same taps.</summary>
    private TapReader[] SourceReaders(int map) => [.. _sources[map].Select((source, i) =>
        new TapReader(_byUnit, i * Options.Kernel * Options.Kernel, source * Input[1] * Input[2]))];

    /// <summary>Whom the places of a block's first map are read by: of each group the same units.</summary>
    private TapReader[] GroupReaders(SourceBlock block) => [.. block.Readers.Select(reader => new TapReader(
        _byPlace[reader.Group],
        _groups[reader.Group].First * _weights.FanIn + reader.Source * Options.Kernel * Options.Kernel,
        _groups[reader.Group].First * Output[1] * Output[2]))];

    /// <summary>The gradient by the weights of a few maps of a group, in the order of <see cref="InOrder"/>.</summary>
    private unsafe void AddWeightGradient<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, int group, int map, int maps)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        WeightTiles plan = _weightTiles[group];
        int units = Output[1] * Output[2];
        fixed (PairTile* tiles = plan.Tiles)
        fixed (int* unitOf = plan.UnitOf, placeOf = plan.PlaceOf)
        {
            TReal.AddPairs(new PairTiles<TReal, TWeight>
            {
                Rows = pass.OutputGradient + map * units,
                RowStep = units,
                RowCount = maps,
                Columns = pass.Input,
                Weights = pass.Gradient + _weights.Offset + map * _weights.FanIn,
                Tiles = tiles,
                Count = plan.Tiles.Length,
                RowOf = unitOf,
                ColumnOf = placeOf,
            });
        }
    }
}
