using System.CommandLine;
using System.CommandLine.Parsing;
using GpuConvnet.Trainer.Setup;

namespace GpuConvnet.Trainer.Commands;

/// <summary>Options and arguments that take one of a few words, and say so on one line when they are given another.</summary>
internal static class WordOption
{
    /// <summary>Restricts an option to words; completion knows them.</summary>
    /// <typeparam name="T">What the option's value is.</typeparam>
    /// <param name="option">The option.</param>
    /// <param name="words">The words, in the order in which they are listed to a user.</param>
    /// <returns>The option.</returns>
    public static Option<T> OneOf<T>(this Option<T> option, params string[] words)
    {
        option.Validators.Add(result => Validate(result, option.Name, words));
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>Restricts an argument to words; completion knows them.</summary>
    /// <typeparam name="T">What the argument's value is.</typeparam>
    /// <param name="argument">The argument.</param>
    /// <param name="words">The words, in the order in which they are listed to a user.</param>
    /// <returns>The argument.</returns>
    public static Argument<T> OneOf<T>(this Argument<T> argument, params string[] words)
    {
        argument.Validators.Add(result => Validate(result, argument.Name, words));
        argument.CompletionSources.Add(words);
        return argument;
    }

    private static void Validate(SymbolResult result, string name, string[] words)
    {
        if (result.Tokens.Select(token => token.Value).FirstOrDefault(word => !words.Contains(word)) is { } stranger)
        {
            // Short words are all near each other: who asks for a gpu does not mean the cpu.
            string suggestion = Suggestion.For(stranger, words.Where(word => word.Length > 3));
            result.AddError(
                $"{name} takes {string.Join(", ", words[..^1])} or {words[^1]}, not '{Excerpt.Of(stranger)}'"
                + (suggestion.Length == 0 ? "." : suggestion));
        }
    }
}
