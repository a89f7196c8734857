using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;

namespace GpuConvnet.Model.Network;

/// <summary>What may vary in a network of the 1989 one's family.</summary>
/// <param name="Hidden">The activation of H1, H2 and H3.</param>
/// <param name="Output">The activation of the outputs.</param>
/// <param name="Loss">What training minimises.</param>
public sealed record NetworkOptions(Activation Hidden, Activation Output, Loss Loss)
{
    /// <summary>The article's base network: tanh everywhere, squared error.</summary>
    public static NetworkOptions Base1989 { get; } =
        new(Activation.Of<Tanh>(), Activation.Of<Tanh>(), Loss.Of<SquaredError>());

    /// <summary>The sizes of its layers. What is fast is cut for those of 1989, and refuses others.</summary>
    public NetworkShape Shape { get; init; } = NetworkShape.Zip1989;

    /// <summary>How far the initial weights spread.</summary>
    public InitialWeights InitialWeights { get; init; } = InitialWeights.Article;

    /// <summary>Which maps of H1 each map of H2 reads.</summary>
    public H2Connections Connections { get; init; } = H2Connections.Article;

    /// <summary>
    /// Whether training moves the length and the direction of each weight vector apart from each other. The passes know
    /// nothing of it, and parameters go in and come out as ever; batch trainers' steps do it.
    /// </summary>
    public bool WeightNormalization { get; init; }

    /// <summary>The share of cross entropy's target that training spreads over all outputs, in [0, 1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>How much training is towards a teacher's outputs beside the labels; null for labels alone.</summary>
    internal Distillation? Distillation { get; init; }

    /// <summary>Turns activations and loss into type arguments: the one place where it is done.</summary>
    /// <param name="visitor">What is given the types, and keeps what it makes of them.</param>
    /// <exception cref="NotSupportedException">There is no such combination.</exception>
    internal void Accept<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, INetworkVisitor
    {
        HiddenChoice<TVisitor> choice = new(this, visitor);
        Hidden.Accept(ref choice);
        visitor = choice.Visitor;
    }

    // Each choice asks for what is constant for its types, so that no code is made of a combination that cannot be.
    private struct HiddenChoice<TVisitor>(NetworkOptions options, TVisitor visitor) : IActivationVisitor
        where TVisitor : struct, INetworkVisitor
    {
        public TVisitor Visitor = visitor;

        public void Visit<THidden>()
            where THidden : struct, IActivation
        {
            if (!THidden.IsHidden)
            {
                throw new NotSupportedException($"There is no hidden activation '{options.Hidden}'.");
            }

            OutputChoice<TVisitor, THidden> choice = new(options, Visitor);
            options.Output.Accept(ref choice);
            Visitor = choice.Visitor;
        }
    }

    private struct OutputChoice<TVisitor, THidden>(NetworkOptions options, TVisitor visitor) : IActivationVisitor
        where TVisitor : struct, INetworkVisitor
        where THidden : struct, IActivation
    {
        public TVisitor Visitor = visitor;

        public void Visit<TOutput>()
            where TOutput : struct, IActivation
        {
            if (!TOutput.IsOutput)
            {
                throw new NotSupportedException($"There is no output activation '{options.Output}'.");
            }

            LossChoice<TVisitor, THidden, TOutput> choice = new(options, Visitor);
            options.Loss.Accept(ref choice);
            Visitor = choice.Visitor;
        }
    }

    private struct LossChoice<TVisitor, THidden, TOutput>(NetworkOptions options, TVisitor visitor) : ILossVisitor
        where TVisitor : struct, INetworkVisitor
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
    {
        public TVisitor Visitor = visitor;

        public void Visit<TLoss>()
            where TLoss : struct, ILoss
        {
            if (TLoss.NeedsLinearOutput && typeof(TOutput) != typeof(Linear))
            {
                throw new NotSupportedException(
                    $"The loss '{options.Loss}' does not go with the output '{options.Output}': cross entropy takes "
                    + "logits, so its output must be linear.");
            }

            Visitor.Visit<THidden, TOutput, TLoss>();
        }
    }
}
