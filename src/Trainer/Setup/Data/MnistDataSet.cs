using GpuConvnet.Model;
using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>MNIST, reduced to 16x16 as the article does. What is missing of it is downloaded.</summary>
internal sealed class MnistDataSet : DataSet
{
    /// <inheritdoc/>
    public override string Name => "mnist";

    /// <inheritdoc/>
    public override string Description => "reduced to 16x16 as the article does";

    /// <inheritdoc/>
    internal override string Advice => "'trainer data fetch' downloads what is missing; or put the files there, plain or .gz.";

    /// <inheritdoc/>
    public override LoadedData Load(DataRequest request, DataFolder folder, Action<string> say, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(say);
        if (Missing(folder).Length > 0)
        {
            AutoDataSet.RequireMeantForMnist(request, folder, isNamed: true);
            try
            {
                using MnistDownload download = new();
                FetchMissing(download, folder, say, cancellation);
            }
            catch (DownloadFailedException failure)
            {
                throw new BadInputException(
                    $"MNIST is needed, and is not in {folder.Mnist} ({folder.Reason}). "
                    + $"{failure.Message}. Put {string.Join(", ", Missing(folder).Select(file => file.Name))} there, "
                    + "plain or .gz; or take the built-in digits: --dataset builtin, or, in the configuration that a \"from\" names, "
                    + "\"dataset\": \"builtin\".",
                    failure);
            }
        }

        // Both splits are read at once, and each may have something to say.
        Lock one = new();
        Action<string> sayInTurn = line =>
        {
            lock (one)
            {
                say(line);
            }
        };
        RequireEnough(request, MnistFile.TrainCount, MnistFile.TestCount);
        (int[] trainOrder, int[] testOrder) =
            MnistReduction.Permutations(request.Seed, request.Order, MnistFile.TrainCount, MnistFile.TestCount);
        (Examples Trained, Examples? HeldOut) ReduceTrain()
        {
            (ReadOnlyMemory<byte> Images, ReadOnlyMemory<byte> Labels) train =
                ReadSplit(folder, MnistFile.TrainImages, MnistFile.TrainLabels, sayInTurn);
            return (
                Reduce(train, trainOrder.AsSpan(0, request.Train)),
                request.Validation > 0 ? Reduce(train, trainOrder.AsSpan(request.Train, request.Validation)) : null);
        }

        if (request.Validation > 0)
        {
            // The test split is not even read: what no code has seen cannot have been chosen for.
            (Examples chosen, Examples? heldOut) = ReduceTrain();
            return new LoadedData(this, Place(folder), chosen, heldOut!, IsValidation: true);
        }

        // Decompressing is most of what there is to do before the first step, and the splits do not need each other.
        Task<Examples> tested = Task.Run(
            () => Reduce(ReadSplit(folder, MnistFile.TestImages, MnistFile.TestLabels, sayInTurn), testOrder.AsSpan(0, request.Test)),
            CancellationToken.None);
        Task<Examples> trained = Task.Run(() => ReduceTrain().Trained, CancellationToken.None);
        Examples[] both = Task.WhenAll(trained, tested).GetAwaiter().GetResult();
        return new LoadedData(this, Place(folder), both[0], both[1]);

        static Examples Reduce((ReadOnlyMemory<byte> Images, ReadOnlyMemory<byte> Labels) split, ReadOnlySpan<int> chosen) =>
            MnistReduction.Reduce(split.Images.Span, split.Labels.Span, chosen);
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<DataFileReport> Inspect(DataRequest request, DataFolder folder) =>
    [
        .. MnistFile.All.Select(file => Inspect(folder, file)),
    ];

    private static DataFileReport Inspect(DataFolder folder, MnistFile file)
    {
        DataFileReport report = DataFileReport.Of(
            file.Name, Candidates(folder, file), MnistFile.Remedy, (content, path) => file.Damage(content, path));

        // In a folder of somebody's own digits MNIST is missing: they are not MNIST's for their names.
        return report.IsDamaged && folder.IsLoose(report.Path!)
            ? new DataFileReport(file.Name, null, null, null, DataFileReport.Missing)
            : report;
    }

    /// <inheritdoc/>
    internal override string? WhyNotAtHand(DataFolder folder) => Missing(folder).Length > 0
        ? "MNIST is not at hand. Get it with 'trainer data fetch', or name its folder with --data."
        : null;

    /// <summary>Part of MNIST is there: if that part is damaged, built-in digits must not hide it.</summary>
    internal static void RequireGood(DataFolder folder)
    {
        foreach (MnistFile file in MnistFile.All.Except(Missing(folder)))
        {
            FileChoice.Read(Candidates(folder, file), file.Read, _ => { });
        }
    }

    /// <summary>MNIST's files that are not in the folder.</summary>
    internal static MnistFile[] Missing(DataFolder folder) =>
        [.. MnistFile.All.Where(file => !Candidates(folder, file).Any())];

    /// <summary>Where its files lie, as a rule; they need not all lie in one folder.</summary>
    internal static string Place(DataFolder folder) =>
        Path.GetDirectoryName(Candidates(folder, MnistFile.TrainImages).First())!;

    private static IEnumerable<string> Candidates(DataFolder folder, MnistFile file) => folder.Candidates(folder.Mnist, file.Name);

    /// <summary>Downloads what is missing of MNIST, unless what is there is something else.</summary>
    /// <exception cref="BadInputException">A file that is there is not MNIST's, or the folder cannot be written to.</exception>
    /// <exception cref="DownloadFailedException">A file could be had from no mirror.</exception>
    internal static void FetchMissing(
        MnistDownload download, DataFolder folder, Action<string> say, CancellationToken cancellation,
        IProgress<DownloadProgress>? progress = null)
    {
        RequireGood(folder);
        foreach (MnistFile file in Missing(folder))
        {
            string path = download.FetchAsync(file, folder.Mnist, progress, cancellation).GetAwaiter().GetResult();
            say($"downloaded {path} ({new FileInfo(path).Length:N0} bytes, checksum good)");
        }
    }

    private static (ReadOnlyMemory<byte> Images, ReadOnlyMemory<byte> Labels) ReadSplit(
        DataFolder folder, MnistFile images, MnistFile labels, Action<string> say)
    {
        (string imagesPath, byte[] pixels) = FileChoice.Read(Candidates(folder, images), images.Read, say);
        (string labelsPath, byte[] digits) = FileChoice.Read(Candidates(folder, labels), labels.Read, say);
        return (
            IdxImages.Of(pixels, imagesPath, MnistFile.Remedy).Pixels, IdxLabels.Of(digits, labelsPath, MnistFile.Remedy));
    }
}
