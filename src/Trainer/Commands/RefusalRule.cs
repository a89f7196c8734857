using GpuConvnet.Recognition;

namespace GpuConvnet.Trainer.Commands;

/// <summary>Which answers <c>trainer predict</c> refuses.</summary>
/// <param name="Below">Those of a smaller margin; null for none.</param>
/// <param name="Dissent">Those that so many members of an ensemble, or more, would answer otherwise; null for none.</param>
internal sealed record RefusalRule(double? Below, int? Dissent)
{
    /// <summary>Whether anything is refused at all.</summary>
    public bool IsAny => Below is not null || Dissent is not null;

    /// <summary>Whether an answer is refused.</summary>
    /// <param name="prediction">The answer.</param>
    public bool Refuses(Prediction prediction) =>

        // What is no number is no confidence either.
        (Below is { } least && !(prediction.Margin >= least)) || (Dissent is { } most && prediction.Dissent >= most);
}
