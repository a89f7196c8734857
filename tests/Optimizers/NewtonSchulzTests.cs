using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Optimizers;

/// <summary>The iteration that makes matrices orthogonal, and the steps that Muon takes by it on the host.</summary>
public sealed class NewtonSchulzTests
{
    public static TheoryData<int, int> Shapes => new() { { 12, 25 }, { 12, 200 }, { 192, 30 }, { 30, 10 }, { 1, 7 }, { 7, 1 }, { 17, 17 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void It_is_the_quintic_applied_five_times(int rows, int columns)
    {
        WeightMatrix shape = new(0, rows, columns, 1f, 1f);
        float[] values = Values(rows * columns);
        double[,] expected = Plain(shape, values);
        using NewtonSchulz iteration = new([shape]);

        iteration.Orthogonalize(shape, values);

        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(expected[i / columns, i % columns], values[i], 2e-5);
        }
    }

    [Fact]
    public void A_matrix_and_the_one_turned_round_have_the_same_bits()
    {
        WeightMatrix flat = new(0, 13, 40, 1f, 1f);
        WeightMatrix upright = new(0, 40, 13, 1f, 1f);
        float[] values = Values(13 * 40);
        float[] turned = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            turned[i % 40 * 13 + i / 40] = values[i];
        }

        using NewtonSchulz iteration = new([flat, upright]);
        iteration.Orthogonalize(flat, values);
        iteration.Orthogonalize(upright, turned);

        Assert.All(Enumerable.Range(0, values.Length), i => Assert.Equal(values[i], turned[i % 40 * 13 + i / 40]));
    }

    [Fact]
    public void Nothing_stays_nothing_and_what_is_no_number_is_passed_on()
    {
        WeightMatrix shape = new(0, 4, 6, 1f, 1f);
        float[] zeros = new float[24];
        float[] broken = Values(24);
        broken[7] = float.NaN;
        using NewtonSchulz iteration = new([shape]);

        iteration.Orthogonalize(shape, zeros);
        iteration.Orthogonalize(shape, broken);

        Assert.Equal(new float[24], zeros);
        Assert.All(broken, value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void Threads_do_not_change_a_bit_of_Muons_steps()
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 333);
        OptimizerOptions muon = new(Optimizer.Of<Muon>(), 0.1) { WeightDecay = 0.2, VectorLearningRate = 0.02 };
        float[][] results = [.. new[] { 1, 2, 7 }.Select(threads =>
        {
            using HostTrainer trainer = new(NetworkOptions.Base1989, muon.Kind, examples, examples, threads);
            return Train(trainer, muon, 300);
        })];

        Assert.All(results, result => Assert.Equal(results[0], result));
        Assert.NotEqual(RandomNetwork.Parameters(new Random(2)), results[0]);
    }

    [Theory]
    [InlineData("muon")]
    [InlineData("lion")]
    [InlineData("scheduleFreeAdamw")]
    public void Training_per_example_takes_the_same_steps(string name)
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 10);
        OptimizerOptions options = new(Optimizer.All.Single(each => each.Name == name), 0.01) { WeightDecay = 0.2 };
        using PerExampleTrainer perExample = new(NetworkOptions.Base1989, options.Kind, examples, examples);
        using HostTrainer batches = new(NetworkOptions.Base1989, options.Kind, examples, examples);

        float[] actual = Train(perExample, options, 1);
        Evaluation evaluation = perExample.Evaluate(Split.Test);

        Assert.Equal(Train(batches, options, 1), actual);
        Assert.Equal(batches.Evaluate(Split.Test), evaluation);
    }

    private static float[] Train(ITrainer trainer, OptimizerOptions options, int count)
    {
        trainer.Load(RandomNetwork.Parameters(new Random(2)));
        for (int step = 0; step < 3; step++)
        {
            trainer.Take([new BatchStep(5, count, options.Constants(0.01, step), new Perturbation(9, (uint)step, 1, 0.25f))]);
        }

        float[] parameters = new float[Parameters.Count];
        trainer.Store(parameters);
        return parameters;
    }

    private static float[] Values(int count)
    {
        Random random = new(5);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.4))];
    }

    /// <summary>As it is written, in double precision: X = a X + (b A + c A A) X with A = X X^T.</summary>
    private static double[,] Plain(in WeightMatrix shape, float[] values)
    {
        (int rows, int columns) = (shape.Rows, shape.Columns);
        double[,] x = new double[rows, columns];
        double norm = Math.Sqrt(values.Sum(value => (double)value * value));
        for (int i = 0; i < values.Length; i++)
        {
            x[i / columns, i % columns] = values[i] / norm;
        }

        double[,] wide = rows > columns ? Turned(x) : x;
        for (int iteration = 0; iteration < 5; iteration++)
        {
            double[,] gram = Product(wide, Turned(wide));
            double[,] squared = Product(gram, gram);
            double[,] factor = new double[gram.GetLength(0), gram.GetLength(1)];
            for (int row = 0; row < factor.GetLength(0); row++)
            {
                for (int column = 0; column < factor.GetLength(1); column++)
                {
                    factor[row, column] = -4.7750 * gram[row, column] + 2.0315 * squared[row, column] + (row == column ? 3.4445 : 0);
                }
            }

            wide = Product(factor, wide);
        }

        return rows > columns ? Turned(wide) : wide;
    }

    private static double[,] Turned(double[,] matrix)
    {
        double[,] turned = new double[matrix.GetLength(1), matrix.GetLength(0)];
        for (int row = 0; row < matrix.GetLength(0); row++)
        {
            for (int column = 0; column < matrix.GetLength(1); column++)
            {
                turned[column, row] = matrix[row, column];
            }
        }

        return turned;
    }

    private static double[,] Product(double[,] left, double[,] right)
    {
        double[,] product = new double[left.GetLength(0), right.GetLength(1)];
        for (int row = 0; row < product.GetLength(0); row++)
        {
            for (int column = 0; column < product.GetLength(1); column++)
            {
                for (int i = 0; i < left.GetLength(1); i++)
                {
                    product[row, column] += left[row, i] * right[i, column];
                }
            }
        }

        return product;
    }
}
