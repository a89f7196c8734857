using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Model.Families;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Reference;
using GpuConvnet.Model.Teaching;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Teaching;

/// <summary>
/// Training towards a teacher's outputs on the host: against the loss's definition in double precision, and engines against each
/// other.
/// </summary>
public class LessonTests
{
    private const int Count = 5;

    private static readonly float[] s_initial = RandomNetwork.Parameters(new Random(2));
    private static readonly float[] s_taught = RandomNetwork.Parameters(new Random(3));
    private static readonly Examples s_examples = RandomNetwork.Examples(new Random(1), 150);

    public static TheoryData<string, string, float, float> Cases => new()
    {
        { "relu", "relu", 1f, 0f },
        { "relu", "relu", 3f, 0.25f },
        { "base", "base", 1f, 0.5f },
        { "base", "relu", 1f, 0.1f },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_is_that_of_the_loss(string learner, string teacher, float temperature, float labelShare)
    {
        Distillation distillation = new() { Temperature = temperature, LabelShare = labelShare };
        NetworkOptions options = GoldenVariants.Options(learner) with { Distillation = distillation };
        LayerNetwork layers = Zip1989.Create(options, dropout: 0);
        Teacher taught = Teacher(teacher);
        double[][] targets = Targets(GoldenVariants.Options(teacher), options.Loss, temperature);
        float[] host = Gradient(new HostTrainer(options, Sgd, s_examples, s_examples, threads: 1, default, taught));
        float[] perExample = Gradient(new PerExampleTrainer(options, Sgd, s_examples, s_examples, taught));
        float[] lanes = Gradient(new LayerTrainer(layers, Sgd, s_examples, s_examples, threads: 1, default, taught));

        Assert.Equal(host, perExample);
        Random random = new(4);
        float largest = host.Max(MathF.Abs);
        for (int trial = 0; trial < 40; trial++)
        {
            int place = random.Next(Parameters.Count);
            double expected = Difference(options, targets, place);
            Assert.Equal(expected, host[place], 1e-4 * largest);
            Assert.Equal(expected, lanes[place], 1e-4 * largest);
        }
    }

    [Fact]
    public void A_step_per_example_is_a_batch_of_one()
    {
        NetworkOptions options = GoldenVariants.Options("relu") with { Distillation = new Distillation() };
        OptimizerOptions adam = new(Optimizer.Of<AdamW>(), 0.01) { WeightDecay = 0.1 };
        BatchStep[] steps = [.. Enumerable.Range(0, s_examples.Count).Select(step => new BatchStep(
            (step * 7) % s_examples.Count, 1, adam.Constants(0.001, step),
            new Perturbation(5, (uint)step, maximumShift: 1, dropout: 0.25f, new Distortion(5, 0.1, 0.2))))];

        float[] batches = Trained(new HostTrainer(options, adam.Kind, s_examples, s_examples, threads: 1, default, Teacher("relu")), steps);
        float[] presentations = Trained(new PerExampleTrainer(options, adam.Kind, s_examples, s_examples, Teacher("relu")), steps);
        float[] labels = Trained(
            new PerExampleTrainer(options with { Distillation = null }, adam.Kind, s_examples, s_examples), steps);

        Assert.Equal(batches, presentations);
        Assert.NotEqual(labels, presentations);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Threads_do_not_change_a_bit(bool isGeneral)
    {
        NetworkOptions options = GoldenVariants.Options("relu") with { Distillation = new Distillation() };
        OptimizerOptions adam = new(Optimizer.Of<AdamW>(), 0.01);
        Perturbation perturbation = new(5, 1, maximumShift: 1, dropout: 0.25f);
        float[][] results = [.. new[] { 1, 3 }.Select(threads => Trained(
            isGeneral
                ? new LayerTrainer(Zip1989.Create(options, 0.25), adam.Kind, s_examples, s_examples, threads, default, Teacher("relu"))
                : new HostTrainer(options, adam.Kind, s_examples, s_examples, threads, default, Teacher("relu")),
            new BatchStep(0, s_examples.Count, adam.Constants(0.01, 0), perturbation),
            new BatchStep(0, s_examples.Count, adam.Constants(0.01, 1), perturbation.At(5, 2))))];

        Assert.Equal(results[0], results[1]);
    }

    [Fact]
    public void A_teacher_and_the_way_to_learn_from_it_go_together()
    {
        Assert.Throws<ArgumentException>(() => new PerExampleTrainer(
            NetworkOptions.Base1989, Sgd, s_examples, s_examples, Teacher("base")));
        Assert.Throws<ArgumentException>(() => new PerExampleTrainer(
            NetworkOptions.Base1989 with { Distillation = new Distillation() }, Sgd, s_examples, s_examples));
    }

    [Fact]
    public void What_cannot_be_learnt_is_said()
    {
        Loss squared = Loss.Of<SquaredError>();
        Loss crossEntropy = Loss.Of<SoftmaxCrossEntropy>();
        Distillation hard = new() { Temperature = 1 };

        Assert.Contains("probabilities", Teacher("base").UnsupportedReason(crossEntropy, hard), StringComparison.Ordinal);
        Assert.Contains("temperature must be 1", Teacher("relu").UnsupportedReason(squared, new Distillation()), StringComparison.Ordinal);
        Assert.Null(Teacher("relu").UnsupportedReason(squared, hard));
        Assert.Null(Teacher("relu").UnsupportedReason(crossEntropy, new Distillation()));
        Assert.Null(Teacher("base").UnsupportedReason(squared, hard));
    }

    private static Optimizer Sgd => Optimizer.Of<Sgd>();

    private static Teacher Teacher(string variant)
    {
        LayerNetwork network = Zip1989.Create(GoldenVariants.Options(variant), dropout: 0);
        return new Teacher([new TeacherMember(network, s_taught)], OutputAverage.Probabilities, "");
    }

    private static float[] Gradient(ITrainer trainer)
    {
        using (trainer)
        {
            float[] gradient = new float[Parameters.Count];
            trainer.Load(s_initial);
            trainer.Gradient(0, Count, Perturbation.None, gradient);
            return gradient;
        }
    }

    private static float[] Trained(ITrainer trainer, params BatchStep[] steps)
    {
        using (trainer)
        {
            float[] parameters = new float[Parameters.Count];
            trainer.Load(s_initial);
            trainer.Take(steps);
            trainer.Store(parameters);
            return parameters;
        }
    }

    /// <summary>What the teacher says of the first examples, in double precision.</summary>
    private static double[][] Targets(NetworkOptions teacher, Loss learner, double temperature)
    {
        ReferenceNetwork network = new(teacher, [.. s_taught.Select(value => (double)value)]);
        return [.. Enumerable.Range(0, Count).Select(example =>
        {
            double[] outputs = [.. network.Outputs(s_examples.Image(example))];
            if (!teacher.Loss.NeedsLinearOutput)
            {
                return outputs;
            }

            double total = outputs.Sum(output => Math.Exp(output / temperature));
            double[] probabilities = [.. outputs.Select(output => Math.Exp(output / temperature) / total)];
            return learner.NeedsLinearOutput ? probabilities : [.. probabilities.Select(probability => 2 * probability - 1)];
        })];
    }

    private static double Difference(NetworkOptions options, double[][] targets, int place)
    {
        const double Step = 1e-4;
        return (Loss(Step) - Loss(-Step)) / (2 * Step);

        double Loss(double distance)
        {
            double[] parameters = [.. s_initial.Select(value => (double)value)];
            parameters[place] += distance;
            ReferenceNetwork network = new(options, parameters);
            return Enumerable.Range(0, Count).Average(example => options.Distillation!.Value(
                options.Loss, network.Outputs(s_examples.Image(example)), s_examples.Label(example), 0, targets[example]));
        }
    }
}
