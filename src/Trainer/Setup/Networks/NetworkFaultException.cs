namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>A network's description cannot be used; whoever knows the file's name and lines completes the message.</summary>
internal sealed class NetworkFaultException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The JSON path of the value to change, such as <c>$.network.layers[3]</c>.</param>
    /// <param name="problem">What was expected, and what was found.</param>
    /// <param name="cause">The failure underneath, if any.</param>
    public NetworkFaultException(string path, string problem, Exception? cause = null)
        : base(problem, cause) => Path = path;

    /// <summary>The JSON path of the value to change.</summary>
    public string Path { get; }
}
