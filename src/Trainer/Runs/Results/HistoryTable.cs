using System.Globalization;
using System.Text;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>A run's history as comma-separated values, for a spreadsheet or a plot.</summary>
internal static class HistoryTable
{
    /// <summary>The table: a header, then one line per evaluation; the column that does not count the run is empty.</summary>
    /// <param name="history">The evaluations.</param>
    /// <param name="isValidation">Whether what was tested on are validation digits; the columns are named after it.</param>
    public static string Of(IEnumerable<HistoryEntry> history, bool isValidation)
    {
        string tested = isValidation ? RunResult.Validation : "test";
        StringBuilder table = new("pass,step,trainLoss,trainErrorPercent,trainMisses,");
        table.Append(CultureInfo.InvariantCulture, $"{tested}Loss,{tested}ErrorPercent,{tested}Misses,seconds\n");
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
