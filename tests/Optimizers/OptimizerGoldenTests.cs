using System.Text;
using System.Text.Json;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Families;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Optimizers;

/// <summary>Muon, schedule-free AdamW and Lion against what PyTorch computes by their authors' formulae: see golden/optimizers.py.</summary>
public sealed class OptimizerGoldenTests
{
    private const int Given = 5;
    private const int Trained = 20;

    private static readonly JsonElement s_golden = Golden.ReadJson("optimizers.json");
    private static readonly Examples s_examples = Golden.Examples();

    public static TheoryData<string> Cases => ["muon", "muonMatchingAdamW", "scheduleFreeAdamw", "lion"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_by_given_gradients_agree(string name)
    {
        OptimizerOptions options = Options(name);
        GivenSteps steps = new(options, Formula(-1));

        options.Kind.Accept(ref steps);

        AssertParts(s_golden.GetProperty(name).GetProperty("given"), steps.Result, 2e-5);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Twenty_full_batch_steps_agree(string name)
    {
        Holds(name, new HostTrainer(NetworkOptions.Base1989, Options(name).Kind, s_examples, s_examples));
        Holds(name, new LayerTrainer(
            Zip1989.Create(NetworkOptions.Base1989), Options(name).Kind, s_examples, s_examples));
    }

    private static void Holds(string name, ITrainer trainer)
    {
        using (trainer)
        {
            OptimizerOptions options = Options(name);
            trainer.Load(Golden.Net("base_init"));
            for (int step = 0; step < Trained; step++)
            {
                trainer.Take([new BatchStep(0, s_examples.Count, Constants(options, step), Perturbation.None)]);
            }

            float[] parameters = new float[Parameters.Count];
            trainer.Store(parameters);
            JsonElement expected = s_golden.GetProperty(name).GetProperty("trained");

            // What is evaluated is what is stored: of schedule-free AdamW the average.
            Assert.Equal(expected.GetProperty("loss").GetDouble(), trainer.Evaluate(Split.Train).Loss, 2e-5);
            AssertParts(expected, parameters, 2e-4);
        }
    }

    private static OptimizerConstants Constants(OptimizerOptions options, int step) =>
        options.Constants(options.LearningRateSchedule(stepsPerPass: 1).Rate(step, 1000), step);

    private static OptimizerOptions Options(string name) => ConfigurationFile.Parse(
        Encoding.UTF8.GetBytes(
            $$"""{ "experiment": "x", "batch": "full", "passes": 1, "optimizer": {{s_golden.GetProperty(name).GetProperty("options").GetRawText()}} }"""),
        "golden").Optimizer;

    /// <summary>A gradient, or with step -1 parameters.</summary>
    private static float[] Formula(int step)
    {
        float[] values = new float[Parameters.Count];
        for (long i = 0; i < values.Length; i++)
        {
            values[i] = (float)(((i * 7919 + i * i % 104729 * 31 + (step + 1) * 15485863L) % 2048 - 1023.5) / 4096);
        }

        return values;
    }

    private static void AssertParts(JsonElement expected, float[] values, double tolerance)
    {
        foreach (ParameterPart part in Parameters.Parts)
        {
            JsonElement golden = expected.GetProperty(part.Name);
            ReadOnlySpan<float> actual = part.Of(values);
            double norm = 0;
            foreach (float value in actual)
            {
                norm += (double)value * value;
            }

            double expectedNorm = golden.GetProperty("norm").GetDouble();
            Assert.Equal(expectedNorm, Math.Sqrt(norm), tolerance * expectedNorm);
            foreach (JsonProperty sample in golden.GetProperty("samples").EnumerateObject())
            {
                Assert.Equal(
                    sample.Value.GetDouble(), actual[int.Parse(sample.Name, System.Globalization.CultureInfo.InvariantCulture)], tolerance);
            }
        }
    }

    /// <summary>Steps by the formula's gradients, in the order of the parameters.</summary>
    private struct GivenSteps(OptimizerOptions options, float[] start) : IOptimizerVisitor
    {
        public float[] Result { get; private set; } = start;

        public void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule
        {
            float[] parameters = [.. Result];
            float[] state1 = new float[parameters.Length];
            float[] state2 = new float[parameters.Length];
            for (int step = 0; step < Given; step++)
            {
                float[] gradient = Formula(step);
                OptimizerConstants constants = Constants(options, step);
                for (int i = 0; i < parameters.Length; i++)
                {
                    TRule.Update(ref parameters[i], gradient[i], ref state1[i], ref state2[i], constants);
                }
            }

            Result = TRule.EvaluatesAverage ? [.. parameters.Zip(state1, (parameter, lag) => parameter + lag)] : parameters;
        }

        public readonly void VisitCurvature<TRule>()
            where TRule : struct, ICurvatureRule => throw new NotSupportedException("None of these.");

        public void VisitMatrix<TRule, TVectors>()
            where TRule : struct, IMatrixRule
            where TVectors : struct, IUpdateRule
        {
            using MatrixStep matrices = new(Parameters.Parts);
            float[] parameters = [.. Result];
            float[] state1 = new float[parameters.Length];
            float[] state2 = new float[parameters.Length];
            for (int step = 0; step < Given; step++)
            {
                matrices.Take<TRule, TVectors>(parameters, Formula(step), state1, state2, Constants(options, step));
            }

            Result = parameters;
        }
    }
}
