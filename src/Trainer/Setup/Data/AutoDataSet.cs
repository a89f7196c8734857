namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The first that is to be had: MNIST if it is at hand or can be downloaded, otherwise the built-in digits.</summary>
public sealed class AutoDataSet : DataSet
{
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
            // One attempt a mirror, and little patience: who has no network should not wait for it.
            using MnistDownload download = new(attempts: 1, stall: TimeSpan.FromSeconds(3));
            try
            {
                MnistDataSet.FetchMissing(download, folder, say, cancellation);
            }
            catch (Exception failure) when (failure is DownloadFailedException or BadInputException)
            {
                // A folder that cannot be written to is no reason not to train either.
                MnistDataSet.RequireGood(folder);
                string why = failure is BadInputException ? "cannot be stored there" : "no mirror could be reached";
                say($"MNIST is not in {folder.Mnist}, and {why}: training on built-in digits, drawn by the program. "
                    + "'trainer data fetch' says more.");
                return DataSets.Builtin.Load(request, folder, say, cancellation);
            }
        }

        return DataSets.Mnist.Load(request, folder, say, cancellation);
    }
}
