namespace GpuConvnet.Recognition.Numbers;

/// <summary>A line of digits.</summary>
/// <param name="Digits">From left to right.</param>
internal sealed record NumberLine(IReadOnlyList<NumberDigit> Digits)
{
    /// <summary>The number, as it is written: zeros in front stay.</summary>
    public string Text => string.Concat(Digits.Select(digit => (char)('0' + digit.Prediction.Digit)));

    /// <summary>How probable it is that all of it is right: the digits' confidences, multiplied.</summary>
    public double Confidence => Digits.Aggregate(1.0, (all, digit) => all * digit.Confidence);
}
