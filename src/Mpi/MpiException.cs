namespace GpuConvnet.Mpi;

/// <summary>MPI cannot be used as this program was started; the message says why, and what to do.</summary>
public sealed class MpiException : Exception
{
    /// <summary>Creates one.</summary>
    public MpiException()
    {
    }

    /// <inheritdoc cref="MpiException()"/>
    /// <param name="message">What is wrong, and what to do.</param>
    public MpiException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="MpiException()"/>
    /// <param name="message">What is wrong, and what to do.</param>
    /// <param name="innerException">What was met.</param>
    public MpiException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
