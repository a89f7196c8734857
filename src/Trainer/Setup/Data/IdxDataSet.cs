using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>Anyone's digits in MNIST's format, of any size and number: Fashion-MNIST, KMNIST, QMNIST, EMNIST's digits, one's own.</summary>
internal sealed class IdxDataSet : OwnDataSet
{
    /// <inheritdoc/>
    public override string Name => "idx";

    /// <inheritdoc/>
    public override string Description => "your own digits in MNIST's format, such as Fashion-MNIST, EMNIST";

    /// <inheritdoc/>
    internal override string Advice => "Name the folder of such files with --data, and --dataset idx: docs/data.md.";

    /// <inheritdoc/>
    public override LoadedData Load(DataRequest request, DataFolder folder, Action<string> say, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(say);
        IdxGroup group = Find(request, folder);
        IdxSplit train = IdxSplit.Read(group.TrainImages, group.TrainLabels, say);

        // Where digits of the training split are tested on, the test split is not even read.
        IdxSplit? test = group.TestImages.Count == 0 || request.Validation > 0
            ? null
            : IdxSplit.Read(group.TestImages, group.TestLabels, say);
        if (test is not null && (test.Images.Rows, test.Images.Columns) != (train.Images.Rows, train.Images.Columns))
        {
            throw new BadInputException(
                $"{train.ImagesPath} has images of {train.Images.Rows}x{train.Images.Columns}, and {test.ImagesPath} of "
                + $"{test.Images.Rows}x{test.Images.Columns}: they are of two sets, or one was saved in another shape. Put the test images there "
                + "that belong to the training images.");
        }

        string trainSha256 = ShaOf(train);
        string? testSha256 = test is null ? null : ShaOf(test);
        RequireSame(request.Files?.TrainSha256, trainSha256, train.ImagesPath);
        if (test is not null)
        {
            RequireSame(request.Files?.TestSha256, testSha256!, test.ImagesPath);
        }

        bool isTransposed = request.Files?.Transpose ?? group.IsEmnist;
        if (isTransposed && request.Files?.Transpose is null)
        {
            say($"note: {train.ImagesPath} is EMNIST's by its name, whose images have rows and columns changed: changed back");
        }

        // Of a test split that is not read the header still says how many there are, which the choice of digits depends on.
        int? testCount = group.TestImages.Count == 0 ? null
            : test?.Images.Count ?? IdxFile.Described(PackedFile.Beginning(group.TestImages[0]))?.Count ?? 0;
        OwnChoice choice = OwnDigits.Choose(request, train.Images.Count, testCount, train.ImagesPath, say);
        SayWhatIsMissing(train.Labels.ToArray(), train.LabelsPath, say);
        return new LoadedData(
            this,
            group.Folder,
            train.Reduce(choice.Train, isTransposed),
            (choice.IsOfTrain ? train : test!).Reduce(choice.Test, isTransposed),
            IsValidation: request.Validation > 0)
        {
            Files = new DataFiles
            {
                TrainImages = train.ImagesPath,
                TrainLabels = train.LabelsPath,
                TestImages = test?.ImagesPath ?? group.TestImages.FirstOrDefault(),
                TestLabels = test?.LabelsPath ?? group.TestLabels.FirstOrDefault(),
                Transpose = isTransposed,
                TrainSha256 = trainSha256,
                TestSha256 = testSha256 ?? request.Files?.TestSha256,
            },
        };
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<DataFileReport> Inspect(DataRequest request, DataFolder folder)
    {
        IdxGroup group = Find(request, folder);
        return
        [
            .. Reports(group.TrainImages, isLabels: false), .. Reports(group.TrainLabels, isLabels: true),
            .. Reports(group.TestImages, isLabels: false), .. Reports(group.TestLabels, isLabels: true),
        ];

        static IEnumerable<DataFileReport> Reports(IReadOnlyList<string> paths, bool isLabels) => paths.Count == 0
            ? []
            : [DataFileReport.Of(Path.GetFileName(paths[0]), paths, IdxSplit.Remedy, (content, path) => Damage(content, path, isLabels))];
    }

    /// <inheritdoc/>
    internal override bool IsAt(DataRequest request, DataFolder folder) => Groups(request, folder).Count > 0;

    private static string? Damage(byte[] content, string path, bool isLabels)
    {
        try
        {
            _ = isLabels ? (object)IdxLabels.Of(content, path, IdxSplit.Remedy) : IdxImages.Of(content, path, IdxSplit.Remedy);
            return null;
        }
        catch (BadInputException failure)
        {
            return failure.Message;
        }
    }

    private static string ShaOf(IdxSplit split) => Sha256(split.Images.Pixels, split.Labels);

    private IdxGroup Find(DataRequest request, DataFolder folder)
    {
        IReadOnlyList<IdxGroup> groups = Groups(request, folder);
        if (groups.Count == 0)
        {
            throw NothingFound(
                request,
                folder,
                "idx files, such as train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz,",
                place => PictureFolder.HasPictures(place) ? DataSets.Images : null);
        }

        if (groups.Count > 1)
        {
            // What cannot be trained on, such as a test split by itself, is not proposed.
            IdxGroup? other = groups.Where(group => !group.Missing.Any()).MaxBy(group => group.Prefix.Length > 0);
            string several = $"There are several sets of idx files: {string.Join(", ", groups.Select(group => group.Name))}. ";
            throw new BadInputException(other is null
                ? several + "None is whole by its names. Name the files one by one in a configuration's \"data\" (docs/data.md)."
                : several + "Say which: --data "
                + $"{Path.Combine(other.Folder, other.Prefix)}, or in a configuration \"data\": {{ \"folder\": \"{other.Folder}\""
                + (other.Prefix.Length == 0 ? "" : $", \"prefix\": \"{other.Prefix}\"") + " } (docs/data.md).");
        }

        return groups[0].Missing.FirstOrDefault() is { } missing
            ? throw new BadInputException(
                $"Of the idx files {groups[0].Name} the {missing} are missing: "
                + $"{string.Join(", ", Present(groups[0]).Select(Path.GetFileName))} are there. Put them there, or name the files "
                + "one by one in a configuration's \"data\" (docs/data.md).")
            : groups[0];
    }

    private static IEnumerable<string> Present(IdxGroup group) =>
        [.. group.TrainImages, .. group.TrainLabels, .. group.TestImages, .. group.TestLabels];

    private IReadOnlyList<IdxGroup> Groups(DataRequest request, DataFolder folder)
    {
        foreach (string place in Folders(request, folder).Distinct().Where(Directory.Exists))
        {
            IReadOnlyList<IdxGroup> groups = IdxFolder.Find(place, Prefix(place), DataSets.Mnist.Name, DataSets.Usps.Name);
            if (groups.Count > 0)
            {
                return groups;
            }
        }

        if (request.Files is { TrainImages: { } images } files)
        {
            return
            [
                new IdxGroup(Path.GetDirectoryName(images)!, "")
                {
                    TrainImages = [images],
                    TrainLabels = [.. new[] { files.TrainLabels }.OfType<string>()],
                    TestImages = [.. new[] { files.TestImages }.OfType<string>()],
                    TestLabels = [.. new[] { files.TestLabels }.OfType<string>()],
                },
            ];
        }

        // Files that are called as MNIST's, and lie where MNIST's would, are one's own to who says so.
        return folder.IsOption ? IdxFolder.Find(folder.FullPath, folder.Prefix ?? request.Files?.Prefix) : [];

        string? Prefix(string place) => (place == folder.FullPath ? folder.Prefix : null) ?? request.Files?.Prefix;
    }
}
