using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Networks;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;
using GpuConvnet.Simulator.Gpu;
using GpuConvnet.Simulator.Sass;
using GpuConvnet.Tests.Sass;
using ILGPU.Runtime;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Layers' kernels beside their formulas in double precision, and gradients beside differences of those.</summary>
public sealed class DeviceLayerTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>
{
    private const int Blocks = 3;

    // Tokens and features that are no multiples of a tile, and fewer than one.
    public static TheoryData<string, int, int, int> Cases => new(
        from device in new[] { "cpu", "openCL", "ptx", "sass" }
        from sizes in new[] { (7, 6, 2), (2, 12, 1), (5, 3, 3) }
        select (device, sizes.Item1, sizes.Item2, sizes.Item3));

    [Theory]
    [MemberData(nameof(Cases))]
    public void LayerNormalization(string device, int tokens, int features, int heads)
    {
        Assert.NotEqual(0, heads);
        PartList parts = new();
        TensorShape shape = new(tokens, features);
        ParameterPart weights = parts.Add("w", PartRule.Ones, features, features);
        ParameterPart biases = parts.Add("b", PartRule.Zeros, features, features);
        Check(
            device, (loader, lanes) => DeviceLayers.OfNormalization(loader, lanes, shape, weights, biases, 1e-5f), shape, shape,
            parts, (input, parameters) => Normalized(input, parameters, tokens, features));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void SelfAttention(string device, int tokens, int features, int heads)
    {
        PartList parts = new();
        TensorShape shape = new(tokens, features);
        ParameterPart weights = parts.Add("iw", PartRule.Weights, features, 3 * features, features);
        ParameterPart biases = parts.Add("ib", PartRule.Biases, features, 3 * features);
        ParameterPart outputWeights = parts.Add("ow", PartRule.Weights, features, features, features);
        ParameterPart outputBiases = parts.Add("ob", PartRule.Biases, features, features);
        Check(
            device,
            (loader, lanes) => DeviceLayers.OfAttention(loader, lanes, shape, heads, weights, biases, outputWeights, outputBiases),
            shape, shape, parts,
            (input, parameters) =>
            {
                double[] projected = Dense(input, parameters, weights, biases, tokens, features, 3 * features);
                double[] mixed = Attended(projected, tokens, features, heads);
                return Dense(mixed, parameters, outputWeights, outputBiases, tokens, features, features);
            });
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void PositionEmbedding(string device, int tokens, int features, int heads)
    {
        Assert.NotEqual(0, heads);
        PartList parts = new();
        TensorShape shape = new(tokens, features);
        ParameterPart added = parts.Add("p", PartRule.Zeros, features, tokens, features);
        Check(
            device, (loader, lanes) => DeviceLayers.OfPositions(loader, lanes, shape, added), shape, shape, parts,
            (input, parameters) => [.. input.Zip(parameters, (value, other) => value + other)]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void TokenMean(string device, int tokens, int features, int heads)
    {
        Assert.NotEqual(0, heads);
        Check(
            device, (loader, lanes) => DeviceLayers.OfTokenMean(loader, lanes, new TensorShape(tokens, features)),
            new TensorShape(tokens, features), new TensorShape(features), new PartList(),
            (input, _) => [.. Enumerable.Range(0, features).Select(
                feature => Enumerable.Range(0, tokens).Average(token => input[token * features + feature]))]);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("openCL")]
    [InlineData("ptx")]
    [InlineData("sass")]
    public void PatchEmbedding(string device)
    {
        PartList parts = new();
        TensorShape input = new(2, 4, 6);
        ParameterPart weights = parts.Add("w", PartRule.Weights, 8, 5, 2, 2, 2);
        ParameterPart biases = parts.Add("b", PartRule.Biases, 8, 5);
        Check(
            device, (loader, lanes) => DeviceLayers.OfPatches(loader, lanes, input, 2, 5, weights, biases), input,
            new TensorShape(6, 5), parts,
            (image, parameters) =>
            {
                double[] output = new double[30];
                for (int i = 0; i < 30; i++)
                {
                    (int row, int column, int feature) = (i / 15, i / 5 % 3, i % 5);
                    output[i] = parameters[biases.Offset + feature];
                    for (int tap = 0; tap < 8; tap++)
                    {
                        int place = tap / 4 * 24 + (2 * row + tap / 2 % 2) * 6 + 2 * column + tap % 2;
                        output[i] += parameters[weights.Offset + feature * 8 + tap] * image[place];
                    }
                }

                return output;
            });
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("openCL")]
    [InlineData("ptx")]
    [InlineData("sass")]
    public void Residual(string device)
    {
        PartList parts = new();
        TensorShape shape = new(3, 5);
        Dense dense = new(parts, "w", "b", shape, 5);
        LayerChain inner = new([dense, new ActivationLayer(shape, Activation.Of<Tanh>())]);
        Check(
            device, (loader, lanes) => DeviceLayers.OfResidual(loader, lanes, inner, outputBorder: 0), shape, shape, parts,
            (input, parameters) =>
            [
                .. Dense(input, parameters, dense.Parts[0], dense.Parts[1], 3, 5, 5)
                    .Zip(input, (sum, value) => Math.Tanh(sum) + value),
            ]);
    }

    private static double[] Dense(
        double[] input, double[] parameters, ParameterPart weights, ParameterPart biases, int tokens, int inputs, int units)
    {
        double[] output = new double[tokens * units];
        for (int i = 0; i < output.Length; i++)
        {
            (int token, int unit) = (i / units, i % units);
            output[i] = parameters[biases.Offset + unit] + Enumerable.Range(0, inputs).Sum(
                from => parameters[weights.Offset + unit * inputs + from] * input[token * inputs + from]);
        }

        return output;
    }

    private static double[] Normalized(double[] input, double[] parameters, int tokens, int features)
    {
        double[] output = new double[input.Length];
        for (int token = 0; token < tokens; token++)
        {
            double[] values = input[(token * features)..((token + 1) * features)];
            double mean = values.Average();
            double deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)) + 1e-5f);
            for (int i = 0; i < features; i++)
            {
                output[token * features + i] = (values[i] - mean) / deviation * parameters[i] + parameters[features + i];
            }
        }

        return output;
    }

    private static double[] Attended(double[] projected, int tokens, int features, int heads)
    {
        int width = features / heads;
        double[] output = new double[tokens * features];
        for (int i = 0; i < output.Length; i++)
        {
            (int query, int head) = (i / features, i % features / width);
            double[] scores = [.. Enumerable.Range(0, tokens).Select(key => Math.Exp(Enumerable.Range(0, width).Sum(
                k => Of(query, 0, head * width + k) * Of(key, 1, head * width + k)) / Math.Sqrt(width)))];
            output[i] = Enumerable.Range(0, tokens).Sum(key => scores[key] * Of(key, 2, i % features)) / scores.Sum();
        }

        return output;

        double Of(int token, int kind, int feature) => projected[token * 3 * features + kind * features + feature];
    }

    /// <summary>Runs a layer on random numbers.</summary>
    private void Check(
        string device,
        Func<KernelLoader, int, DeviceLayer> create,
        TensorShape input,
        TensorShape output,
        PartList parts,
        Func<double[], double[], double[]> formula)
    {
        if (device is "ptx" or "sass")
        {
            if (device == "sass")
            {
                CudaNeeded.SkipIfMissing();
            }

            using SimulatedGpu gpu = new(kernels: KernelsOfTheRun.Folder);
            Check(gpu.Discovery.Open(gpu.Device), 4, create, input, output, parts, formula);
            Assert.NotEmpty(gpu.Accelerator.Runs);
            Assert.All(gpu.Accelerator.Runs, run =>
            {
                Assert.Empty(run.Races);
                Assert.Empty(run.BrokenPromises);
                PtxTests.AssertStaysInRegistersAndCallsNothing(run.Launch.Program.Text);
                if (device == "sass")
                {
                    Assert.Equal(0, SassProgram.SpilledBytesOf(CudaTools.Assemble(run.Launch.Program.Text, "sm_90")));
                }
            });
            return;
        }

        DeviceKind kind = device == "cpu" ? DeviceKind.Cpu : DeviceKind.OpenCL;
        Check(devices.Discovery.Open(devices.Require(kind)), kind == DeviceKind.Cpu ? 2 : 4, create, input, output, parts, formula);
    }

    private static void Check(
        KernelLoader loader,
        int lanes,
        Func<KernelLoader, int, DeviceLayer> create,
        TensorShape input,
        TensorShape output,
        PartList parts,
        Func<double[], double[], double[]> formula)
    {
        Random random = new(1);
        int examples = Blocks * lanes;
        double[][] inputs = Numbers(random, examples, input.Count);
        double[][] slopes = Numbers(random, examples, output.Count);
        double[] parameters = Numbers(random, 1, parts.Count)[0];
        Accelerator accelerator = loader.Accelerator;
        using DeviceLayer layer = create(loader, lanes);
        layer.Allocate(Blocks);
        using var deviceInput = accelerator.Allocate1D(Blocked(inputs, lanes));
        using var deviceOutput = accelerator.Allocate1D<float>(examples * output.Count);
        using var outputGradient = accelerator.Allocate1D(Blocked(slopes, lanes));
        using var inputGradient = accelerator.Allocate1D<float>(examples * input.Count);
        using var deviceParameters = accelerator.Allocate1D<float>(Math.Max(1, parts.Count));
        using var sums = accelerator.Allocate1D<float>(2 * Math.Max(1, parts.Count));
        deviceParameters.View.SubView(0, parts.Count).CopyFromCPU([.. parameters.Select(value => (float)value)]);
        DevicePass pass = new()
        {
            Input = deviceInput.View,
            Output = deviceOutput.View,
            OutputGradient = outputGradient.View,
            InputGradient = layer.IsUnitWise ? outputGradient.View : inputGradient.View,
            Parameters = deviceParameters.View,
            Slices = new BlockSlices(sums.View, parts.Count, Blocks, count: 2, first: 0),
            SliceCount = 2,
            Lanes = lanes,
            Blocks = Blocks,
        };
        layer.Forward(pass);
        layer.Backward(pass);
        accelerator.Synchronize();

        AssertNear(Blocked([.. inputs.Select(values => formula(values, parameters))], lanes), deviceOutput.GetAsArray1D());
        float[] found = (layer.IsUnitWise ? outputGradient : inputGradient).GetAsArray1D();
        AssertNear(
            Blocked(
                [.. inputs.Zip(slopes, (values, weights) => Differences(values, at => Loss(weights, formula(at, parameters))))],
                lanes),
            found);
        float[] bySlice = sums.GetAsArray1D();
        AssertNear(
            [.. Differences(parameters, at => inputs.Zip(slopes, (values, weights) => Loss(weights, formula(values, at))).Sum())
                .Select(value => (float)value)],
            [.. Enumerable.Range(0, parts.Count).Select(i => bySlice[i] + bySlice[parts.Count + i])]);
    }

    private static double Loss(double[] weights, double[] output) => weights.Zip(output, (one, other) => one * other).Sum();

    private static double[] Differences(double[] at, Func<double[], double> loss) =>
    [
        .. Enumerable.Range(0, at.Length).Select(i =>
        {
            double[] up = [.. at];
            double[] down = [.. at];
            up[i] += 1e-5;
            down[i] -= 1e-5;
            return (loss(up) - loss(down)) / 2e-5;
        }),
    ];

    private static double[][] Numbers(Random random, int examples, int count) =>
        [.. Enumerable.Range(0, examples).Select(
            _ => Enumerable.Range(0, count).Select(_ => (double)(float)(random.NextDouble() * 2 - 1)).ToArray())];

    /// <summary>(blocks, units, lanes).</summary>
    private static float[] Blocked(double[][] examples, int lanes)
    {
        int units = examples[0].Length;
        float[] blocked = new float[examples.Length * units];
        for (int i = 0; i < blocked.Length; i++)
        {
            blocked[i] = (float)examples[i / (units * lanes) * lanes + i % lanes][i / lanes % units];
        }

        return blocked;
    }

    private static void AssertNear(float[] expected, float[] actual)
    {
        float largest = expected.Select(Math.Abs).DefaultIfEmpty().Max();
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5f * largest + 1e-7f);
        }
    }
}
