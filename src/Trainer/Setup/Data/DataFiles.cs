using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>
/// Where a data set of the user's own lies, the key <c>data</c> of a configuration: a folder in which its files are found by their
/// names, or the files (of pictures the folders) one by one. Paths are relative to the configuration's folder.
/// </summary>
/// <remarks>Setters, as <see cref="Configuration.ExperimentConfiguration"/> has them, and for the same reason.</remarks>
internal sealed record DataFiles
{
    /// <summary>The folder in which the files are found by their names.</summary>
    public string? Folder { get; set; }

    /// <summary>Of idx files in a folder with several sets what the names of the wanted one begin with, such as emnist-digits.</summary>
    public string? Prefix { get; set; }

    /// <summary>The training images: an idx file, or a folder of pictures.</summary>
    public string? TrainImages { get; set; }

    /// <summary>The training labels, an idx file.</summary>
    public string? TrainLabels { get; set; }

    /// <summary>The test images; where there are none, test digits are held out of the training images.</summary>
    public string? TestImages { get; set; }

    /// <summary>The test labels, an idx file.</summary>
    public string? TestLabels { get; set; }

    /// <summary>Whether rows and columns change places, as EMNIST needs it; where it is left out, if the names say EMNIST.</summary>
    public bool? Transpose { get; set; }

    /// <summary>The SHA-256 of the training split, which a run writes down, and which is held to it when the run goes on.</summary>
    public string? TrainSha256 { get; set; }

    /// <summary>The SHA-256 of the test split, likewise.</summary>
    public string? TestSha256 { get; set; }

    /// <summary>What the folder of the training images is called; null where nothing says it.</summary>
    [JsonIgnore]
    internal string? FolderName =>
        Path.GetFileName(Folder ?? (TrainLabels is null ? TrainImages : Path.GetDirectoryName(TrainImages))?.TrimEnd('/', '\\'));

    /// <summary>The same places, whatever lies there.</summary>
    [JsonIgnore]
    internal DataFiles Unchecked => this with { TrainSha256 = null, TestSha256 = null };

    /// <summary>The same with full paths.</summary>
    /// <param name="folder">What relative ones are relative to.</param>
    internal DataFiles LocatedIn(string folder) => this with
    {
        Folder = Located(Folder, folder),
        TrainImages = Located(TrainImages, folder),
        TrainLabels = Located(TrainLabels, folder),
        TestImages = Located(TestImages, folder),
        TestLabels = Located(TestLabels, folder),
    };

    /// <summary>The same digits, wherever they lie: what tells settings apart.</summary>
    [JsonIgnore]
    internal DataFiles Identity => TrainSha256 is null ? this : new DataFiles { TrainSha256 = TrainSha256, TestSha256 = TestSha256 };

    /// <summary>What is wrong with the values, each with the JSON path of the value to change.</summary>
    /// <param name="dataset">The data set that they are for.</param>
    internal IEnumerable<(string Path, string Problem)> Problems(DataSet dataset)
    {
        (string Key, string? Value)[] paths =
        [
            ("folder", Folder), ("prefix", Prefix), ("trainImages", TrainImages), ("trainLabels", TrainLabels),
            ("testImages", TestImages), ("testLabels", TestLabels),
        ];
        foreach ((string key, string? value) in paths)
        {
            if (value is not null && string.IsNullOrWhiteSpace(value))
            {
                yield return ($"$.data.{key}", "expected a path, found an empty text");
            }
        }

        foreach ((string key, string? value) in new[] { ("trainSha256", TrainSha256), ("testSha256", TestSha256) })
        {
            if (value is not null && (value.Length != 64 || !value.All(char.IsAsciiHexDigitLower)))
            {
                yield return ($"$.data.{key}", "expected 64 hexadecimal digits in lower case");
            }
        }

        if (!dataset.IsOwn)
        {
            yield return ("$.data", "is for \"dataset\": \"idx\" and \"images\", one's own digits; of the others --data says where they lie");
        }
        else if (Folder is not null && TrainImages is not null)
        {
            yield return ("$.data.folder", "expected either 'folder' or 'trainImages', found both; remove one");
        }
        else if (TrainImages is null && (TrainLabels ?? TestImages ?? TestLabels) is not null)
        {
            yield return ("$.data", "expected 'trainImages', as other files are named; or 'folder' alone");
        }
        else if (TestImages is null && TestLabels is not null)
        {
            yield return ("$.data", "expected 'testImages', as 'testLabels' are named");
        }
        else if (dataset == DataSets.Images && ((TrainLabels ?? TestLabels ?? Prefix) is not null || Transpose is not null))
        {
            yield return ("$.data", "of \"dataset\": \"images\" the folders and names of the pictures say the digits; remove "
                + "'trainLabels', 'testLabels', 'prefix' and 'transpose'");
        }
        else if (dataset == DataSets.Idx
            && ((TrainImages is not null && TrainLabels is null) || (TestImages is not null && TestLabels is null)))
        {
            yield return ("$.data", "expected 'trainLabels' with 'trainImages', and 'testLabels' with 'testImages'");
        }
    }

    private static string? Located(string? path, string folder) =>
        string.IsNullOrWhiteSpace(path) ? path : Path.GetFullPath(path, folder);
}
