using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Reference;

/// <summary>
/// The network as it is read first: plain double precision, forward beside backward in each layer, with no thought of speed,
/// for any shape. Whatever is faster is checked against it. Of the 1989 network the shapes are
/// <code>
/// image (1, 16, 16) -> H1 (12, 8, 8) -> H2 (12, 4, 4) -> H3 (30) -> outputs (10)
/// </code>
/// </summary>
public sealed class ReferenceNetwork
{
    private readonly NetworkOptions _options;
    private readonly double[] _parameters;
    private readonly Convolution _h1;
    private readonly Convolution _h2;
    private readonly Dense _h3;
    private readonly Dense _output;

    /// <summary>Creates a network.</summary>
    /// <param name="options">Its shape, activations, connections and loss.</param>
    /// <param name="parameters">
    /// All parameters, part after part as <see cref="Network.Parameters"/> has them for the shape of 1989; not copied.
    /// </param>
    /// <exception cref="ArgumentException">There are more or fewer parameters, or the connections are another
    /// shape's.</exception>
    public ReferenceNetwork(NetworkOptions options, double[] parameters)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(parameters);
        NetworkShape shape = options.Shape;
        ParameterLayout layout = new(shape);
        if (parameters.Length != layout.Count)
        {
            throw new ArgumentException($"{layout.Count} values are needed, not {parameters.Length}.", nameof(parameters));
        }

        if (!options.Connections.Fits(shape))
        {
            throw new ArgumentException("The connections of H2 are those of another shape.", nameof(options));
        }

        _options = options;
        _parameters = parameters;
        _h1 = new Convolution(shape, options.Hidden, layout.H1w, layout.H1b, shape.InputSize, _ => [0]);
        _h2 = new Convolution(
            shape, options.Hidden, layout.H2w, layout.H2b, shape.H1Size, map => options.Connections.Sources(map).ToArray());
        _h3 = new Dense(options.Hidden, layout.H3w, layout.H3b);
        _output = new Dense(options.Output, layout.Outw, layout.Outb);
    }

    /// <summary>The outputs for one image.</summary>
    /// <param name="image">(side, side), values in [-1, 1].</param>
    /// <returns>One per class; the next call writes over them.</returns>
    /// <exception cref="ArgumentException">The image has another size.</exception>
    public double[] Outputs(ReadOnlySpan<float> image)
    {
        VectorLength.Require(image.Length, _options.Shape.InputUnits, nameof(image));
        double[] input = new double[image.Length];
        for (int pixel = 0; pixel < image.Length; pixel++)
        {
            input[pixel] = image[pixel];
        }

        double[] h2 = _h2.Forward(_h1.Forward(input, _parameters), _parameters);
        return _output.Forward(_h3.Forward(h2, _parameters), _parameters);
    }

    /// <summary>The training loss of one example, label smoothing included.</summary>
    /// <param name="image">(side, side), values in [-1, 1].</param>
    /// <param name="label">Its class, from 0.</param>
    /// <exception cref="ArgumentException">The image has another size.</exception>
    public double LossOf(ReadOnlySpan<float> image, int label) =>
        _options.Loss.Value(Outputs(image), label, _options.LabelSmoothing);

    /// <summary>Adds the gradient of one example's training loss, times a factor, to another.</summary>
    /// <param name="image">(side, side), values in [-1, 1].</param>
    /// <param name="label">Its class, from 0.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="gradient">(parameters), in their order.</param>
    /// <exception cref="ArgumentException">The image has another size.</exception>
    public void AddGradient(ReadOnlySpan<float> image, int label, double factor, double[] gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        double[] byOutputs = _options.Loss.Gradient(Outputs(image), label, _options.LabelSmoothing);
        for (int i = 0; i < byOutputs.Length; i++)
        {
            byOutputs[i] *= factor;
        }

        double[] byH2 = _h3.Backward(_output.Backward(byOutputs, _parameters, gradient), _parameters, gradient);
        _h1.Backward(_h2.Backward(byH2, _parameters, gradient), _parameters, gradient);
    }

    /// <summary>
    /// Adds the second derivatives of one example's training loss, times a factor, to others: the positive diagonal
    /// approximation of the Hessian of Becker and LeCun (1988), which leaves out what units do to each other and
    /// the activations' own bending, so that nothing is below 0.
    /// </summary>
    /// <param name="image">(side, side), values in [-1, 1].</param>
    /// <param name="label">Its class, from 0.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="curvature">(parameters), the second derivatives, in their order.</param>
    /// <exception cref="ArgumentException">The image has another size.</exception>
    public void AddCurvature(ReadOnlySpan<float> image, int label, double factor, double[] curvature)
    {
        ArgumentNullException.ThrowIfNull(curvature);
        double[] byOutputs = _options.Loss.Curvature(Outputs(image), label);
        for (int i = 0; i < byOutputs.Length; i++)
        {
            byOutputs[i] *= factor;
        }

        double[] byH2 = _h3.BackwardCurvature(
            _output.BackwardCurvature(byOutputs, _parameters, curvature), _parameters, curvature);
        _h1.BackwardCurvature(_h2.BackwardCurvature(byH2, _parameters, curvature), _parameters, curvature);
    }
}
