using GpuConvnet.Model;
using GpuConvnet.Recognition;
using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The USPS digits that descend from the paper's own data; nothing downloads them.</summary>
internal sealed class UspsDataSet : DataSet
{
    private const string TrainName = "zip.train";
    private const string TestName = "zip.test";

    /// <summary>What other collections of the same digits call their files; none of them is read.</summary>
    private static readonly (string Name, string What)[] s_others =
    [
        ("usps", "LIBSVM's copy of the training digits"),
        ("usps-t", "LIBSVM's copy of the test digits"),
        ("usps-bz2", "LIBSVM's copy of the training digits, packed with bzip2, as torchvision downloads it"),
        ("usps-t-bz2", "LIBSVM's copy of the test digits, packed with bzip2, as torchvision downloads it"),
        ("usps-h5", "a copy in HDF5"),
        ("usps-all-mat", "11,000 other digits of that source, in MATLAB's format, without the paper's splits"),
        ("usps-resampled-mat", "another division of these digits, in MATLAB's format"),
        ("usps-csv", "a table of such digits"),
    ];

    /// <inheritdoc/>
    public override string Name => "usps";

    /// <inheritdoc/>
    public override string Description => "descendants of the paper's own digits";

    /// <inheritdoc/>
    public override Framing Framing => Framing.Usps;

    /// <inheritdoc/>
    internal override string Advice => "These digits are among the data sets of The Elements of Statistical Learning (zip.train.gz, "
        + "zip.test.gz); put both there.";

    /// <inheritdoc/>
    public override LoadedData Load(DataRequest request, DataFolder folder, Action<string> say, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(folder);
        RequireEnough(request, UspsFile.TrainCount, UspsFile.TestCount);
        if (request.Validation > 0)
        {
            (string path, Examples both) = Read(TrainName, request.Train + request.Validation);
            int pixels = request.Train * Shape1989.InputUnits;
            return new LoadedData(
                this,
                Path.GetDirectoryName(path)!,
                new Examples(both.Pixels[..pixels], both.Labels[..request.Train]),
                new Examples(both.Pixels[pixels..], both.Labels[request.Train..]),
                IsValidation: true);
        }

        (string trainPath, Examples train) = Read(TrainName, request.Train);
        return new LoadedData(this, Path.GetDirectoryName(trainPath)!, train, Read(TestName, request.Test).Examples);

        (string Path, Examples Examples) Read(string name, int count)
        {
            string[] paths = [.. Candidates(folder, name)];
            return paths.Length > 0
                ? FileChoice.Read(paths, path => UspsFile.Read(path, count, say), say)
                : throw new BadInputException(
                    $"{Path.Combine(folder.Usps, name)} is missing, plain and as .gz ({folder.Reason}). {Others(folder)}The USPS digits, "
                    + "zip.train and zip.test, are among the data sets of The Elements of Statistical Learning; put both there.");
        }
    }

    /// <summary>Whether both files are there; not whether they are good.</summary>
    internal static bool IsAtHand(DataFolder folder) =>
        new[] { TrainName, TestName }.All(name => Candidates(folder, name).Any());

    /// <summary>Whether one of the files is there; not whether it is good.</summary>
    internal static bool IsPartlyAtHand(DataFolder folder) =>
        new[] { TrainName, TestName }.Any(name => Candidates(folder, name).Any());

    /// <inheritdoc/>
    internal override IReadOnlyList<DataFileReport> Inspect(DataRequest request, DataFolder folder) =>
    [
        .. new[] { (Name: TrainName, Count: request.Train), (Name: TestName, Count: request.Test) }.Select(file => DataFileReport.Of(
            file.Name, Candidates(folder, file.Name), UspsFile.Remedy, (_, path) => Damage(path, file.Count))),
    ];

    /// <inheritdoc/>
    internal override string AdviceFor(DataFolder folder) => Others(folder) + Advice;

    /// <summary>The files that may be meant by a name, a table (.csv) under it the last: its content says whether it is one.</summary>
    private static IEnumerable<string> Candidates(DataFolder folder, string name) =>
        folder.Candidates(folder.Usps, name).Concat(folder.Candidates(folder.Usps, name + ".csv"));

    private static string? Damage(string path, int count)
    {
        try
        {
            UspsFile.Read(path, count);
            return null;
        }
        catch (BadInputException failure)
        {
            return failure.Message;
        }
    }

    /// <summary>Names the files of other collections that are there, and what can be done with them.</summary>
    private static string Others(DataFolder folder)
    {
        string[] found =
        [
            .. new[] { folder.Usps, folder.FullPath }.SelectMany(FolderListing.Files)
                .Join(s_others, path => FileNames.Plain(Path.GetFileName(path)), other => other.Name, (path, other) => $"{path} is {other.What}"),
        ];
        return found.Length == 0 ? "" : $"{string.Join("; ", found)}: docs/data.md has the lines that make zip.train and zip.test of such files. ";
    }
}
