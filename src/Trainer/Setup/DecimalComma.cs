using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuConvnet.Trainer.Setup;

/// <summary>Numbers as many languages write them, <c>0,03</c>, which are none here: a comma stands between values.</summary>
internal static partial class DecimalComma
{
    /// <summary>A sentence for whoever wrote such a number, with a space before it; empty for other texts.</summary>
    /// <param name="text">What was written.</param>
    public static string Advice(string text) =>
        Written().IsMatch(text)
            ? string.Create(CultureInfo.InvariantCulture, $" Write a decimal point: {text.Replace(',', '.')}.")
            : "";

    [GeneratedRegex(@"^\s*[-+]?\d+,\d+([eE][-+]?\d+)?\s*$")]
    private static partial Regex Written();
}
