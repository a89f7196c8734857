using System.Collections.ObjectModel;
using GpuConvnet.Model.Activations;

namespace GpuConvnet.Model.Losses;

/// <summary>What training minimises, as a value, of which there is one per type: what options and configurations hold.</summary>
public sealed class Loss
{
    private readonly Func<double, Targets> _targets;
    private readonly Func<double[], int, double, double> _value;
    private readonly Func<double[], double[], double> _valueOfTargets;
    private readonly Func<double[], int, double, double[]> _gradient;
    private readonly Func<double[], int, double[]> _curvature;

    private Loss(
        string name,
        Func<double, Targets> targets,
        Func<double[], int, double, double> value,
        Func<double[], double[], double> valueOfTargets,
        Func<double[], int, double, double[]> gradient,
        Func<double[], int, double[]> curvature)
    {
        Name = name;
        _targets = targets;
        _value = value;
        _valueOfTargets = valueOfTargets;
        _gradient = gradient;
        _curvature = curvature;
    }

    /// <summary>All losses, in the order in which they are listed to a user.</summary>
    public static ReadOnlyCollection<Loss> All { get; } = Listed();

    /// <summary>
    /// The article's: the mean over the outputs of (output - target)², where the target is +1 for the digit and -1 elsewhere.
    /// </summary>
    public static Loss SquaredError => Of<SquaredError>();

    /// <summary>The paper's: half the sum over the outputs of (output - target)², with the same targets.</summary>
    public static Loss HalfSquaredError => Of<HalfSquaredError>();

    /// <summary>-log softmax(outputs)[digit], in nats; the outputs must be <see cref="Activation.Linear"/>.</summary>
    public static Loss SoftmaxCrossEntropy => Of<SoftmaxCrossEntropy>();

    /// <summary>What configurations call it.</summary>
    public string Name { get; }

    /// <inheritdoc cref="ILoss.NeedsLinearOutput"/>
    internal bool NeedsLinearOutput { get; private init; }

    /// <inheritdoc cref="ILoss.Smooths"/>
    internal bool Smooths { get; private init; }

    /// <summary>The value that stands for a type.</summary>
    /// <typeparam name="TLoss">The loss.</typeparam>
    internal static Loss Of<TLoss>()
        where TLoss : struct, ILoss => Holder<TLoss>.Value;

    /// <summary>Whether an activation's outputs can be trained by this loss.</summary>
    /// <param name="output">The activation of the outputs.</param>
    public bool Takes(Activation output) => !NeedsLinearOutput || output == Activation.Of<Linear>();

    /// <inheritdoc cref="ILoss.Targets"/>
    internal Targets Targets(double labelSmoothing) => _targets(labelSmoothing);

    /// <summary>The loss of one example in double precision, by its definition; of cross entropy in nats.</summary>
    /// <param name="outputs">(classes), the network's outputs.</param>
    /// <param name="label">The class, from 0.</param>
    /// <param name="labelSmoothing">
    /// The share of the target that is spread over all outputs, in [0, 1); cross entropy alone heeds it.
    /// </param>
    public double Value(double[] outputs, int label, double labelSmoothing) => _value(outputs, label, labelSmoothing);

    /// <inheritdoc cref="ILoss.Value(double[], double[])"/>
    internal double Value(double[] outputs, double[] targets) => _valueOfTargets(outputs, targets);

    /// <summary>The gradient of one example's loss by its outputs in double precision, by its definition.</summary>
    /// <param name="outputs">(classes), the network's outputs.</param>
    /// <param name="label">The class, from 0.</param>
    /// <param name="labelSmoothing">
    /// The share of the target that is spread over all outputs, in [0, 1); cross entropy alone heeds it.
    /// </param>
    /// <returns>(classes).</returns>
    public double[] Gradient(double[] outputs, int label, double labelSmoothing) =>
        _gradient(outputs, label, labelSmoothing);

    /// <summary>
    /// The second derivatives of one example's loss by each output, in double precision, by their definition; never below 0.
    /// </summary>
    /// <param name="outputs">(classes), the network's outputs.</param>
    /// <param name="label">The class, from 0.</param>
    /// <returns>(classes).</returns>
    public double[] Curvature(double[] outputs, int label) => _curvature(outputs, label);

    /// <summary>Turns the value into a type argument.</summary>
    /// <param name="visitor">What is given the type.</param>
    /// <exception cref="NotSupportedException">The loss is not among <see cref="All"/>.</exception>
    internal void Accept<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, ILossVisitor
    {
        Selection<TVisitor> selection = new(this, visitor);
        Every(ref selection);
        visitor = selection.Visitor;
        if (!selection.IsFound)
        {
            throw new NotSupportedException($"There is no loss '{Name}'.");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    // The registry: a line per loss, from which come the list of them and the way from a value to its type.
    private static void Every<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, ILossVisitor
    {
        visitor.Visit<SquaredError>();
        visitor.Visit<HalfSquaredError>();
        visitor.Visit<SoftmaxCrossEntropy>();
    }

    private static ReadOnlyCollection<Loss> Listed()
    {
        Listing listing = new([]);
        Every(ref listing);
        return listing.Losses.AsReadOnly();
    }

    private static class Holder<TLoss>
        where TLoss : struct, ILoss
    {
        public static readonly Loss Value = new(TLoss.Name, TLoss.Targets, TLoss.Value, TLoss.Value, TLoss.Gradient, TLoss.Curvature)
        {
            NeedsLinearOutput = TLoss.NeedsLinearOutput,
            Smooths = TLoss.Smooths,
        };
    }

    private readonly struct Listing(List<Loss> losses) : ILossVisitor
    {
        public List<Loss> Losses { get; } = losses;

        public void Visit<TLoss>()
            where TLoss : struct, ILoss => Losses.Add(Of<TLoss>());
    }

    private struct Selection<TVisitor>(Loss wanted, TVisitor visitor) : ILossVisitor
        where TVisitor : struct, ILossVisitor
    {
        public TVisitor Visitor = visitor;

        public bool IsFound { get; private set; }

        public void Visit<TLoss>()
            where TLoss : struct, ILoss
        {
            if (wanted == Of<TLoss>())
            {
                IsFound = true;
                Visitor.Visit<TLoss>();
            }
        }
    }
}
