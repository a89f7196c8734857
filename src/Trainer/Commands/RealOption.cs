using System.CommandLine;
using System.Globalization;
using GpuConvnet.Trainer.Setup;

namespace GpuConvnet.Trainer.Commands;

/// <summary>Options that take a number of a range that need not be whole, and say so when they are given something else.</summary>
internal static class RealOption
{
    /// <summary>An option; its value is null when it is not given.</summary>
    /// <param name="name">With its two hyphens.</param>
    /// <param name="helpName">What the help calls the number.</param>
    /// <param name="most">The greatest number; the least is 0. Infinity for any.</param>
    /// <param name="description">For the help.</param>
    public static Option<double?> Create(string name, string helpName, double most, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                && double.IsFinite(number) && number >= 0 && number <= most)
            {
                return number;
            }

            result.AddError(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} takes a number {(double.IsFinite(most) ? $"from 0 to {most}" : "that is 0 or more")}, not '{text}'.{DecimalComma.Advice(text)}"));
            return null;
        },
    };
}
