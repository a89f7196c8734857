namespace GpuConvnet.Recognition.Images;

/// <summary>A picture cannot be read. Its message says which one, what was found and what is read instead.</summary>
public sealed class ImageException : Exception
{
    /// <summary>Creates the exception with its whole message.</summary>
    /// <param name="message">Which picture, what was found, and the next step.</param>
    /// <param name="cause">The failure underneath, if there is one.</param>
    public ImageException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
