using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Views.TensorBoard;

/// <summary>
/// How long the gradient of the mean training loss is, label smoothing included, augmentation and dropout not. The host
/// computes it, whatever trains; how many cores it has makes no difference to the bits.
/// </summary>
/// <remarks>Of normalized weights it is the gradient by the weights that they come to.</remarks>
internal sealed class GradientNorm : IDisposable
{
    /// <summary>How many training digits the mean is over, the first ones: a few milliseconds' work.</summary>
    public const int MostExamples = 1024;

    private readonly ITrainer _trainer;
    private readonly int _count;
    private readonly float[] _gradient;

    /// <summary>Prepares a network.</summary>
    /// <param name="configuration">Says which network.</param>
    /// <param name="examples">The training digits.</param>
    public GradientNorm(ExperimentConfiguration configuration, Examples examples)
    {
        // No step is taken: the optimizer and the digits to test on do not matter.
        _trainer = configuration.CreateHostTrainer(Optimizer.Of<Sgd>(), examples, examples);
        _gradient = new float[configuration.ParameterCount];
        _count = Math.Min(MostExamples, examples.Count);
    }

    /// <summary>The Euclidean norm.</summary>
    /// <param name="parameters">Where.</param>
    public double Of(ReadOnlySpan<float> parameters)
    {
        _trainer.Load(parameters);
        _trainer.Gradient(0, _count, Perturbation.None, _gradient);
        double sum = 0;
        foreach (float slope in _gradient)
        {
            sum += (double)slope * slope;
        }

        return Math.Sqrt(sum);
    }

    /// <inheritdoc/>
    public void Dispose() => _trainer.Dispose();
}
