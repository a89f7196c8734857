using System.Globalization;
using System.Text;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Trainer.Views.Errors;

/// <summary>How often each digit was taken for each: one row per true digit, one column per prediction.</summary>
internal sealed class ConfusionMatrix
{
    private readonly int[][] _counts = [.. Enumerable.Range(0, Outputs).Select(_ => new int[Outputs])];

    /// <summary>(10, 10): the true digit, then the prediction.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Rows => _counts;

    /// <summary>Counts one more example.</summary>
    public void Add(int label, int predicted) => _counts[label][predicted]++;

    /// <summary>How often a digit was taken for another.</summary>
    public int this[int label, int predicted] => _counts[label][predicted];

    /// <summary>How many examples of a digit there are.</summary>
    public int Examples(int label) => _counts[label].Sum();

    /// <summary>How many examples of a digit were misclassified.</summary>
    public int Misses(int label) => Examples(label) - _counts[label][label];

    /// <summary>The largest count of one digit taken for one other.</summary>
    public int MostConfused => Enumerable.Range(0, Outputs).Max(label =>
        Enumerable.Range(0, Outputs).Where(predicted => predicted != label).Max(predicted => _counts[label][predicted]));

    /// <summary>The matrix as lines for a terminal; a point stands for 0, so that what is not 0 is seen.</summary>
    public IEnumerable<string> Lines()
    {
        int width = Math.Max(4, Digits(_counts.Max(row => row.Max())) + 1);
        int totalWidth = Digits(Enumerable.Range(0, Outputs).Max(Examples));
        StringBuilder line = new("true");
        for (int predicted = 0; predicted < Outputs; predicted++)
        {
            line.Append(Number(predicted).PadLeft(width));
        }

        yield return line.Append("   missed").ToString();
        for (int label = 0; label < Outputs; label++)
        {
            line.Clear().Append(Number(label).PadLeft(4));
            for (int predicted = 0; predicted < Outputs; predicted++)
            {
                int count = _counts[label][predicted];
                line.Append((count == 0 ? "." : Number(count)).PadLeft(width));
            }

            line.Append(CultureInfo.InvariantCulture, $"{Number(Misses(label)).PadLeft(totalWidth + 3)} of ");
            yield return line.Append(Number(Examples(label)).PadLeft(totalWidth)).ToString();
        }
    }

    private static int Digits(int number) => Number(number).Length;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
