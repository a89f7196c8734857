using System.Collections.ObjectModel;

namespace GpuConvnet.Model.Optimizers;

/// <summary>An optimizer as a value, of which there is one per type: what options and configurations hold.</summary>
public sealed class Optimizer
{
    private readonly Func<OptimizerOptions, double, int, OptimizerConstants> _constants;

    private Optimizer(
        string name, OptimizerDefaults defaults, Func<OptimizerOptions, double, int, OptimizerConstants> constants)
    {
        Name = name;
        Defaults = defaults;
        _constants = constants;
    }

    /// <summary>All optimizers, in the order in which they are listed to a user.</summary>
    public static ReadOnlyCollection<Optimizer> All { get; } = Listed();

    /// <summary><c>torch.optim.SGD</c>, with <see cref="OptimizerOptions.Momentum"/> if that is set.</summary>
    public static Optimizer Sgd => Of<Sgd>();

    /// <summary><c>torch.optim.Adam</c> (Kingma and Ba, 2014).</summary>
    public static Optimizer Adam => Of<Adam>();

    /// <summary><c>torch.optim.AdamW</c> (Loshchilov and Hutter, 2017): Adam with decoupled weight decay.</summary>
    public static Optimizer AdamW => Of<AdamW>();

    /// <summary>
    /// The paper's diagonal Newton method (Becker and LeCun, 1988): a step is divided by a running mean of the second derivative.
    /// </summary>
    public static Optimizer Newton => Of<Newton>();

    /// <summary>Muon (Jordan et al., 2024): a weight matrix moves by its momentum made orthogonal, what is no matrix by AdamW.</summary>
    public static Optimizer Muon => Of<Muon>();

    /// <summary>Schedule-free AdamW (Defazio et al., 2024): evaluations take an average, where others let the learning rate fall.</summary>
    public static Optimizer ScheduleFreeAdamW => Of<ScheduleFreeAdamW>();

    /// <summary>
    /// Lion (Chen et al., 2023): each parameter moves by the learning rate, along the sign of a mean of gradient and momentum.
    /// </summary>
    public static Optimizer Lion => Of<Lion>();

    /// <summary>What configurations call it.</summary>
    public string Name { get; }

    /// <summary>What options that say nothing of it mean.</summary>
    internal OptimizerDefaults Defaults { get; }

    /// <summary>Whether a step needs the loss's second derivatives.</summary>
    internal bool UsesCurvature => OwnKind().UsesCurvature;

    /// <summary>Whether a step moves weight matrices as a whole.</summary>
    internal bool UsesMatrices => OwnKind().UsesMatrices;

    /// <summary>Whether evaluations and saved models take an average, see <see cref="IUpdateRule.EvaluatesAverage"/>.</summary>
    internal bool EvaluatesAverage => OwnKind().EvaluatesAverage;

    /// <summary>Why weight normalization does not go with it; null if it does.</summary>
    internal string? UnsupportedByNormalization =>
        UsesCurvature ? "there are no second derivatives by their lengths and directions"
        : UsesMatrices ? "it moves whole weight matrices, not their lengths and directions"
        : EvaluatesAverage ? "the average of lengths and directions is not that of weights"
        : null;

    /// <summary>The value that stands for a type.</summary>
    /// <typeparam name="TOptimizer">The optimizer.</typeparam>
    internal static Optimizer Of<TOptimizer>()
        where TOptimizer : struct, IOptimizer => Holder<TOptimizer>.Value;

    /// <summary>Turns the value into its rule, as a type argument.</summary>
    /// <param name="visitor">What is given the rule.</param>
    /// <exception cref="NotSupportedException">The optimizer is not among <see cref="All"/>.</exception>
    internal void Accept<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IOptimizerVisitor, allows ref struct
    {
        Selection<TVisitor> selection = new(this, visitor);
        Every(ref selection);
        visitor = selection.Visitor;
        if (!selection.IsFound)
        {
            throw new NotSupportedException($"There is no optimizer '{Name}'.");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal OptimizerConstants Constants(OptimizerOptions options, double learningRate, int step) =>
        _constants(options, learningRate, step);

    // The registry: a line per optimizer, from which come the list of them and the way from a value to its rule.
    private static void Every<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IEach, allows ref struct
    {
        visitor.Visit<Sgd>();
        visitor.Visit<Adam>();
        visitor.Visit<AdamW>();
        visitor.Visit<Newton>();
        visitor.Visit<Muon>();
        visitor.Visit<ScheduleFreeAdamW>();
        visitor.Visit<Lion>();
    }

    private Kind OwnKind()
    {
        Kind kind = default;
        Accept(ref kind);
        return kind;
    }

    private static ReadOnlyCollection<Optimizer> Listed()
    {
        Listing listing = new([]);
        Every(ref listing);
        return listing.Optimizers.AsReadOnly();
    }

    private interface IEach
    {
        void Visit<TOptimizer>()
            where TOptimizer : struct, IOptimizer;
    }

    private static class Holder<TOptimizer>
        where TOptimizer : struct, IOptimizer
    {
        public static readonly Optimizer Value = new(TOptimizer.Name, TOptimizer.Defaults, TOptimizer.Constants);
    }

    private readonly struct Listing(List<Optimizer> optimizers) : IEach
    {
        public List<Optimizer> Optimizers { get; } = optimizers;

        public void Visit<TOptimizer>()
            where TOptimizer : struct, IOptimizer => Optimizers.Add(Of<TOptimizer>());
    }

    private struct Kind : IOptimizerVisitor
    {
        internal bool UsesCurvature { get; private set; }

        internal bool UsesMatrices { get; private set; }

        internal bool EvaluatesAverage { get; private set; }

        public void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule => EvaluatesAverage = TRule.EvaluatesAverage;

        public void VisitCurvature<TRule>()
            where TRule : struct, ICurvatureRule => UsesCurvature = true;

        public void VisitMatrix<TRule, TVectors>()
            where TRule : struct, IMatrixRule
            where TVectors : struct, IUpdateRule => UsesMatrices = true;
    }

    private ref struct Selection<TVisitor>(Optimizer wanted, TVisitor visitor) : IEach
        where TVisitor : struct, IOptimizerVisitor, allows ref struct
    {
        public TVisitor Visitor = visitor;

        public bool IsFound { get; private set; }

        public void Visit<TOptimizer>()
            where TOptimizer : struct, IOptimizer
        {
            if (wanted == Of<TOptimizer>())
            {
                IsFound = true;
                TOptimizer.Accept(ref Visitor);
            }
        }
    }
}
