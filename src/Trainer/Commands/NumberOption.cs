using System.CommandLine;
using System.Globalization;

namespace GpuConvnet.Trainer.Commands;

/// <summary>Options that take a whole number of a range, and say so when they are given something else.</summary>
internal static class NumberOption
{
    /// <summary>An option; its value is null when it is not given.</summary>
    /// <param name="name">With its two hyphens.</param>
    /// <param name="least">The least number.</param>
    /// <param name="most">The greatest number.</param>
    /// <param name="description">For the help.</param>
    public static Option<long?> Create(string name, long least, long most, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                && number >= least && number <= most)
            {
                return number;
            }

            result.AddError(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} takes a whole number from {least} to {most}, not '{text}'."));
            return null;
        },
    };
}
