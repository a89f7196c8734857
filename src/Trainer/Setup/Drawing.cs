namespace GpuConvnet.Trainer.Setup;

/// <summary>
/// Pictures and pages, which a library of the platform's draws: it may be missing, or fail in ways of its own. What they show is
/// saved without them.
/// </summary>
internal static class Drawing
{
    /// <summary>Draws and writes something that results do not depend on.</summary>
    /// <param name="draw">Draws and writes it.</param>
    /// <returns>Why there is none, in a sentence; null if there is.</returns>
    public static string? Attempt(Action draw)
    {
        try
        {
            draw();
            return null;
        }
#pragma warning disable CA1031 // Whatever goes wrong with a picture, the results beside it are right; the sentence says what did.
        catch (Exception failure) when (failure is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return MissingLibrary(failure) ?? failure switch
            {
                BadInputException or RunFailedException => failure.Message,
                _ => $"{failure.Message.ReplaceLineEndings(" ").TrimEnd('.')} ({failure.GetType().Name}).",
            };
        }
    }

    /// <summary>What a failure says of a library that cannot be loaded; null for a failure of another kind.</summary>
    public static string? MissingLibrary(Exception failure)
    {
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is DllNotFoundException)
            {
                string[] words = cause.Message.Split('\'');
                return $"The library {(words.Length > 1 ? words[1] : "that draws")} cannot be loaded, without which no picture is drawn: "
                    + "it comes with the program, in runtimes/, for the platforms that the program was packed for.";
            }
        }

        return null;
    }
}
