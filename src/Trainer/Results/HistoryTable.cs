using System.Globalization;
using System.Text;

namespace GpuConvnet.Trainer.Results;

/// <summary>A run's history as comma-separated values, for a spreadsheet or a plot.</summary>
internal static class HistoryTable
{
    private const string Header =
        "pass,step,trainLoss,trainErrorPercent,trainMisses,testLoss,testErrorPercent,testMisses,seconds\n";

    /// <summary>The table: a header, then a line an evaluation; the column that does not count the run is empty.</summary>
    public static string Of(IEnumerable<HistoryEntry> history)
    {
        StringBuilder table = new(Header);
        foreach (HistoryEntry entry in history)
        {
            table.Append(CultureInfo.InvariantCulture, $"{entry.Pass},{entry.Step},");
            table.Append(CultureInfo.InvariantCulture, $"{entry.Train.Loss},{entry.Train.ErrorPercent},{entry.Train.Misses},");
            table.Append(CultureInfo.InvariantCulture, $"{entry.Test.Loss},{entry.Test.ErrorPercent},{entry.Test.Misses},");
            table.Append(CultureInfo.InvariantCulture, $"{entry.Seconds}\n");
        }

        return table.ToString();
    }
}
