namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>A fault of a JSON document at a known place; whoever knows the file's name completes the message.</summary>
internal sealed class JsonFaultException(string path, int line, string problem) : Exception(problem)
{
    /// <summary>The JSON path, such as <c>$.optimizer.learningRate</c>.</summary>
    public string Path { get; } = path;

    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;
}
