using System.CommandLine;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Commands;

/// <summary>The option <c>--batch</c>, which says what it takes when it is given something else.</summary>
internal static class BatchOption
{
    /// <summary>An option; its value is null when it is not given.</summary>
    /// <param name="description">For the help.</param>
    public static Option<BatchSize?> Create(string description) => new("--batch")
    {
        Description = description,
        HelpName = "full|N",
        CompletionSources = { BatchSize.FullName },
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            if (BatchSize.TryParse(text, out BatchSize batch))
            {
                return batch;
            }

            result.AddError($"--batch takes full or a positive whole number, not '{text}'.");
            return null;
        },
    };
}
