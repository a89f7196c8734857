using GpuConvnet.Model;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data.Builtin;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>From what an experiment asks for to its digits.</summary>
public static class DataSets
{
    /// <summary>Loads, downloads or draws the digits.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="folder">Where files are looked for, and downloaded to.</param>
    /// <param name="say">Hears, in a line each, what a user should know.</param>
    /// <param name="cancellation">Stops a download.</param>
    /// <exception cref="BadInputException">The digits are not to be had, are damaged, or are too few.</exception>
    public static LoadedData Load(
        DataRequest request, DataFolder folder, Action<string> say, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(say);
        return request.Dataset switch
        {
            DatasetKind.Mnist => LoadMnist(request, folder, say, cancellation),
            DatasetKind.Usps => LoadUsps(request, folder),
            DatasetKind.Builtin => Draw(request),
            DatasetKind.Auto => LoadMnistOrDraw(request, folder, say, cancellation),
            _ => throw new ArgumentOutOfRangeException(nameof(request)),
        };
    }

    private static LoadedData LoadMnistOrDraw(
        DataRequest request, DataFolder folder, Action<string> say, CancellationToken cancellation)
    {
        if (Missing(folder).Length > 0)
        {
            // One attempt a mirror, and little patience: who has no network should not wait for it.
            using MnistDownload download = new(attempts: 1, stall: TimeSpan.FromSeconds(3));
            try
            {
                FetchMissing(download, folder, say, cancellation);
            }
            catch (Exception failure) when (failure is DownloadFailedException or BadInputException)
            {
                // A folder that cannot be written to is no reason not to train either.
                RequireGood(folder);
                string why = failure is BadInputException ? "cannot be stored there" : "no mirror could be reached";
                say($"MNIST is not in {folder.Mnist}, and {why}: training on built-in digits, drawn by the program. "
                    + "'trainer data fetch' says more.");
                return Draw(request);
            }
        }

        return LoadMnist(request, folder, say, cancellation);
    }

    private static LoadedData LoadMnist(
        DataRequest request, DataFolder folder, Action<string> say, CancellationToken cancellation)
    {
        if (Missing(folder).Length > 0)
        {
            try
            {
                using MnistDownload download = new();
                FetchMissing(download, folder, say, cancellation);
            }
            catch (DownloadFailedException failure)
            {
                throw new BadInputException(
                    $"This experiment is about MNIST, which is not in {folder.Mnist} ({folder.Reason}). "
                    + $"{failure.Message}. Put {string.Join(", ", Missing(folder).Select(file => file.Name))} there, "
                    + "plain or .gz; or take the built-in digits: --dataset builtin, or \"dataset\": \"builtin\" in a "
                    + "configuration that another one starts from.",
                    failure);
            }
        }

        RequireEnough(request, MnistFile.TrainCount, MnistFile.TestCount, "MNIST");
        (int[] trainOrder, int[] testOrder) =
            MnistReduction.Permutations(request.Seed, request.Order, MnistFile.TrainCount, MnistFile.TestCount);
        (Examples Trained, Examples? HeldOut) ReduceTrain()
        {
            (ReadOnlyMemory<byte> Images, ReadOnlyMemory<byte> Labels) train =
                ReadSplit(folder, MnistFile.TrainImages, MnistFile.TrainLabels);
            return (
                Reduce(train, trainOrder.AsSpan(0, request.Train)),
                request.Validation > 0 ? Reduce(train, trainOrder.AsSpan(request.Train, request.Validation)) : null);
        }

        if (request.Validation > 0)
        {
            // The test split is not even read: what no code has seen cannot have been chosen for.
            (Examples chosen, Examples? heldOut) = ReduceTrain();
            return new LoadedData("mnist", folder.Mnist, chosen, heldOut!, IsValidation: true);
        }

        // Decompressing is most of what there is to do before the first step, and the splits do not need each other.
        Task<Examples> tested = Task.Run(
            () => Reduce(ReadSplit(folder, MnistFile.TestImages, MnistFile.TestLabels), testOrder.AsSpan(0, request.Test)),
            CancellationToken.None);
        Task<Examples> trained = Task.Run(() => ReduceTrain().Trained, CancellationToken.None);
        Examples[] both = Task.WhenAll(trained, tested).GetAwaiter().GetResult();
        return new LoadedData("mnist", folder.Mnist, both[0], both[1]);

        static Examples Reduce((ReadOnlyMemory<byte> Images, ReadOnlyMemory<byte> Labels) split, ReadOnlySpan<int> chosen) =>
            MnistReduction.Reduce(split.Images.Span, split.Labels.Span, chosen);
    }

    /// <summary>Part of MNIST is there: if that part is damaged, built-in digits must not hide it.</summary>
    private static void RequireGood(DataFolder folder)
    {
        foreach (MnistFile file in MnistFile.All)
        {
            if (DataFolder.Find(folder.Mnist, file.Name) is { } path)
            {
                file.Read(path);
            }
        }
    }

    /// <summary>MNIST's files that are not in the folder.</summary>
    internal static MnistFile[] Missing(DataFolder folder) =>
        [.. MnistFile.All.Where(file => DataFolder.Find(folder.Mnist, file.Name) is null)];

    /// <summary>Downloads what is missing of MNIST.</summary>
    /// <exception cref="DownloadFailedException">A file could be had from no mirror.</exception>
    internal static void FetchMissing(
        MnistDownload download, DataFolder folder, Action<string> say, CancellationToken cancellation,
        IProgress<DownloadProgress>? progress = null)
    {
        foreach (MnistFile file in Missing(folder))
        {
            string path = download.FetchAsync(file, folder.Mnist, progress, cancellation).GetAwaiter().GetResult();
            say($"downloaded {path} ({new FileInfo(path).Length:N0} bytes, checksum good)");
        }
    }

    private static (ReadOnlyMemory<byte> Images, ReadOnlyMemory<byte> Labels) ReadSplit(
        DataFolder folder, MnistFile images, MnistFile labels)
    {
        string imagePath = DataFolder.Find(folder.Mnist, images.Name)!;
        string labelPath = DataFolder.Find(folder.Mnist, labels.Name)!;
        return (IdxFile.Images(images.Read(imagePath), imagePath), IdxFile.Labels(labels.Read(labelPath), labelPath));
    }

    private static LoadedData LoadUsps(DataRequest request, DataFolder folder)
    {
        RequireEnough(request, UspsFile.TrainCount, UspsFile.TestCount, "USPS");
        if (request.Validation > 0)
        {
            Examples both = UspsFile.Read(Find("zip.train"), request.Train + request.Validation);
            int pixels = request.Train * Shape1989.InputUnits;
            return new LoadedData(
                "usps",
                folder.Usps,
                new Examples(both.Pixels[..pixels], both.Labels[..request.Train]),
                new Examples(both.Pixels[pixels..], both.Labels[request.Train..]),
                IsValidation: true);
        }

        return new LoadedData(
            "usps",
            folder.Usps,
            UspsFile.Read(Find("zip.train"), request.Train),
            UspsFile.Read(Find("zip.test"), request.Test));

        string Find(string name) => DataFolder.Find(folder.Usps, name) ?? throw new BadInputException(
            $"{Path.Combine(folder.Usps, name)} is missing, plain and as .gz ({folder.Reason}). The USPS digits, zip.train "
            + "and zip.test, are among the data sets of The Elements of Statistical Learning; put both there.");
    }

    private static LoadedData Draw(DataRequest request)
    {
        RequireAtMost(request.Train, ExperimentConfiguration.MostStreamedExamples, "The built-in set", "training");
        bool isStreamed = StreamedSet.Suits(request.Train, request.Batch);
        if (!isStreamed && request.Train > ExperimentConfiguration.MostExamples)
        {
            throw new BadInputException(FormattableString.Invariant(
                $"{request.Train:N0} digits do not fit into memory, and a step of {request.Batch:N0} needs its digits ")
                + FormattableString.Invariant($"there together. Use --batch {StreamedSet.MostBatch} or smaller, ")
                + FormattableString.Invariant($"or at most {ExperimentConfiguration.MostExamples:N0} training digits."));
        }

        RequireAtMost(request.Test, BuiltinDigits.MaximumCount, "The built-in set", "test");
        RequireAtMost(request.Validation, BuiltinDigits.MaximumCount, "The built-in set", "validation");

        // Another seed for the test split, so that no digit of it is ever trained on, and a third for validation.
        const uint TestSeed = 0x9E3779B9;
        const uint ValidationSeed = unchecked(2 * TestSeed);
        bool isValidation = request.Validation > 0;
        return new LoadedData(
            "builtin",
            "drawn by the program",
            BuiltinDigits.Draw(isStreamed ? StreamedSet.SampleCount : request.Train, request.Seed),
            isValidation
                ? BuiltinDigits.Draw(request.Validation, unchecked(request.Seed + ValidationSeed))
                : BuiltinDigits.Draw(request.Test, unchecked(request.Seed + TestSeed)),
            isValidation)
        {
            Streamed = isStreamed ? new StreamedSet(request.Train, request.Seed, request.Batch) : null,
        };
    }

    /// <summary>Of a set of files: the validation digits are the training split's, after those that are trained on.</summary>
    private static void RequireEnough(DataRequest request, int train, int test, string set)
    {
        RequireAtMost(request.Train, train, set, "training");
        RequireAtMost(request.Test, test, set, "test");
        if (request.Validation > train - request.Train)
        {
            throw new BadInputException(
                $"{set} has {train:N0} training digits; {request.Train:N0} to train on leave {train - request.Train:N0} for "
                + $"validation, and {request.Validation:N0} were asked for. Validate on fewer, or train on fewer.");
        }
    }

    private static void RequireAtMost(int asked, int all, string set, string split)
    {
        if (asked > all)
        {
            throw new BadInputException($"{set} has {all:N0} {split} digits; {asked:N0} were asked for. Ask for fewer.");
        }
    }
}
