using GpuConvnet.Model;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>What is where: the data folder and the data sets in it.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Reason">Why this one.</param>
/// <param name="Datasets">A report per data set.</param>
internal sealed record DataInventory(string Folder, string Reason, IReadOnlyList<DataSetReport> Datasets)
{
    /// <summary>Looks at everything, reading every file.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="request">The digits to count, of each data set.</param>
    /// <param name="cancellation">Stops it.</param>
    public static DataInventory Of(DataFolder folder, DataRequest request, CancellationToken cancellation) => new(
        folder.FullPath,
        folder.Reason,
        [.. DataSets.Sources.Select(set => Report(request with { Dataset = set }, folder, cancellation))]);

    private static DataSetReport Report(DataRequest request, DataFolder folder, CancellationToken cancellation)
    {
        DataSet set = request.Dataset;
        IReadOnlyList<DataFileReport> files = set.Inspect(folder);
        if (files.Any(file => file.State != DataFileReport.Good))
        {
            string[] damages = [.. files.Where(file => file.IsDamaged).Select(file => file.State)];
            bool isMissing = files.Any(file => file.State == DataFileReport.Missing);
            return new DataSetReport(set.Name, files, null, null, isMissing ? set.Advice : null)
            {
                Description = set.Description,
                Damage = damages.Length == 0 ? null : string.Join(' ', damages),
            };
        }

        try
        {
            LoadedData data = set.Load(request, folder, _ => { }, cancellation);
            return new DataSetReport(set.Name, files, Classes(data.Train), Classes(data.Test), null) { Description = set.Description };
        }
        catch (BadInputException fault)
        {
            return new DataSetReport(set.Name, files, null, null, null) { Description = set.Description, Damage = fault.Message };
        }
    }

    private static int[] Classes(Examples examples)
    {
        int[] counts = new int[Shape1989.Outputs];
        foreach (byte label in examples.Labels)
        {
            counts[label]++;
        }

        return counts;
    }
}
