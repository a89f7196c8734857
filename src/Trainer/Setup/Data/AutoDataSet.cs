using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The first that is to be had: MNIST if it is at hand or can be downloaded, otherwise the built-in digits.</summary>
internal sealed class AutoDataSet : DataSet
{
    private const string Instead =
        "For MNIST leave --data out, or name an empty folder; for built-in digits --dataset builtin.";

    /// <inheritdoc/>
    public override string Name => "auto";

    /// <inheritdoc/>
    public override string Description => "mnist if it is to be had, otherwise builtin";

    /// <inheritdoc/>
    public override LoadedData Load(DataRequest request, DataFolder folder, Action<string> say, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(say);
        if (MnistDataSet.Missing(folder).Length > 0)
        {
            RequireMeantForMnist(request, folder);

            // One attempt a mirror, and little patience: who has no network should not wait for it.
            using MnistDownload download = new(
                attempts: 1, stall: TimeSpan.FromSeconds(3), longest: TimeSpan.FromMinutes(5));
            try
            {
                MnistDataSet.FetchMissing(download, folder, say, cancellation);
            }
            catch (Exception failure) when (failure is DownloadFailedException or BadInputException)
            {
                // A folder that cannot be written to is no reason not to train either.
                MnistDataSet.RequireGood(folder);
                string why = failure is BadInputException ? "cannot be stored there" : "no mirror gave it";
                say($"MNIST is not in {folder.Mnist}, and {why}: training on built-in digits, drawn by the program. "
                    + "'trainer data fetch' says more.");
                return DataSets.Builtin.Load(request, folder, say, cancellation);
            }
        }

        return DataSets.Mnist.Load(request, folder, say, cancellation);
    }

    /// <summary>What somebody does who wants MNIST in that very folder.</summary>
    private static string Fetch(DataFolder folder) =>
        $"For MNIST leave --data out, or name an empty folder; 'trainer data fetch --data {folder.FullPath}' puts it into this one all the same.";

    /// <summary>
    /// Refuses a folder that --data names and that holds something else: what is in it is meant, and MNIST is not downloaded beside it.
    /// </summary>
    internal static void RequireMeantForMnist(DataRequest request, DataFolder folder, bool isNamed = false)
    {
        if (!folder.IsOption || Directory.Exists(folder.Mnist) || MnistDataSet.Missing(folder).Length < MnistFile.All.Count)
        {
            return;
        }

        DataSet? other = UspsDataSet.IsPartlyAtHand(folder) ? DataSets.Usps
            : DataSets.Idx.IsAt(request, folder) ? DataSets.Idx
            : DataSets.Images.IsAt(request, folder) || (!folder.IsOurs && PictureFolder.HasPictures(folder.FullPath)) ? DataSets.Images
            : null;
        if (other is not null)
        {
            throw new BadInputException(
                $"There is no MNIST in {folder.FullPath}, which --data names, but digits of another kind. To train on them, say "
                + $"--dataset {other.Name}. {(isNamed ? Fetch(folder) : Instead)}");
        }

        if (!folder.IsOurs && !folder.IsEmpty)
        {
            throw new BadInputException(
                $"There are no digits in {folder.FullPath}, which --data names, and it is not empty: nothing is downloaded into it. Name the "
                + $"folder in which the digits are, or an empty one. {(isNamed ? Fetch(folder) : Instead)}");
        }
    }
}
