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
/// A register tile is four maps that read the same sources: a number of the input is then used four times. A sum over positions
/// takes two sources at once, for a number of the gradient is then used twice.
/// </remarks>
public sealed class Convolution : Layer
{
    private readonly int[][] _sources;
    private readonly bool _hasUnitBiases;
    private readonly ParameterPart _weights;
    private readonly ParameterPart _biases;
    private readonly KernelWindow[] _rows;
    private readonly KernelWindow[] _columns;
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
        _rows = KernelWindow.Along(input[1], Output[1], options);
        _columns = KernelWindow.Along(input[2], Output[2], options);
        _groups = MapGroup.Of(_sources);
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
            for (int unit = 0; unit < units; unit++)
            {
                TWeight sum = TWeight.Zero;
                foreach (int weight in BorderWeights(map, unit / Output[2], unit % Output[2]))
                {
                    sum += parameters[weight];
                }

                int bias = _biases.Offset + (_hasUnitBiases ? map * units + unit : map);
                prepared[map * units + unit] = parameters[bias] + border * sum;
            }
        }
    }

    /// <inheritdoc/>
    public override unsafe void Finish<TWeight>(TWeight* preparedGradient, TWeight* gradient)
    {
        TWeight border = TWeight.CreateTruncating(Options.PaddingValue);
        int units = Output[1] * Output[2];
        for (int map = 0; map < Output[0]; map++)
        {
            for (int unit = 0; unit < units; unit++)
            {
                TWeight delta = preparedGradient[map * units + unit];
                gradient[_biases.Offset + (_hasUnitBiases ? map * units + unit : map)] += delta;
                foreach (int weight in BorderWeights(map, unit / Output[2], unit % Output[2]))
                {
                    gradient[weight] += border * delta;
                }
            }
        }
    }

    /// <inheritdoc/>
    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        foreach (MapGroup group in _groups)
        {
            for (int map = group.First; map < group.First + group.Count; map += 4)
            {
                if (map + 4 <= group.First + group.Count)
                {
                    ForwardFour(pass, map);
                }
                else
                {
                    for (int single = map; single < group.First + group.Count; single++)
                    {
                        ForwardOne(pass, single);
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        for (int unit = 0; unit < Output.Count; unit++)
        {
            pass.PreparedGradient[unit] += TReal.Sum(pass.OutputGradient[unit]);
        }

        foreach (MapGroup group in _groups)
        {
            int end = group.First + group.Count;
            int sources = _sources[group.First].Length;
            for (int map = group.First; map < end; map += map + 4 <= end ? 4 : 1)
            {
                for (int source = 0; source < sources; source++)
                {
                    if (map + 4 <= end && source + 2 <= sources)
                    {
                        AddWeightGradient4x2(pass, map, source);
                        source++;
                    }
                    else if (map + 4 <= end)
                    {
                        AddWeightGradient4(pass, map, source);
                    }
                    else
                    {
                        AddWeightGradient(pass, map, source);
                    }
                }
            }
        }

        if (pass.InputGradient is null)
        {
            return;
        }

        new Span<TReal>(pass.InputGradient, Input.Count).Clear();
        foreach (MapGroup group in _groups)
        {
            int sources = _sources[group.First].Length;
            for (int source = 0; source < sources; source += source + 4 <= sources ? 4 : 1)
            {
                if (source + 4 <= sources)
                {
                    AddInputGradientFour(pass, group, source);
                }
                else
                {
                    AddInputGradientOne(pass, group, source);
                }
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

    /// <summary>The weights of a unit that lie on the border.</summary>
    private IEnumerable<int> BorderWeights(int map, int row, int column)
    {
        int kernel = Options.Kernel;
        KernelWindow rows = _rows[row];
        KernelWindow columns = _columns[column];
        if (rows.Count == kernel && columns.Count == kernel)
        {
            yield break;
        }

        for (int source = 0; source < _sources[map].Length; source++)
        {
            int weight = _weights.Offset + map * _weights.FanIn + source * kernel * kernel;
            for (int tap = 0; tap < kernel * kernel; tap++)
            {
                if (!rows.Has(tap / kernel) || !columns.Has(tap % kernel))
                {
                    yield return weight + tap;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void ForwardFour<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, int map)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        int kernel = Options.Kernel;
        int inputColumns = Input[2];
        int inputUnits = Input[1] * inputColumns;
        int units = Output[1] * Output[2];
        nint fanIn = _weights.FanIn;
        int[] sources = _sources[map];
        TWeight* weights = pass.Parameters + _weights.Offset + map * fanIn;
        TWeight* biases = pass.Prepared + map * units;
        TReal* output = pass.Output + map * units;
        foreach (KernelWindow rows in _rows)
        {
            foreach (KernelWindow columns in _columns)
            {
                TReal sum0 = TReal.Of(biases[0]);
                TReal sum1 = TReal.Of(biases[units]);
                TReal sum2 = TReal.Of(biases[2 * units]);
                TReal sum3 = TReal.Of(biases[3 * units]);
                TReal* corner = pass.Input + rows.Start * inputColumns + columns.Start;
                TWeight* first = weights + rows.FirstTap * kernel + columns.FirstTap;
                for (int source = 0; source < sources.Length; source++)
                {
                    TReal* line = corner + sources[source] * inputUnits;
                    TWeight* w = first + source * kernel * kernel;
                    for (int y = rows.Count; y > 0; y--)
                    {
                        for (int x = 0; x < columns.Count; x++)
                        {
                            TReal value = line[x];
                            sum0 = TReal.MultiplyAdd(TReal.Of(w[x]), value, sum0);
                            sum1 = TReal.MultiplyAdd(TReal.Of(w[x + fanIn]), value, sum1);
                            sum2 = TReal.MultiplyAdd(TReal.Of(w[x + 2 * fanIn]), value, sum2);
                            sum3 = TReal.MultiplyAdd(TReal.Of(w[x + 3 * fanIn]), value, sum3);
                        }

                        line += inputColumns;
                        w += kernel;
                    }
                }

                output[0] = sum0;
                output[units] = sum1;
                output[2 * units] = sum2;
                output[3 * units] = sum3;
                output++;
                biases++;
            }
        }
    }

    private unsafe void ForwardOne<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, int map)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        int kernel = Options.Kernel;
        int inputColumns = Input[2];
        int inputUnits = Input[1] * inputColumns;
        int units = Output[1] * Output[2];
        TWeight* weights = pass.Parameters + _weights.Offset + map * _weights.FanIn;
        int unit = map * units;
        foreach (KernelWindow rows in _rows)
        {
            foreach (KernelWindow columns in _columns)
            {
                TReal sum = TReal.Of(pass.Prepared[unit]);
                for (int source = 0; source < _sources[map].Length; source++)
                {
                    TReal* line = pass.Input
                        + _sources[map][source] * inputUnits + rows.Start * inputColumns + columns.Start;
                    TWeight* w = weights + (source * kernel + rows.FirstTap) * kernel + columns.FirstTap;
                    for (int y = 0; y < rows.Count; y++)
                    {
                        for (int x = 0; x < columns.Count; x++)
                        {
                            sum = TReal.MultiplyAdd(TReal.Of(w[y * kernel + x]), line[y * inputColumns + x], sum);
                        }
                    }
                }

                pass.Output[unit] = sum;
                unit++;
            }
        }
    }

    /// <summary>The gradient by the weights of four maps and two sources.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void AddWeightGradient4x2<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, int map, int source)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        int kernel = Options.Kernel;
        int stride = Options.Stride;
        int columns = Output[2];
        int units = Output[1] * columns;
        int inputColumns = Input[2];
        TReal* input0 = pass.Input + _sources[map][source] * Input[1] * inputColumns;
        TReal* input1 = pass.Input + _sources[map][source + 1] * Input[1] * inputColumns;
        TReal* deltas = pass.OutputGradient + map * units;
        TWeight* weights = pass.Gradient + _weights.Offset + map * _weights.FanIn + source * kernel * kernel;
        for (int tap = 0; tap < kernel * kernel; tap++)
        {
            UnitRange rowRange = UnitRange.Reading(tap / kernel, Input[1], Output[1], Options);
            UnitRange columnRange = UnitRange.Reading(tap % kernel, inputColumns, columns, Options);
            TReal sum00 = default;
            TReal sum01 = default;
            TReal sum10 = default;
            TReal sum11 = default;
            TReal sum20 = default;
            TReal sum21 = default;
            TReal sum30 = default;
            TReal sum31 = default;
            for (int row = rowRange.First; row < rowRange.End; row++)
            {
                int place = (row * stride + tap / kernel - Options.Padding) * inputColumns + tap % kernel - Options.Padding
                    + columnRange.First * stride;
                TReal* line0 = input0 + place;
                TReal* line1 = input1 + place;
                TReal* delta = deltas + row * columns + columnRange.First;
                for (int column = columnRange.First; column < columnRange.End; column++)
                {
                    TReal value0 = *line0;
                    TReal value1 = *line1;
                    TReal delta0 = delta[0];
                    sum00 = TReal.MultiplyAdd(delta0, value0, sum00);
                    sum01 = TReal.MultiplyAdd(delta0, value1, sum01);
                    TReal delta1 = delta[units];
                    sum10 = TReal.MultiplyAdd(delta1, value0, sum10);
                    sum11 = TReal.MultiplyAdd(delta1, value1, sum11);
                    TReal delta2 = delta[2 * units];
                    sum20 = TReal.MultiplyAdd(delta2, value0, sum20);
                    sum21 = TReal.MultiplyAdd(delta2, value1, sum21);
                    TReal delta3 = delta[3 * units];
                    sum30 = TReal.MultiplyAdd(delta3, value0, sum30);
                    sum31 = TReal.MultiplyAdd(delta3, value1, sum31);
                    line0 += stride;
                    line1 += stride;
                    delta++;
                }
            }

            TReal.AddSums(sum00, sum10, sum20, sum30, weights + tap, _weights.FanIn);
            TReal.AddSums(sum01, sum11, sum21, sum31, weights + kernel * kernel + tap, _weights.FanIn);
        }
    }

    /// <summary>The gradient by the weights of four maps and a source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void AddWeightGradient4<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, int map, int source)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        int kernel = Options.Kernel;
        int stride = Options.Stride;
        int columns = Output[2];
        int units = Output[1] * columns;
        int inputColumns = Input[2];
        TReal* input = pass.Input + _sources[map][source] * Input[1] * inputColumns;
        TReal* deltas = pass.OutputGradient + map * units;
        TWeight* weights = pass.Gradient + _weights.Offset + map * _weights.FanIn + source * kernel * kernel;
        for (int tap = 0; tap < kernel * kernel; tap++)
        {
            UnitRange rowRange = UnitRange.Reading(tap / kernel, Input[1], Output[1], Options);
            UnitRange columnRange = UnitRange.Reading(tap % kernel, inputColumns, columns, Options);
            TReal sum0 = default;
            TReal sum1 = default;
            TReal sum2 = default;
            TReal sum3 = default;
            for (int row = rowRange.First; row < rowRange.End; row++)
            {
                TReal* line = input + (row * stride + tap / kernel - Options.Padding) * inputColumns
                    + tap % kernel - Options.Padding + columnRange.First * stride;
                TReal* delta = deltas + row * columns + columnRange.First;
                for (int column = columnRange.First; column < columnRange.End; column++)
                {
                    TReal value = *line;
                    sum0 = TReal.MultiplyAdd(delta[0], value, sum0);
                    sum1 = TReal.MultiplyAdd(delta[units], value, sum1);
                    sum2 = TReal.MultiplyAdd(delta[2 * units], value, sum2);
                    sum3 = TReal.MultiplyAdd(delta[3 * units], value, sum3);
                    line += stride;
                    delta++;
                }
            }

            TReal.AddSums(sum0, sum1, sum2, sum3, weights + tap, _weights.FanIn);
        }
    }

    /// <summary>The gradient by the weights of a map and a source.</summary>
    private unsafe void AddWeightGradient<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, int map, int source)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        int kernel = Options.Kernel;
        TReal* input = pass.Input + _sources[map][source] * Input[1] * Input[2];
        TReal* deltas = pass.OutputGradient + map * Output[1] * Output[2];
        TWeight* weights = pass.Gradient + _weights.Offset + map * _weights.FanIn + source * kernel * kernel;
        for (int tap = 0; tap < kernel * kernel; tap++)
        {
            UnitRange rows = UnitRange.Reading(tap / kernel, Input[1], Output[1], Options);
            UnitRange columns = UnitRange.Reading(tap % kernel, Input[2], Output[2], Options);
            TReal sum = default;
            for (int row = rows.First; row < rows.End; row++)
            {
                TReal* line = input + (row * Options.Stride + tap / kernel - Options.Padding) * Input[2]
                    + tap % kernel - Options.Padding;
                for (int column = columns.First; column < columns.End; column++)
                {
                    sum = TReal.MultiplyAdd(deltas[row * Output[2] + column], line[column * Options.Stride], sum);
                }
            }

            weights[tap] += TReal.Sum(sum);
        }
    }

    /// <summary>Adds, to four of the input's maps, the gradient that comes back from the maps of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void AddInputGradientFour<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, MapGroup group, int source)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        int kernel = Options.Kernel;
        int stride = Options.Stride;
        int taps = kernel * kernel;
        int columns = Output[2];
        int units = Output[1] * columns;
        nint fanIn = _weights.FanIn;
        int[] sources = _sources[group.First];
        int inputUnits = Input[1] * Input[2];
        TReal* gradient0 = pass.InputGradient + sources[source] * inputUnits;
        TReal* gradient1 = pass.InputGradient + sources[source + 1] * inputUnits;
        TReal* gradient2 = pass.InputGradient + sources[source + 2] * inputUnits;
        TReal* gradient3 = pass.InputGradient + sources[source + 3] * inputUnits;
        TWeight* weights = pass.Parameters + _weights.Offset + group.First * fanIn + source * taps;
        TReal* deltas = pass.OutputGradient + group.First * units;
        for (int row = 0; row < Input[1]; row++)
        {
            TapRange rowTaps = TapRange.Reading(row, Output[1], Options);
            for (int column = 0; column < Input[2]; column++)
            {
                TapRange columnTaps = TapRange.Reading(column, columns, Options);
                TReal sum0 = default;
                TReal sum1 = default;
                TReal sum2 = default;
                TReal sum3 = default;
                TWeight* first = weights + rowTaps.First * kernel + columnTaps.First;
                TReal* last = deltas + rowTaps.Unit * columns + columnTaps.Unit;
                for (int map = 0; map < group.Count; map++)
                {
                    TWeight* w = first + map * fanIn;
                    TReal* line = last + map * units;
                    for (int y = rowTaps.Count; y > 0; y--)
                    {
                        TWeight* tap = w;
                        for (int x = 0; x < columnTaps.Count; x++)
                        {
                            TReal delta = line[-x];
                            sum0 = TReal.MultiplyAdd(TReal.Of(tap[0]), delta, sum0);
                            sum1 = TReal.MultiplyAdd(TReal.Of(tap[taps]), delta, sum1);
                            sum2 = TReal.MultiplyAdd(TReal.Of(tap[2 * taps]), delta, sum2);
                            sum3 = TReal.MultiplyAdd(TReal.Of(tap[3 * taps]), delta, sum3);
                            tap += stride;
                        }

                        w += stride * kernel;
                        line -= columns;
                    }
                }

                int place = row * Input[2] + column;
                gradient0[place] = gradient0[place] + sum0;
                gradient1[place] = gradient1[place] + sum1;
                gradient2[place] = gradient2[place] + sum2;
                gradient3[place] = gradient3[place] + sum3;
            }
        }
    }

    /// <summary>Adds, to one of the input's maps, the gradient that comes back from the maps of a group.</summary>
    private unsafe void AddInputGradientOne<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, MapGroup group, int source)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        int kernel = Options.Kernel;
        int units = Output[1] * Output[2];
        TReal* gradient = pass.InputGradient + _sources[group.First][source] * Input[1] * Input[2];
        for (int place = 0; place < Input[1] * Input[2]; place++)
        {
            TapRange rows = TapRange.Reading(place / Input[2], Output[1], Options);
            TapRange columns = TapRange.Reading(place % Input[2], Output[2], Options);
            TReal sum = default;
            for (int map = group.First; map < group.First + group.Count; map++)
            {
                TWeight* w = pass.Parameters + _weights.Offset + map * _weights.FanIn + source * kernel * kernel
                    + rows.First * kernel + columns.First;
                TReal* delta = pass.OutputGradient + map * units + rows.Unit * Output[2] + columns.Unit;
                for (int y = 0; y < rows.Count; y++)
                {
                    for (int x = 0; x < columns.Count; x++)
                    {
                        sum = TReal.MultiplyAdd(
                            TReal.Of(w[(y * kernel + x) * Options.Stride]), delta[-(y * Output[2] + x)], sum);
                    }
                }
            }

            gradient[place] = gradient[place] + sum;
        }
    }
}
