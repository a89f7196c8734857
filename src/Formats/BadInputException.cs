namespace GpuConvnet.Formats;

/// <summary>
/// Something the user gave cannot be used: an argument, a configuration, a data or model file, an output folder.
/// Its message says what was found and where, what was expected and what to do next; the program prints it as it is,
/// without a stack trace, and exits with 2.
/// </summary>
public sealed class BadInputException : Exception
{
    /// <summary>Creates the exception with its whole message.</summary>
    /// <param name="message">What was found, where, what was expected, and the next step.</param>
    public BadInputException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="BadInputException(string)"/>
    /// <param name="message">What was found, where, what was expected, and the next step.</param>
    /// <param name="cause">The failure underneath.</param>
    public BadInputException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
