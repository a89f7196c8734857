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
    /// <param name="word">A word that may stand for a number, and which; null for none.</param>
    public static Option<long?> Create(
        string name, long least, long most, string description, (string Text, long Number)? word = null)
    {
        string also = word is null ? "" : $" or '{word.Value.Text}'";
        return new(name)
        {
            Description = description,
            HelpName = word is null ? "N" : $"N|{word.Value.Text}",
            CustomParser = result =>
            {
                string text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
                if (word is var (known, stands) && text == known)
                {
                    return stands;
                }

                if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                    && number >= least && number <= most)
                {
                    return number;
                }

                result.AddError(string.Create(
                    CultureInfo.InvariantCulture, $"{name} takes a whole number from {least} to {most}{also}, not '{text}'."));
                return null;
            },
        };
    }
}
