using System.Collections.ObjectModel;

namespace GpuConvnet.Model.Activations;

/// <summary>An activation function as a value, of which there is one per type: what options and configurations hold.</summary>
public sealed class Activation
{
    private readonly Func<double, double> _apply;
    private readonly Func<double, double> _derivative;
    private readonly Func<IFormulaWriter, string, string> _write;

    private Activation(
        string name, Func<double, double> apply, Func<double, double> derivative, Func<IFormulaWriter, string, string> write)
    {
        Name = name;
        _apply = apply;
        _derivative = derivative;
        _write = write;
    }

    /// <summary>All activations, in the order in which they are listed to a user.</summary>
    public static ReadOnlyCollection<Activation> All { get; } = Listed();

    /// <summary>tanh(x).</summary>
    public static Activation Tanh => Of<Tanh>();

    /// <summary>LeCun's 1.7159 tanh(2x/3).</summary>
    public static Activation ScaledTanh => Of<ScaledTanh>();

    /// <summary>max(0, x).</summary>
    public static Activation ReLU => Of<ReLU>();

    /// <summary>The Gaussian error linear unit in its tanh form, x/2 (1 + tanh(sqrt(2/π) (x + 0.044715 x³))).</summary>
    public static Activation Gelu => Of<Gelu>();

    /// <summary>x: no activation.</summary>
    public static Activation Linear => Of<Linear>();

    /// <summary>What configurations call it.</summary>
    public string Name { get; }

    /// <inheritdoc cref="IActivation.IsHidden"/>
    public bool IsHidden { get; private init; }

    /// <inheritdoc cref="IActivation.IsOutput"/>
    public bool IsOutput { get; private init; }

    /// <inheritdoc cref="IActivation.DerivativeNeedsSum"/>
    internal bool DerivativeNeedsSum { get; private init; }

    /// <summary>The value that stands for a type.</summary>
    /// <typeparam name="TActivation">The function.</typeparam>
    public static Activation Of<TActivation>()
        where TActivation : struct, IActivation => Holder<TActivation>.Value;

    /// <inheritdoc cref="IActivation.Apply(double)"/>
    public double Apply(double sum) => _apply(sum);

    /// <inheritdoc cref="IActivation.Derivative(double)"/>
    public double Derivative(double sum) => _derivative(sum);

    /// <inheritdoc cref="IActivation.Write"/>
    internal string Write(IFormulaWriter writer, string sum) => _write(writer, sum);

    /// <summary>Turns the value into a type argument.</summary>
    /// <param name="visitor">What is given the type.</param>
    /// <exception cref="NotSupportedException">The activation is not among <see cref="All"/>.</exception>
    internal void Accept<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IActivationVisitor
    {
        Selection<TVisitor> selection = new(this, visitor);
        Every(ref selection);
        visitor = selection.Visitor;
        if (!selection.IsFound)
        {
            throw new NotSupportedException($"There is no activation '{Name}'.");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    // The registry: a line per activation, from which come the list of them and the way from a value to its type.
    private static void Every<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IActivationVisitor
    {
        visitor.Visit<Tanh>();
        visitor.Visit<ScaledTanh>();
        visitor.Visit<ReLU>();
        visitor.Visit<Gelu>();
        visitor.Visit<Linear>();
    }

    private static ReadOnlyCollection<Activation> Listed()
    {
        Listing listing = new([]);
        Every(ref listing);
        return listing.Activations.AsReadOnly();
    }

    private static class Holder<TActivation>
        where TActivation : struct, IActivation
    {
        public static readonly Activation Value =
            new(TActivation.Name, TActivation.Apply, TActivation.Derivative, TActivation.Write)
            {
                IsHidden = TActivation.IsHidden,
                IsOutput = TActivation.IsOutput,
                DerivativeNeedsSum = TActivation.DerivativeNeedsSum,
            };
    }

    private readonly struct Listing(List<Activation> activations) : IActivationVisitor
    {
        public List<Activation> Activations { get; } = activations;

        public void Visit<TActivation>()
            where TActivation : struct, IActivation => Activations.Add(Of<TActivation>());
    }

    private struct Selection<TVisitor>(Activation wanted, TVisitor visitor) : IActivationVisitor
        where TVisitor : struct, IActivationVisitor
    {
        public TVisitor Visitor = visitor;

        public bool IsFound { get; private set; }

        public void Visit<TActivation>()
            where TActivation : struct, IActivation
        {
            if (wanted == Of<TActivation>())
            {
                IsFound = true;
                Visitor.Visit<TActivation>();
            }
        }
    }
}
