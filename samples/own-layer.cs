#:package GpuConvnet.Model@0.2.0
#:property PublishAot=false
#:property AllowUnsafeBlocks=true

// A layer of one's own: a trained factor for each unit. It is written once, over the number type, and verified as the library's layers
// are: its gradient in double precision against differences of the loss, then floats and lanes of examples against that.
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Model.Verification;

NetworkOptions options = new(Activation.Tanh, Activation.Linear, Loss.SoftmaxCrossEntropy);
LayerList layers = new();
layers.Add(new Convolution(layers.Parts, "H1w", "H1b", layers.Output, maps: 12, new ConvolutionOptions()));
layers.AddActivation(options.Hidden);
layers.Add(new Gain(layers.Output, layers.Parts));
layers.Add(new Dense(layers.Parts, "outw", "outb", layers.Output, units: 10));
LayerNetwork network = layers.ToNetwork(options);

foreach (VerificationCheck check in NetworkVerification.OfGradients(network))
{
    Console.WriteLine($"{check.What}: {check.WorstRelative:E1} of {check.Tolerance:E0}");
    if (!check.Passed)
    {
        return 1;
    }
}

const int Steps = 200;
Examples train = BuiltinDigits.Draw(2000, seed: 1);
Examples test = BuiltinDigits.Draw(500, seed: 2);
OptimizerOptions optimizer = new(Optimizer.AdamW, learningRate: 0.005);
StepSchedule schedule = new(optimizer, Steps, train.Count, batch: 100, Perturbation.None, seed: 1);
using LayerTrainer trainer = new(network, optimizer.Kind, train, test);
trainer.Load(network.DrawParameters(seed: 1));
trainer.Take(schedule.Steps(first: 0, Steps));
Console.WriteLine($"{trainer.Evaluate(Split.Test).Misses} of {test.Count} digits missed after {Steps} steps");

float[] parameters = new float[network.ParameterCount];
trainer.Store(parameters);
using LayerClassifier classifier = new(network);
classifier.Load(parameters);
Console.WriteLine($"the first test digit is {test.Label(0)}, and the network takes it for {classifier.Predict(test.Image(0))}");
return 0;

internal sealed class Gain : Layer
{
    private readonly ParameterPart _gains;

    public Gain(TensorShape input, PartList parts)
        : base(input, input) => _gains = parts.Add("gains", PartRule.Ones, inputs: 0, input.Count);

    public override string Description => "a gain for each unit";

    public override IReadOnlyList<ParameterPart> Parts => [_gains];

    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        TWeight* gains = pass.Parameters + _gains.Offset;
        for (int unit = 0; unit < Input.Count; unit++)
        {
            pass.Output[unit] = pass.Input[unit] * TReal.Of(gains[unit]);
        }
    }

    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        TWeight* gains = pass.Parameters + _gains.Offset;
        TWeight* gradient = pass.Gradient + _gains.Offset;
        for (int unit = 0; unit < Input.Count; unit++)
        {
            gradient[unit] += TReal.Sum(pass.OutputGradient[unit] * pass.Input[unit]);
            if (pass.InputGradient is not null)
            {
                pass.InputGradient[unit] = pass.OutputGradient[unit] * TReal.Of(gains[unit]);
            }
        }
    }
}
