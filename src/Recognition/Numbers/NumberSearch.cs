namespace GpuConvnet.Recognition.Numbers;

/// <summary>What came of looking for numbers.</summary>
/// <param name="Lines">The lines of digits, from the top; none where there is no number.</param>
/// <param name="Instead">What was seen instead of a number; null where there is one.</param>
internal sealed record NumberSearch(IReadOnlyList<NumberLine> Lines, string? Instead);
