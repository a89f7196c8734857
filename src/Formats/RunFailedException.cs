namespace GpuConvnet.Formats;

/// <summary>A run that was asked for correctly went wrong; the program prints the message and exits with 1.</summary>
public sealed class RunFailedException : Exception
{
    /// <summary>Creates the exception with its whole message.</summary>
    /// <param name="message">What went wrong, and the next step.</param>
    public RunFailedException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="RunFailedException(string)"/>
    /// <param name="message">What went wrong, and the next step.</param>
    /// <param name="cause">The failure underneath.</param>
    public RunFailedException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>Whether training itself went wrong, as it does with too large a learning rate, and nothing else did.</summary>
    public bool IsDivergence { get; init; }
}
