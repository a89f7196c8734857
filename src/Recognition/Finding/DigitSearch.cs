namespace GpuConvnet.Recognition.Finding;

/// <summary>What came of looking for a digit.</summary>
/// <param name="Digit">The digit; null where there is none.</param>
/// <param name="Instead">What was seen instead of a digit; null where there is one.</param>
internal sealed record DigitSearch(FoundDigit? Digit, string? Instead);
