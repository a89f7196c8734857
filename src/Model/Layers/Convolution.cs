using System.Numerics;
using System.Runtime.CompilerServices;
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
/// Forward, a register tile is four maps that read the same sources: a number of the input is used four times. So it is on the way
/// back to the input, of four sources. The gradient of the weights has tiles of four maps by a few taps.
/// </remarks>
public sealed class Convolution : Layer
{
    private readonly int[][] _sources;
    private readonly bool _hasUnitBiases;
    private readonly ParameterPart _weights;
    private readonly ParameterPart _biases;
    private readonly TapTable _byUnit;
    private readonly TapTable[] _byPlace;
    private readonly WeightTiles[] _weightTiles;
    private readonly int[][] _border;
    private readonly MapGroup[] _groups;

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
        foreach (MapGroup group in _groups)
        {
            foreach (int map in group.Fours())
            {
                ForwardFour(pass, map);
            }

            foreach (int map in group.AfterFours())
            {
                ForwardOne(pass, map);
            }
        }
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

        new Span<TReal>(pass.InputGradient, Input.Count).Clear();
        for (int group = 0; group < _groups.Length; group++)
        {
            int sources = _sources[_groups[group].First].Length;
            int source = 0;
            for (; source + 4 <= sources; source += 4)
            {
                AddInputGradientFour(pass, group, source);
            }

            for (; source < sources; source++)
            {
                AddInputGradientOne(pass, group, source);
            }
        }
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void ForwardFour<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, int map)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        int taps = Options.Kernel * Options.Kernel;
        int inputUnits = Input[1] * Input[2];
        int units = Output[1] * Output[2];
        nint fanIn = _weights.FanIn;
        int[] sources = _sources[map];
        TWeight* biases = pass.Prepared + map * units;
        TReal* output = pass.Output + map * units;
        fixed (int* starts = _byUnit.Starts, tapOf = _byUnit.First, placeOf = _byUnit.Second)
        {
            for (int unit = 0; unit < units; unit++)
            {
                TReal sum0 = TReal.Of(biases + unit);
                TReal sum1 = TReal.Of(biases + unit + units);
                TReal sum2 = TReal.Of(biases + unit + 2 * units);
                TReal sum3 = TReal.Of(biases + unit + 3 * units);
                TWeight* weights = pass.Parameters + _weights.Offset + map * fanIn;
                int end = starts[unit + 1];
                foreach (int source in sources)
                {
                    TReal* input = pass.Input + source * inputUnits;
                    for (int i = starts[unit]; i < end; i++)
                    {
                        TReal value = input[placeOf[i]];
                        TWeight* w = weights + tapOf[i];
                        TReal.AddProduct(ref sum0, value, TReal.Of(w));
                        TReal.AddProduct(ref sum1, value, TReal.Of(w + fanIn));
                        TReal.AddProduct(ref sum2, value, TReal.Of(w + 2 * fanIn));
                        TReal.AddProduct(ref sum3, value, TReal.Of(w + 3 * fanIn));
                    }

                    weights += taps;
                }

                output[unit] = sum0;
                output[unit + units] = sum1;
                output[unit + 2 * units] = sum2;
                output[unit + 3 * units] = sum3;
            }
        }
    }

    private unsafe void ForwardOne<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, int map)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        int taps = Options.Kernel * Options.Kernel;
        int units = Output[1] * Output[2];
        for (int unit = 0; unit < units; unit++)
        {
            TReal sum = TReal.Of(pass.Prepared + map * units + unit);
            TWeight* weights = pass.Parameters + _weights.Offset + map * _weights.FanIn;
            foreach (int source in _sources[map])
            {
                TReal* input = pass.Input + source * Input[1] * Input[2];
                for (int i = _byUnit.Starts[unit]; i < _byUnit.Starts[unit + 1]; i++)
                {
                    TReal.AddProduct(ref sum, input[_byUnit.Second[i]], TReal.Of(weights + _byUnit.First[i]));
                }

                weights += taps;
            }

            pass.Output[map * units + unit] = sum;
        }
    }

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

    /// <summary>Adds, to four of the input's maps, the gradient that comes back from the maps of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void AddInputGradientFour<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, int group, int source)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        int taps = Options.Kernel * Options.Kernel;
        int inputUnits = Input[1] * Input[2];
        int first = _groups[group].First;
        int[] sources = _sources[first];
        TReal* gradient0 = pass.InputGradient + sources[source] * inputUnits;
        TReal* gradient1 = pass.InputGradient + sources[source + 1] * inputUnits;
        TReal* gradient2 = pass.InputGradient + sources[source + 2] * inputUnits;
        TReal* gradient3 = pass.InputGradient + sources[source + 3] * inputUnits;
        TWeight* weights = pass.Parameters + _weights.Offset + first * _weights.FanIn + source * taps;
        TReal* deltas = pass.OutputGradient + first * Output[1] * Output[2];
        fixed (int* starts = _byPlace[group].Starts, weightOf = _byPlace[group].First, unitOf = _byPlace[group].Second)
        {
            for (int place = 0; place < inputUnits; place++)
            {
                TReal sum0 = gradient0[place];
                TReal sum1 = gradient1[place];
                TReal sum2 = gradient2[place];
                TReal sum3 = gradient3[place];
                int end = starts[place + 1];
                for (int i = starts[place]; i < end; i++)
                {
                    TReal delta = deltas[unitOf[i]];
                    TWeight* w = weights + weightOf[i];
                    TReal.AddProduct(ref sum0, delta, TReal.Of(w));
                    TReal.AddProduct(ref sum1, delta, TReal.Of(w + taps));
                    TReal.AddProduct(ref sum2, delta, TReal.Of(w + 2 * taps));
                    TReal.AddProduct(ref sum3, delta, TReal.Of(w + 3 * taps));
                }

                gradient0[place] = sum0;
                gradient1[place] = sum1;
                gradient2[place] = sum2;
                gradient3[place] = sum3;
            }
        }
    }

    /// <summary>Adds, to one of the input's maps, the gradient that comes back from the maps of a group.</summary>
    private unsafe void AddInputGradientOne<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, int group, int source)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        TapTable table = _byPlace[group];
        int first = _groups[group].First;
        TReal* gradient = pass.InputGradient + _sources[first][source] * Input[1] * Input[2];
        TReal* deltas = pass.OutputGradient + first * Output[1] * Output[2];
        TWeight* weights = pass.Parameters + _weights.Offset + first * _weights.FanIn
            + source * Options.Kernel * Options.Kernel;
        for (int place = 0; place < Input[1] * Input[2]; place++)
        {
            TReal sum = gradient[place];
            for (int i = table.Starts[place]; i < table.Starts[place + 1]; i++)
            {
                TReal.AddProduct(ref sum, deltas[table.Second[i]], TReal.Of(weights + table.First[i]));
            }

            gradient[place] = sum;
        }
    }
}
