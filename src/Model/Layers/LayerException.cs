namespace GpuConvnet.Model.Layers;

/// <summary>A layer does not fit what comes before it, or a size of it cannot be.</summary>
public sealed class LayerException : ArgumentException
{
    /// <summary>Creates the exception.</summary>
    public LayerException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was expected, and what was found.</param>
    public LayerException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was expected, and what was found.</param>
    /// <param name="innerException">What it comes from.</param>
    public LayerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Throws unless something holds.</summary>
    /// <param name="isSo">Whether it holds.</param>
    /// <param name="otherwise">What was expected, and what was found.</param>
    internal static void Require(bool isSo, FormattableString otherwise)
    {
        if (!isSo)
        {
            throw new LayerException(FormattableString.Invariant(otherwise));
        }
    }
}
