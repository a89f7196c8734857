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
    /// <param name="only">The one data set to look at; null for all.</param>
    /// <param name="cancellation">Stops it.</param>
    public static DataInventory Of(DataFolder folder, DataRequest request, DataSet? only, CancellationToken cancellation) => new(
        folder.FullPath,
        folder.Reason,
        [.. (only is null ? DataSets.Sources : [only]).Select(set => Report(request with { Dataset = set }, folder, only, cancellation))]);

    private static DataSetReport Report(DataRequest request, DataFolder folder, DataSet? only, CancellationToken cancellation)
    {
        DataSet set = request.Dataset;
        DataSetReport report = new(set.Name, [], null, null, null) { Description = set.Description };
        if (only is null && !set.IsAt(request, folder))
        {
            return report with { Advice = set.Advice };
        }

        try
        {
            report = report with { Files = set.Inspect(request, folder) };
            string[] damages = [.. report.Files.Where(file => file.IsDamaged).Select(file => file.State)];
            bool isMissing = report.Files.Any(file => file.State == DataFileReport.Missing);
            if (damages.Length > 0 || isMissing)
            {
                return report with
                {
                    Advice = isMissing ? set.AdviceFor(folder) : null,
                    Damage = damages.Length == 0 ? null : string.Join(' ', damages),
                };
            }

            List<string> notes = [];
            LoadedData data = set.Load(request, folder, notes.Add, cancellation);
            return report with { TrainDigits = Classes(data.Train), TestDigits = Classes(data.Test), Notes = notes };
        }
        catch (BadInputException fault) when (only is null && set.IsOwn && report.Files.Count == 0)
        {
            // Nobody asked for it, and nothing of it is damaged: several sets lie there, or a part of one.
            return report with { Advice = fault.Message };
        }
        catch (BadInputException fault)
        {
            // Good is what training accepts, and it does not accept this.
            return report with
            {
                Files =
                [
                    .. report.Files.Select(file =>
                        file.State == DataFileReport.Good ? file with { State = DataFileReport.Refused } : file),
                ],
                Damage = fault.Message,
            };
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
