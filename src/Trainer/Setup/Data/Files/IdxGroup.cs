namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>A set of idx files that belong together; of each the files that may be meant, the likeliest first.</summary>
/// <param name="Folder">Where they lie.</param>
/// <param name="Prefix">What their names begin with, before the split; often nothing.</param>
internal sealed record IdxGroup(string Folder, string Prefix)
{
    /// <summary>The training images, or all images where there is one split.</summary>
    public List<string> TrainImages { get; init; } = [];

    /// <summary>Their labels.</summary>
    public List<string> TrainLabels { get; init; } = [];

    /// <summary>The test images; none where there is one split.</summary>
    public List<string> TestImages { get; init; } = [];

    /// <summary>Their labels.</summary>
    public List<string> TestLabels { get; init; } = [];

    /// <summary>Whether its names are those of EMNIST, whose images have rows and columns changed.</summary>
    public bool IsEmnist => TrainImages.Concat([Folder]).Any(path => Path.GetFileName(path).StartsWith("emnist", StringComparison.OrdinalIgnoreCase));

    /// <summary>What errors call it.</summary>
    public string Name => Prefix.Length == 0 ? Folder : Path.Combine(Folder, Prefix + "-...");

    /// <summary>What is missing of it; empty if it can be trained on.</summary>
    public IEnumerable<string> Missing =>
    [
        .. TrainImages.Count == 0 ? ["training images"] : Array.Empty<string>(),
        .. TrainLabels.Count == 0 ? ["training labels"] : Array.Empty<string>(),
        .. TestImages.Count == 0 && TestLabels.Count > 0 ? ["test images"] : Array.Empty<string>(),
        .. TestLabels.Count == 0 && TestImages.Count > 0 ? ["test labels"] : Array.Empty<string>(),
    ];
}
