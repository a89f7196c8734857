using System.Net;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>Where the page of a training is wanted.</summary>
/// <param name="Port">The port, or the first that is free after it; 0 for any.</param>
/// <param name="Address">The address of this machine that it is reached by.</param>
internal sealed record LiveRequest(int Port, IPAddress Address)
{
    /// <summary>The port where none is named: the article's year.</summary>
    public const int DefaultPort = 1989;
}
