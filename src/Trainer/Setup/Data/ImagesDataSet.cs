using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>Anyone's pictures of digits: a folder per digit, or names that begin or end with it.</summary>
internal sealed class ImagesDataSet : OwnDataSet
{
    /// <inheritdoc/>
    public override string Name => "images";

    /// <inheritdoc/>
    public override string Description => "your own pictures of digits, a folder per digit or a digit in each name";

    /// <inheritdoc/>
    internal override string Advice => "Name the folder of such pictures with --data, and --dataset images: docs/data.md.";

    /// <inheritdoc/>
    public override LoadedData Load(DataRequest request, DataFolder folder, Action<string> say, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(say);
        (string trainFolder, string? testFolder) = Find(request, folder);
        PictureSplit train = PictureSplit.Of(trainFolder);
        PictureSplit? test = testFolder is null ? null : PictureSplit.Of(testFolder);
        foreach (string note in new[] { trainFolder, testFolder }.OfType<string>().Select(PictureFolder.PassedOver)
            .Append(PictureFolder.Beside(trainFolder, testFolder)).OfType<string>())
        {
            say($"note: {note}");
        }

        string trainSha256 = Sha256(train.Contents());
        RequireSame(request.Files?.TrainSha256, trainSha256, train.Folder);
        string? testSha256 = test is null || request.Validation > 0 ? null : Sha256(test.Contents());
        if (testSha256 is not null)
        {
            RequireSame(request.Files?.TestSha256, testSha256, test!.Folder);
        }

        OwnChoice choice = OwnDigits.Choose(request, train.Pictures.Count, test?.Pictures.Count, trainFolder, say);
        SayWhatIsMissing(train.Pictures.Select(picture => picture.Digit), trainFolder, say);
        cancellation.ThrowIfCancellationRequested();
        return new LoadedData(
            this,
            trainFolder,
            train.Reduce(choice.Train, say),
            (choice.IsOfTrain ? train : test!).Reduce(choice.Test, say),
            IsValidation: request.Validation > 0)
        {
            Files = new DataFiles
            {
                TrainImages = trainFolder,
                TestImages = testFolder,
                TrainSha256 = trainSha256,
                TestSha256 = testSha256 ?? request.Files?.TestSha256,
            },
        };
    }

    /// <inheritdoc/>
    internal override bool IsAt(DataRequest request, DataFolder folder) => Folders(request, folder).Any(PictureFolder.IsLikely);

    /// <inheritdoc/>
    internal override IReadOnlyList<DataFileReport> Inspect(DataRequest request, DataFolder folder)
    {
        (string train, string? test) = Find(request, folder);
        return [.. new[] { train, test }.OfType<string>().Select(Report)];

        static DataFileReport Report(string path)
        {
            try
            {
                PictureSplit split = PictureSplit.Of(path);
                long bytes = split.Pictures.Sum(picture => new FileInfo(picture.Path).Length);
                return new DataFileReport(
                    $"{split.Pictures.Count:N0} pictures", path, bytes, Sha256(split.Contents()), DataFileReport.Good);
            }
            catch (BadInputException failure)
            {
                return new DataFileReport("pictures", path, null, null, failure.Message);
            }
        }
    }

    private (string Train, string? Test) Find(DataRequest request, DataFolder folder)
    {
        string found = FolderOf(request, folder) ?? throw NothingFound(
            request,
            folder,
            "pictures in folders called 0 to 9, or with digits in their names,",
            place => IdxFolder.Find(place, prefix: null).Count > 0 ? DataSets.Idx : null);
        if (found != request.Files?.TrainImages)
        {
            return PictureFolder.Splits(found);
        }

        foreach (string named in new[] { found, request.Files.TestImages }.OfType<string>())
        {
            if (!Directory.Exists(named))
            {
                throw new BadInputException($"There is no folder {named}, which \"data\" names. Name where the pictures are, or give --data.");
            }
        }

        return (found, request.Files.TestImages);
    }

    private string? FolderOf(DataRequest request, DataFolder folder) =>
        Folders(request, folder).FirstOrDefault(PictureFolder.IsLikely)
        ?? Folders(request, folder).FirstOrDefault(PictureFolder.HasPictures)
        ?? request.Files?.TrainImages;
}
