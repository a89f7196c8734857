using System.CommandLine;
using GpuConvnet.Model.Losses;
using GpuConvnet.Recognition;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>--reject-below</c>: the margin that a digit needs not to be rejected.</summary>
/// <param name="description">For the help.</param>
internal sealed class RejectBelowOption(string description)
{
    private const string Name = "--reject-below";

    /// <summary>The option; its value is null when it is not given.</summary>
    public Option<double?> Option { get; } = RealOption.Create(Name, "MARGIN", double.PositiveInfinity, description);

    /// <summary>The margin; null when it was not given.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="loss">What the network was trained to minimise.</param>
    /// <exception cref="BadInputException">No digit can have such a margin.</exception>
    public double? Of(ParseResult arguments, Loss loss) =>
        arguments.GetValue(Option) is { } margin && margin > 1 && Confidence.IsProbability(loss)
            ? throw new BadInputException(FormattableString.Invariant(
                $"{Name} {margin} would reject every digit: of a network that was trained by cross entropy the margin is a ")
                + "difference of probabilities, from 0 to 1. 'trainer eval MODEL --reject' shows what a threshold does.")
            : arguments.GetValue(Option);
}
