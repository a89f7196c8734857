using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Studies.Verification;

namespace GpuConvnet.Tests.Kernels;

/// <summary>A verification is worth what it catches: engines with one fault each.</summary>
public class VerifierTests
{
    private static readonly NetworkOptions s_rectifiers =
        new(Activation.Of<ReLU>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>());

    [Fact]
    public void AnEngineWithoutAFaultPasses() => Assert.Empty(Failures(inner => new FaultyTrainer(inner)));

    [Theory]
    [InlineData("H1w")]
    [InlineData("H2b")]
    [InlineData("H3w")]
    [InlineData("outb")]
    public void AWrongPartOfTheGradientIsNamed(string name)
    {
        ParameterPart part = Parameters.Parts.Single(part => part.Name == name);
        string[] failures = Failures(inner => new FaultyTrainer(inner)
        {
            Spoil = gradient => gradient[part.Offset + part.Count - 1] *= 1.01f,
        });

        Assert.Contains($"{name} gradient", failures);
        Assert.DoesNotContain(
            Parameters.Parts.Where(other => other != part), other => failures.Contains($"{other.Name} gradient"));
    }

    [Fact]
    public void AGradientThatIsNoNumberFails() =>
        Assert.Contains("H2w gradient", Failures(inner => new FaultyTrainer(inner)
        {
            Spoil = gradient => gradient[Parameters.H2w.Offset] = float.NaN,
        }));

    [Fact]
    public void ForgottenNoiseFails() =>
        Assert.Contains("H1w gradient", Failures(inner => new FaultyTrainer(inner) { Hear = _ => Perturbation.None }));

    [Fact]
    public void SecondDerivativesOfAnExampleTooFewFail() =>
        Assert.Equal(
            ["second derivatives, 3 steps", "second derivatives, their means"],
            Failures(inner => new FaultyTrainer(inner) { Estimate = examples => Math.Max(0, examples - 1) }));

    [Fact]
    public void AMissTooManyFails() =>
        Assert.Equal(["misses", "any network's: misses"], Failures(inner => new FaultyTrainer(inner)
        {
            Count = evaluation => evaluation with { Misses = evaluation.Misses + 1 },
        }));

    [Fact]
    public void ALossOfOneExampleTooFewFails() =>
        Assert.Equal(["loss", "PyTorch: loss", "any network's: loss"], Failures(inner => new FaultyTrainer(inner)
        {
            Count = evaluation => evaluation with { Loss = evaluation.Loss * (1 - 1e-5) },
        }));

    [Fact]
    public void StepsThatDifferFromRunToRunFail()
    {
        uint calls = 0;
        Assert.Equal(["again, bit for bit", "any network's: again, bit for bit"], Failures(inner => new FaultyTrainer(inner)
        {
            Hear = perturbation => perturbation.Drops && calls++ % 2 == 1 ? new Perturbation(8, 3, 1, 0.25f) : perturbation,
        }).Where(what => !what.EndsWith("gradient", StringComparison.Ordinal)
            && !what.StartsWith("second derivatives", StringComparison.Ordinal)));
    }

    [Fact]
    public void AdamWithoutItsCorrectionFails()
    {
        string[] failures = Failures(inner => new FaultyTrainer(inner)
        {
            Remember = step => new OptimizerOptions(Optimizer.Of<Adam>(), 0.01).Constants(step.LearningRate, 10_000),
        });

        Assert.Contains("PyTorch: 20 steps of adam", failures);
        Assert.Contains("PyTorch: 20 steps of adamw", failures);
    }

    [Fact]
    public void StepsThatForgetWeightNormalizationFail() =>
        Assert.Equal(["weight normalization, 5 steps"], Failures(verification => new HostTrainer(
            verification.Network with { WeightNormalization = false }, verification.Optimizer, verification.Train,
            verification.Test)));

    [Fact]
    public void RandomCasesStayClearOfRectifiersKinks()
    {
        Random random = new(1989);
        Examples examples = RandomCase.DrawExamples(random, 300);
        float[] parameters = RandomCase.DrawParameters(random);
        Perturbation[] perturbations = [Perturbation.None, new Perturbation(7, 3, maximumShift: 1, dropout: 0.25f)];

        Assert.InRange(RandomCase.AvoidKinks(random, examples, s_rectifiers, parameters, perturbations), 1, 100);
        Assert.Equal(0, RandomCase.AvoidKinks(random, examples, s_rectifiers, parameters, perturbations));
        Assert.Equal(0, RandomCase.AvoidKinks(random, examples, NetworkOptions.Base1989, parameters, perturbations));
    }

    private static string[] Failures(Func<ITrainer, ITrainer> spoil) =>
        Failures(verification => spoil(new HostTrainer(
            verification.Network, verification.Optimizer, verification.Train, verification.Test)));

    private static string[] Failures(Func<VerificationCase, ITrainer> create) =>
    [
        .. new Verifier(
            create,
            new GoldenFiles(folder: null)).Execute(TestContext.Current.CancellationToken)
            .Where(check => !check.Passed)
            .Select(check => check.What),
    ];
}
