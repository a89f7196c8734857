using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Training;
using GpuConvnet.Model.Verification;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Verification;

/// <summary>
/// Is an engine's mathematics right? Every kernel, forward and backward, on random cases against the vector path; the
/// whole against PyTorch's numbers; and the same bits whenever it is asked again.
/// </summary>
internal sealed class Verifier
{
    private const double GoldenTolerance = 2e-6;
    private const double StepsTolerance = 1e-5;

    // The places that are sampled are the same; what differs is how two products are rounded.
    private const double ImageTolerance = 5e-7;
    private const double RandomTolerance = 2e-5;

    private readonly Func<VerificationCase, ITrainer> _create;
    private readonly GoldenFiles _golden;
    private readonly IReadOnlyList<KernelChoice> _onChip;
    private readonly Comparison _comparison = new();

    /// <summary>Prepares a verification.</summary>
    /// <param name="create">Creates the engine under test for a case.</param>
    /// <param name="golden">PyTorch's numbers.</param>
    /// <param name="onChip">Which of the kernels that keep activations on the chip the engine can run: fused, tensor.</param>
    public Verifier(Func<VerificationCase, ITrainer> create, GoldenFiles golden, params IReadOnlyList<KernelChoice> onChip)
    {
        _create = create;
        _golden = golden;
        _onChip = onChip;
    }

    /// <summary>Runs everything.</summary>
    /// <param name="cancellation">Stops between two cases.</param>
    public IReadOnlyList<VerificationCheck> Execute(CancellationToken cancellation)
    {
        NetworkOptions[] networks =
        [
            .. GoldenFiles.Variants.Select(variant => variant.Options),
            new(Activation.Of<ReLU>(), Activation.Of<Tanh>(), Loss.Of<SquaredError>()),
            new(Activation.Of<ScaledTanh>(), Activation.Of<ScaledTanh>(), Loss.Of<SquaredError>()),
            new(Activation.Of<Tanh>(), Activation.Of<Linear>(), Loss.Of<SquaredError>()),
            new(Activation.Of<Gelu>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()) { LabelSmoothing = 0.1 },
            NetworkOptions.Base1989 with { Connections = RandomCase.DrawConnections(new Random(12)) },
        ];
        Random random = new(1989);
        foreach (NetworkOptions network in networks)
        {
            cancellation.ThrowIfCancellationRequested();
            CompareWithReference(network, random);
        }

        cancellation.ThrowIfCancellationRequested();
        CompareNormalizedSteps(random);
        CompareMatrixSteps("", verification => verification);
        CompareMatrixSteps("any network's: ", verification => verification with { AsLayers = true });
        foreach (KernelChoice kernels in _onChip)
        {
            CompareMatrixSteps($"{NameOf(kernels)}: ", verification => verification with { Kernels = kernels });
        }

        foreach (NetworkOptions network in new[]
        {
            new NetworkOptions(Activation.Of<ScaledTanh>(), Activation.Of<ScaledTanh>(), Loss.Of<HalfSquaredError>()),
            new NetworkOptions(Activation.Of<Gelu>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>())
            {
                Connections = RandomCase.DrawConnections(new Random(12)),
            },
        })
        {
            cancellation.ThrowIfCancellationRequested();
            CompareCurvatureSteps(network, random);
        }

        foreach ((string name, NetworkOptions options) in GoldenFiles.Variants)
        {
            cancellation.ThrowIfCancellationRequested();
            CompareWithGolden(name, options, KernelChoice.Layers);
        }

        foreach ((_, NetworkOptions options) in GoldenFiles.Variants)
        {
            cancellation.ThrowIfCancellationRequested();
            CompareWhole(options, random, "any network's: ", verification => verification with { AsLayers = true });
        }

        foreach (KernelChoice kernels in _onChip)
        {
            foreach ((string name, NetworkOptions options) in GoldenFiles.Variants)
            {
                cancellation.ThrowIfCancellationRequested();
                CompareWhole(options, random, $"{NameOf(kernels)}: ", verification => verification with { Kernels = kernels });
                CompareWithGolden(name, options, kernels);
            }
        }

        return _comparison.Checks;
    }

    /// <summary>
    /// What does not show its layers, the step of two launches and any network's: gradients with every perturbation and in
    /// batches that fill no tile.
    /// </summary>
    private void CompareWhole(
        NetworkOptions network, Random random, string prefix, Func<VerificationCase, VerificationCase> choose)
    {
        Examples examples = RandomCase.DrawExamples(random, 100);
        float[] parameters = RandomCase.DrawParameters(random);
        Perturbation[] perturbations =
        [
            Perturbation.None,
            new Perturbation(7, 3, maximumShift: 1, VerificationCase.Dropout),
            new Perturbation(8, 2, maximumShift: 2, VerificationCase.Dropout, new Distortion(rotate: 20, scale: 0.2, elastic: 1)),
        ];
        RandomCase.AvoidKinks(random, examples, network, parameters, perturbations);
        using SimdNetwork reference = SimdNetwork.Create(network);
        Examples test = RandomCase.DrawExamples(random, 41);
        using ITrainer trainer = _create(choose(
            new VerificationCase(network, Optimizer.Of<AdamW>(), examples, test) { Distorts = true }));
        reference.Load(parameters);
        trainer.Load(parameters);
        foreach (Perturbation perturbation in perturbations)
        {
            foreach ((int start, int count) in new[] { (0, 1), (5, 33), (0, 100) })
            {
                CompareGradients(reference, trainer, examples, start, count, perturbation, prefix);
            }
        }

        CompareEvaluations(reference, trainer, examples, test, prefix);
        CompareRepeats(trainer, parameters, prefix);
    }

    private void CompareWithReference(NetworkOptions network, Random random)
    {
        // 100 examples are three slices of a batch, none of them a multiple of anything.
        Examples train = RandomCase.DrawExamples(random, 100);
        Examples test = RandomCase.DrawExamples(random, 41);
        float[] parameters = RandomCase.DrawParameters(random);
        Perturbation[] perturbations =
        [
            Perturbation.None,
            new Perturbation(7, 3, maximumShift: 1, dropout: 0.25f),
            new Perturbation(8, 2, maximumShift: 2, dropout: 0.25f, new Distortion(rotate: 20, scale: 0.2, elastic: 1)),
        ];
        RandomCase.AvoidKinks(random, train, network, parameters, perturbations);
        using SimdNetwork reference = SimdNetwork.Create(network);
        using ITrainer trainer = _create(
            new VerificationCase(network, Optimizer.Of<AdamW>(), train, test) { Distorts = true });
        reference.Load(parameters);
        trainer.Load(parameters);

        foreach (Perturbation perturbation in perturbations)
        {
            if (trainer.Trace is { } trace)
            {
                if (perturbation.Distorts)
                {
                    CompareImages(trace, train, 3, 33, perturbation);
                }

                CompareLayers(reference, trace, train, 0, 1, perturbation);
                CompareLayers(reference, trace, train, 3, 33, perturbation);
            }

            foreach ((int start, int count) in new[] { (0, 1), (5, 33), (0, 100) })
            {
                CompareGradients(reference, trainer, train, start, count, perturbation);
            }
        }

        CompareEvaluations(reference, trainer, train, test);
        CompareRepeats(trainer, parameters);
        if (trainer.Trace is not null)
        {
            // Memory for 50 examples: batch and evaluation of 100 go through in parts, each with its own place in the
            // perturbation.
            long limit =
                50L * (2 * Shape1989.Activations + Shape1989.H2Units + Shape1989.InputUnits) * sizeof(float);
            using ITrainer small = _create(new VerificationCase(network, Optimizer.Of<AdamW>(), train, test)
            {
                MemoryLimit = limit,
                Distorts = true,
            });
            small.Load(parameters);
            foreach (Perturbation perturbation in perturbations)
            {
                _comparison.Bits(
                    "in parts, bit for bit", Gradient(trainer, 0, 100, perturbation), Gradient(small, 0, 100, perturbation));
            }

            CompareEvaluations(reference, small, train, test);
        }
    }

    private void CompareImages(IStepTrace trace, Examples examples, int start, int count, Perturbation perturbation)
    {
        float[] expected = new float[Shape1989.InputUnits * count];
        float[] image = new float[Shape1989.InputUnits];
        for (int example = 0; example < count; example++)
        {
            ImageDistorter.Distort(perturbation, start + example, examples.Image(start + example), image);
            for (int pixel = 0; pixel < image.Length; pixel++)
            {
                expected[pixel * count + example] = image[pixel];
            }
        }

        _comparison.Absolute("distorted images", expected, trace.Images(start, count, perturbation), ImageTolerance);
    }

    private void CompareEvaluations(
        SimdNetwork reference, ITrainer trainer, Examples train, Examples test, string kernels = "")
    {
        foreach ((Split split, Examples examples) in new[] { (Split.Train, train), (Split.Test, test) })
        {
            Evaluation expected = reference.Evaluate(examples);
            Evaluation actual = trainer.Evaluate(split);
            _comparison.Relative($"{kernels}loss", expected.Loss, actual.Loss, 2e-6);
            _comparison.Absolute($"{kernels}misses", [expected.Misses], [actual.Misses], 0);
        }
    }

    private void CompareLayers(
        SimdNetwork reference, IStepTrace trace, Examples examples, int start, int count, Perturbation perturbation)
    {
        const int Units = Shape1989.Activations;
        (float[] activations, float[] deltas) = trace.Units(start, count, perturbation);
        float[] expectedActivations = new float[Units * count];
        float[] expectedDeltas = new float[Units * count];
        float[] exampleActivations = new float[Units];
        float[] exampleDeltas = new float[Units];
        for (int example = 0; example < count; example++)
        {
            reference.Trace(examples, start + example, perturbation, 1f / count, exampleActivations, exampleDeltas);
            for (int unit = 0; unit < Units; unit++)
            {
                expectedActivations[unit * count + example] = exampleActivations[unit];
                expectedDeltas[unit * count + example] = exampleDeltas[unit];
            }
        }

        int first = 0;
        foreach ((string layer, int units) in new[]
        {
            ("H1", Shape1989.H1Units), ("H2", Shape1989.H2Units), ("H3", Shape1989.H3Units), ("output", Shape1989.Outputs),
        })
        {
            Range rows = (first * count)..((first + units) * count);
            _comparison.Relative($"{layer} forward", expectedActivations[rows], activations[rows], RandomTolerance);
            _comparison.Relative($"{layer} delta", expectedDeltas[rows], deltas[rows], RandomTolerance);
            first += units;
        }
    }

    /// <summary>
    /// Against the vector path an example at a time: the sum of every engine, the host's of slices and threads too,
    /// must be the sum of the examples' gradients.
    /// </summary>
    private void CompareGradients(
        SimdNetwork reference,
        ITrainer trainer,
        Examples examples,
        int start,
        int count,
        Perturbation perturbation,
        string kernels = "")
    {
        using AlignedFloats sum = new(SimdLayout.Count);
        reference.AddGradient(examples, start, count, perturbation, 1f / count, sum);
        float[] expected = new float[Parameters.Count];
        SimdLayout.Unpack(sum.Span, expected);
        float[] actual = Gradient(trainer, start, count, perturbation);
        foreach (ParameterPart part in Parameters.Parts)
        {
            _comparison.Relative(
                $"{kernels}{part.Name} gradient", part.Of((ReadOnlySpan<float>)expected), part.Of((ReadOnlySpan<float>)actual),
                RandomTolerance);
        }
    }

    private void CompareRepeats(ITrainer trainer, float[] parameters, string kernels = "")
    {
        OptimizerOptions options = new(Optimizer.Of<AdamW>(), 0.01) { WeightDecay = 0.1 };
        BatchStep[] steps = [.. Enumerable.Range(0, 7).Select(step => new BatchStep(
            0, 100, options.Constants(options.LearningRate, step), new Perturbation(5, (uint)step, 1, 0.25f)))];
        float[][] results = [.. new[] { 1, 1, steps.Length }.Select(atOnce =>
        {
            trainer.Load(parameters);
            for (int first = 0; first < steps.Length; first += atOnce)
            {
                trainer.Take(steps.AsSpan(first, atOnce));
            }

            float[] result = new float[Parameters.Count];
            trainer.Store(result);
            return result;
        })];
        _comparison.Bits($"{kernels}again, bit for bit", results[0], results[1]);
        _comparison.Bits($"{kernels}queued together, bit for bit", results[0], results[2]);
        trainer.Load(parameters);
    }

    /// <summary>
    /// Weight normalization against the host's, with the rule whose step is the gradient: Adam's first steps are as long
    /// where two engines' gradients are nothing but rounding.
    /// </summary>
    private void CompareNormalizedSteps(Random random)
    {
        NetworkOptions network = NetworkOptions.Base1989 with { WeightNormalization = true };
        OptimizerOptions options = new(Optimizer.Of<Sgd>(), 0.1) { Momentum = 0.9, WeightDecay = 0.01 };
        Examples examples = RandomCase.DrawExamples(random, 70);
        float[] initial = RandomCase.DrawParameters(random);
        using HostTrainer host = new(network, options.Kind, examples, examples);
        using ITrainer trainer = _create(new VerificationCase(network, options.Kind, examples, examples));
        float[][] results = [.. new[] { host, trainer }.Select(each =>
        {
            float[] result = new float[Parameters.Count];
            each.Load(initial);
            for (int step = 0; step < 5; step++)
            {
                each.Take([new BatchStep(
                    0, examples.Count, options.Constants(options.LearningRate, step), Perturbation.None)]);
            }

            each.Store(result);
            return result;
        })];
        _comparison.Absolute("weight normalization, 5 steps", results[0], results[1], StepsTolerance);
    }

    /// <summary>
    /// Muon's steps against the host's. Biases hardly move: what Adam makes of a gradient that is nothing but rounding is as long as
    /// any of its first steps.
    /// </summary>
    private void CompareMatrixSteps(string kernels, Func<VerificationCase, VerificationCase> taken)
    {
        Random random = new(2024);
        OptimizerOptions options = new(Optimizer.Of<Muon>(), 0.01) { WeightDecay = 0.1, VectorLearningRate = 1e-6 };
        Examples examples = RandomCase.DrawExamples(random, 70);
        float[] initial = RandomCase.DrawParameters(random);
        using HostTrainer host = new(NetworkOptions.Base1989, options.Kind, examples, examples);
        using ITrainer trainer = _create(taken(new VerificationCase(NetworkOptions.Base1989, options.Kind, examples, examples)));
        float[][] results = [.. new[] { host, trainer }.Select(each =>
        {
            float[] result = new float[Parameters.Count];
            each.Load(initial);
            for (int step = 0; step < 3; step++)
            {
                each.Take([new BatchStep(
                    0, examples.Count, options.Constants(options.LearningRate, step), Perturbation.None)]);
            }

            each.Store(result);
            return result;
        })];
        _comparison.Absolute($"{kernels}whole matrices, 3 steps", results[0], results[1], StepsTolerance);
    }

    /// <summary>
    /// Newton's steps against those of presentations that are averaged by hand: the vector path's second derivatives, an example at
    /// a time, with every perturbation.
    /// </summary>
    private void CompareCurvatureSteps(NetworkOptions network, Random random)
    {
        OptimizerOptions options = new(Optimizer.Of<Newton>(), 0.02) { CurvatureRate = 0.3, CurvatureExamples = 9 };
        Examples examples = RandomCase.DrawExamples(random, 70);
        float[] initial = RandomCase.DrawParameters(random);
        Perturbation perturbation =
            new(8, 2, maximumShift: 2, VerificationCase.Dropout, new Distortion(rotate: 20, scale: 0.2, elastic: 1));
        RandomCase.AvoidKinks(random, examples, network, initial, [perturbation]);
        using SimdNetwork reference = SimdNetwork.Create(network);
        using ITrainer trainer = _create(
            new VerificationCase(network, options.Kind, examples, examples) { Distorts = true });
        using AlignedFloats gradient = new(SimdLayout.Count);
        using AlignedFloats curvature = new(SimdLayout.Count);
        float[] parameters = initial;
        trainer.Load(parameters);
        reference.Load(parameters);
        reference.EstimateCurvature(examples, options.CurvatureExamplesBefore(0));
        float[] means = reference.SaveState().States[0];
        for (int step = 0; step < 3; step++)
        {
            OptimizerConstants constants = options.Constants(options.LearningRate, step);
            trainer.Take([new BatchStep(3, 67, constants, perturbation, options.CurvatureExamplesBefore(step))]);
            reference.Load(parameters);
            gradient.Span.Clear();
            curvature.Span.Clear();
            reference.AddGradientAndCurvature(examples, 3, 67, perturbation, 1f / 67, gradient, curvature);
            float[] gradients = new float[Parameters.Count];
            float[] curvatures = new float[Parameters.Count];
            SimdLayout.Unpack(gradient.Span, gradients);
            SimdLayout.Unpack(curvature.Span, curvatures);
            for (int i = 0; i < parameters.Length; i++)
            {
                Newton.Update(ref parameters[i], gradients[i], curvatures[i], ref means[i], constants);
            }
        }

        float[] actual = new float[Parameters.Count];
        trainer.Store(actual);
        _comparison.Absolute("second derivatives, 3 steps", parameters, actual, StepsTolerance);
        _comparison.Absolute("second derivatives, their means", means, trainer.SaveState().States[0], StepsTolerance);
    }

    private void CompareWithGolden(string variant, NetworkOptions network, KernelChoice kernels)
    {
        Examples examples = _golden.Examples();
        Examples first = new(examples.Pixels[..Shape1989.InputUnits], examples.Labels[..1]);
        float[] initial = _golden.Floats($"{variant}_init", Parameters.Count);
        string prefix = kernels == KernelChoice.Layers ? "" : $"{NameOf(kernels)}, ";
        _comparison.Bits(
            "PyTorch: initial parameters", initial, InitialParameters.Draw(network, (uint)_golden.Seed));
        foreach ((string name, OptimizerOptions options) in GoldenFiles.Optimizers)
        {
            using ITrainer trainer = _create(
                new VerificationCase(network, options.Kind, examples, first) { Kernels = kernels });
            trainer.Load(initial);
            if (name == GoldenFiles.Optimizers[0].Name)
            {
                CompareGradientsWithGolden(variant, trainer, initial, network, examples, kernels, prefix);
            }

            for (int step = 0; step < 20; step++)
            {
                trainer.Take([new BatchStep(
                    0, examples.Count, options.Constants(options.LearningRate, step), Perturbation.None)]);
            }

            float[] parameters = new float[Parameters.Count];
            trainer.Store(parameters);
            _comparison.Absolute(
                $"{prefix}PyTorch: 20 steps of {name}", _golden.Floats($"{variant}_after_20_{name}_full", Parameters.Count),
                parameters, StepsTolerance);
        }
    }

    private void CompareGradientsWithGolden(
        string variant,
        ITrainer trainer,
        float[] initial,
        NetworkOptions network,
        Examples examples,
        KernelChoice kernels,
        string prefix)
    {
        // The fused and the tensor kernels keep outputs on the chip; the loss below is what they make of them.
        if (kernels == KernelChoice.Layers)
        {
            _comparison.Absolute(
                "PyTorch: outputs", _golden.Floats($"{variant}_output", examples.Count * Shape1989.Outputs),
                Outputs(trainer, initial, network, examples), GoldenTolerance);
        }

        foreach ((int batch, Split split) in new[] { (1, Split.Test), (examples.Count, Split.Train) })
        {
            _comparison.Relative(
                $"{prefix}PyTorch: loss", _golden.Scalar($"{variant}_loss_batch{batch}"), trainer.Evaluate(split).Loss,
                GoldenTolerance);
            _comparison.Absolute(
                $"{prefix}PyTorch: gradients, batch {batch}", _golden.Floats($"{variant}_grad_batch{batch}", Parameters.Count),
                Gradient(trainer, 0, batch, Perturbation.None), GoldenTolerance);
        }
    }

    private static string NameOf(KernelChoice kernels) => ConfigurationNames.Kernels[kernels];

    /// <summary>(examples, 10): the outputs of a device's kernels, or of the vector path that the host runs.</summary>
    private static float[] Outputs(ITrainer trainer, float[] initial, NetworkOptions network, Examples examples)
    {
        const int Digits = Shape1989.Outputs;
        float[] outputs = new float[examples.Count * Digits];
        if (trainer.Trace is { } trace)
        {
            (float[] activations, _) = trace.Units(0, examples.Count, Perturbation.None);
            for (int i = 0; i < outputs.Length; i++)
            {
                int row = Shape1989.Activations - Digits + i % Digits;
                outputs[i] = activations[row * examples.Count + i / Digits];
            }

            return outputs;
        }

        using SimdNetwork reference = SimdNetwork.Create(network);
        reference.Load(initial);
        for (int example = 0; example < examples.Count; example++)
        {
            reference.Outputs(examples.Image(example), outputs.AsSpan(example * Digits, Digits));
        }

        return outputs;
    }

    private static float[] Gradient(ITrainer trainer, int start, int count, Perturbation perturbation)
    {
        float[] gradient = new float[Parameters.Count];
        trainer.Gradient(start, count, perturbation, gradient);
        return gradient;
    }
}
