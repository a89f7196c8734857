using System.Globalization;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Families;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Simulator.Gpu;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Steps that move whole matrices, whose lengths do not matter: what is large is as good as what is small.</summary>
public sealed class MatrixStepTests(DiscoveredDevices devices, ITestOutputHelper output) : IClassFixture<DiscoveredDevices>
{
    /// <summary>Squares of 1e17 are beyond float32, those of 1e10 are not.</summary>
    [Theory]
    [InlineData(DeviceKind.Cpu, 1e-3f)]
    [InlineData(DeviceKind.Cpu, 1e17f)]
    [InlineData(DeviceKind.OpenCL, 1f)]
    [InlineData(DeviceKind.OpenCL, 1e10f)]
    [InlineData(DeviceKind.OpenCL, 1e17f)]
    [InlineData(DeviceKind.OpenCL, 1e30f)]
    public void A_momentum_of_any_length_moves_matrices_as_the_host_does(DeviceKind kind, float length)
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 4);
        OptimizerOptions muon = new(Optimizer.Of<Muon>(), 0.01);
        using AcceleratorTrainer device = new(
            devices.Discovery, devices.Require(kind), NetworkOptions.Base1989, muon.Kind, examples, examples, examples.Count,
            kernels: KernelChoice.Layers);
        using HostTrainer host = new(NetworkOptions.Base1989, muon.Kind, examples, examples);

        AssertSameSteps(host, device, muon, length);
    }

    /// <summary>The same on tensor cores, by the interpreter of PTX.</summary>
    [Fact]
    public void So_it_does_on_tensor_cores()
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 4);
        OptimizerOptions muon = new(Optimizer.Of<Muon>(), 0.01);
        using SimulatedGpu simulated = new(multiprocessors: 8, KernelsOfTheRun.Folder);
        using AcceleratorTrainer device = OnTensorCores(simulated, examples);
        using HostTrainer host = new(NetworkOptions.Base1989, muon.Kind, examples, examples);

        foreach (float length in new[] { 1e-3f, 1e10f, 1e17f })
        {
            AssertSameSteps(host, device, muon, length);
        }

        // Groups that have the same matrix write different columns of it.
        Assert.Equal(8, simulated.Accelerator.Runs[^1].Launch.Grid.X);
        Assert.Empty(simulated.Accelerator.Runs[^1].Races);
    }

    /// <summary>Matrices of 20x36 and 20x20: more than sixteen rows, and a last block of columns that is not full.</summary>
    [Fact]
    public void Tensor_cores_move_matrices_to_their_last_row_and_column()
    {
        NetworkOptions options = new(Activation.Of<Gelu>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>());
        LayerNetwork network = VisionTransformer.Create(
            new VisionTransformerSizes { Patch = 4, Features = 20, Heads = 2, Depth = 1, Hidden = 36 }, options, dropout: 0);
        Examples examples = RandomNetwork.Examples(new Random(1), 4);
        OptimizerOptions muon = new(Optimizer.Of<Muon>(), 0.01);
        using SimulatedGpu simulated = new(multiprocessors: 16, KernelsOfTheRun.Folder);
        using AcceleratorTrainer device = new(
            simulated.Discovery, simulated.Device, network, muon.Kind, examples, examples, examples.Count, lanes: 16);
        using LayerTrainer host = new(network, muon.Kind, examples, examples);

        // So long that the gradient beside them is nothing.
        Random random = new(3);
        float[] momentum = [.. Enumerable.Range(0, network.ParameterCount).Select(_ => 1e10f * (float)(random.NextDouble() - 0.4))];
        float[] parameters = LayerNetworks.Parameters(network, seed: 1);
        float[] expected = Step(host);
        float[] actual = Step(device);

        Assert.Contains(simulated.Accelerator.Runs, run => run.Launch.Program.Text.Contains("mma.sync", StringComparison.Ordinal));
        WeightMatrix[] matrices = WeightMatrix.Of(network.Parts);
        Assert.Contains(matrices, matrix => matrix.Smaller > 16 && matrix.Larger % 8 is > 0 and <= 4);
        Assert.All(matrices, matrix =>
        {
            for (int i = matrix.Offset; i < matrix.Offset + matrix.Rows * matrix.Columns; i++)
            {
                Assert.NotEqual(parameters[i], expected[i]);
                Assert.Equal(expected[i], actual[i], 4e-6f);
            }
        });

        float[] Step(ITrainer trainer)
        {
            trainer.LoadState(new TrainingState(parameters, momentum, new float[momentum.Length]));
            trainer.Take([new BatchStep(0, 4, muon.Constants(muon.LearningRate, step: 5), Perturbation.None)]);
            float[] moved = new float[momentum.Length];
            trainer.Store(moved);
            return moved;
        }
    }

    /// <summary>
    /// Tensor cores against the iteration as it is written, in double precision: what the smallest singular values lose, of which
    /// float32 loses 3e-5 of the largest element.
    /// </summary>
    [Fact]
    public void Tensor_cores_make_nearly_singular_matrices_orthogonal_to_two_ten_thousandths()
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 4);
        OptimizerOptions muon = new(Optimizer.Of<Muon>(), 1);
        using SimulatedGpu simulated = new(multiprocessors: 4, KernelsOfTheRun.Folder);
        using AcceleratorTrainer device = OnTensorCores(simulated, examples);
        Random random = new(4);
        double worst = 0;
        foreach (double condition in new[] { 1, 1e2, 1e4, 1e6 })
        {
            // So long that the gradient beside them is nothing.
            float[] momentum = new float[Parameters.Count];
            WeightMatrix[] matrices = WeightMatrix.Of(Parameters.Parts);
            double[][,] expected = [.. matrices.Select(matrix =>
            {
                double[,] values = WithSingularValues(random, matrix.Smaller, matrix.Larger, condition);
                for (int row = 0; row < matrix.Smaller; row++)
                {
                    for (int column = 0; column < matrix.Larger; column++)
                    {
                        ref float place = ref momentum[matrix.Offset + row * matrix.SmallerStride + column * matrix.LargerStride];
                        place = (float)(1e10 * values[row, column]);
                        values[row, column] = place;
                    }
                }

                return Orthogonal(values);
            })];
            device.LoadState(new TrainingState(new float[momentum.Length], momentum, new float[momentum.Length]));
            device.Take([new BatchStep(0, 4, muon.Constants(1, step: 5), Perturbation.None)]);
            float[] moved = new float[momentum.Length];
            device.Store(moved);
            foreach ((WeightMatrix matrix, double[,] orthogonal) in matrices.Zip(expected))
            {
                double largest = orthogonal.Cast<double>().Max(Math.Abs);
                for (int row = 0; row < matrix.Smaller; row++)
                {
                    for (int column = 0; column < matrix.Larger; column++)
                    {
                        float actual = -moved[matrix.Offset + row * matrix.SmallerStride + column * matrix.LargerStride];
                        worst = Math.Max(worst, Math.Abs(actual / matrix.RatioScale - orthogonal[row, column]) / largest);
                    }
                }
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{worst:E1} of the largest element"));
        Assert.InRange(worst, 1e-7, 2e-4);
    }

    private static AcceleratorTrainer OnTensorCores(SimulatedGpu simulated, Examples examples) => new(
        simulated.Discovery, simulated.Device, NetworkOptions.Base1989, Optimizer.Of<Muon>(), examples, examples, examples.Count,
        kernels: KernelChoice.Layers);

    /// <summary>Random mixtures of orthonormal rows, whose lengths fall evenly to the inverse of the condition.</summary>
    private static double[,] WithSingularValues(Random random, int rows, int columns, double condition)
    {
        double[][] left = Orthonormal(random, rows, rows);
        double[][] right = Orthonormal(random, rows, columns);
        double[,] values = new double[rows, columns];
        for (int value = 0; value < rows; value++)
        {
            double length = Math.Pow(condition, -(double)value / (rows - 1));
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < columns; column++)
                {
                    values[row, column] += left[value][row] * length * right[value][column];
                }
            }
        }

        return values;
    }

    private static double[][] Orthonormal(Random random, int count, int length)
    {
        double[][] vectors =
        [
            .. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, length).Select(_ => random.NextDouble() - 0.5).ToArray()),
        ];
        for (int i = 0; i < count; i++)
        {
            foreach (double[] earlier in vectors.Take(i))
            {
                double along = vectors[i].Zip(earlier, (one, other) => one * other).Sum();
                vectors[i] = [.. vectors[i].Zip(earlier, (one, other) => one - along * other)];
            }

            double norm = Math.Sqrt(vectors[i].Sum(value => value * value));
            vectors[i] = [.. vectors[i].Select(value => value / norm)];
        }

        return vectors;
    }

    private static double[,] Orthogonal(double[,] matrix)
    {
        int rows = matrix.GetLength(0);
        double norm = Math.Sqrt(matrix.Cast<double>().Sum(value => value * value));
        double[,] x = Combined(1 / norm, matrix, 0, matrix);
        for (int iteration = 0; iteration < NewtonSchulz.Iterations; iteration++)
        {
            double[,] turned = new double[x.GetLength(1), rows];
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < x.GetLength(1); column++)
                {
                    turned[column, row] = x[row, column];
                }
            }

            double[,] gram = Product(x, turned);
            x = Combined(NewtonSchulz.A, x, 1, Product(Combined(NewtonSchulz.B, gram, NewtonSchulz.C, Product(gram, gram)), x));
        }

        return x;
    }

    private static double[,] Product(double[,] left, double[,] right)
    {
        double[,] product = new double[left.GetLength(0), right.GetLength(1)];
        for (int row = 0; row < left.GetLength(0); row++)
        {
            for (int i = 0; i < left.GetLength(1); i++)
            {
                for (int column = 0; column < right.GetLength(1); column++)
                {
                    product[row, column] += left[row, i] * right[i, column];
                }
            }
        }

        return product;
    }

    private static double[,] Combined(double factor, double[,] one, double otherFactor, double[,] other)
    {
        double[,] sums = new double[one.GetLength(0), one.GetLength(1)];
        for (int row = 0; row < one.GetLength(0); row++)
        {
            for (int column = 0; column < one.GetLength(1); column++)
            {
                sums[row, column] = factor * one[row, column] + otherFactor * other[row, column];
            }
        }

        return sums;
    }

    private static void AssertSameSteps(HostTrainer host, AcceleratorTrainer device, OptimizerOptions muon, float length)
    {
        float[] expected = Step(host, muon, length);
        float[] actual = Step(device, muon, length);

        Assert.All(expected, value => Assert.True(float.IsFinite(value)));
        Assert.NotEqual(RandomNetwork.Parameters(new Random(2)), expected);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 2e-6f);
        }
    }

    private static float[] Step(ITrainer trainer, OptimizerOptions muon, float length)
    {
        float[] parameters = RandomNetwork.Parameters(new Random(2));
        Random random = new(3);
        float[] momentum = new float[parameters.Length];
        foreach (WeightMatrix matrix in WeightMatrix.Of(Parameters.Parts))
        {
            for (int i = 0; i < matrix.Rows * matrix.Columns; i++)
            {
                momentum[matrix.Offset + i] = length * (float)(random.NextDouble() - 0.4);
            }
        }

        trainer.LoadState(new TrainingState(parameters, momentum, new float[parameters.Length]));
        trainer.Take([new BatchStep(0, 4, muon.Constants(muon.LearningRate, step: 5), Perturbation.None)]);
        float[] moved = new float[parameters.Length];
        trainer.Store(moved);
        return moved;
    }
}
