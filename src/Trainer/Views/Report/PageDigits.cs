using System.Buffers.Binary;
using System.Globalization;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Views.Errors;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>The digits of a page: some that its network is tested on, and those that it gets wrong.</summary>
/// <param name="Samples">The first of the digits that it is tested on.</param>
/// <param name="Mistakes">Digits that it gets wrong, the most confident mistakes first.</param>
/// <param name="MistakesNote">What to say of them.</param>
internal sealed record PageDigits(
    IReadOnlyList<ReportData.Digit> Samples, IReadOnlyList<ReportData.Digit> Mistakes, string MistakesNote)
{
    private const int MostSamples = 50;

    /// <summary>None, where they are not at hand.</summary>
    /// <param name="why">Why, for the user.</param>
    public static PageDigits None(string why) => new([], [], why);

    /// <summary>Chooses the digits.</summary>
    /// <param name="network">What classifies them.</param>
    /// <param name="test">What it is tested on.</param>
    /// <param name="errors">What it gets wrong of them.</param>
    /// <param name="subject">What sentences call it.</param>
    /// <param name="tested">What the digits are called that it is tested on.</param>
    /// <param name="mostMistakes">The most mistakes to show.</param>
    public static PageDigits Of(
        IClassifier network, Examples test, ErrorAnalysis errors, string subject, string tested, int mostMistakes)
    {
        int misses = errors.Misclassified.Count;
        int shown = Math.Min(misses, mostMistakes);
        string note = misses == 0 ? $"{subject} gets every one of these {Count(test.Count)} {tested} digits right."
            : $"{subject} gets {Count(misses)} of {Count(test.Count)} {tested} digits wrong"
                + (shown < misses ? $"; these are its {shown} most confident mistakes. " : ", the most confident mistakes first. ")
                + "What each is → what it was taken for. Choose one to see it in the network.";
        return new PageDigits(
            [.. Enumerable.Range(0, Math.Min(MostSamples, test.Count)).Select(Sample)],
            [.. errors.Misclassified.Take(shown).Select(Mistake)],
            note);

        ReportData.Digit Sample(int index)
        {
            float[] outputs = new float[Shape1989.Outputs];
            network.Outputs(test.Image(index), outputs);
            return new ReportData.Digit
            {
                Index = index,
                Label = test.Labels[index],
                Pixels = Base64(test.Image(index)),
                Outputs = outputs,
            };
        }

        ReportData.Digit Mistake(MisclassifiedDigit digit) => new()
        {
            Index = digit.Index,
            Label = digit.Label,
            Predicted = digit.Predicted,
            Confidence = digit.Confidence,
            Pixels = Base64(test.Image(digit.Index)),
            Outputs = digit.Outputs,
        };
    }

    /// <summary>Numbers as the page's script reads them: little-endian float32 in base64.</summary>
    public static string Base64(ReadOnlySpan<float> values)
    {
        byte[] bytes = new byte[values.Length * sizeof(float)];
        for (int index = 0; index < values.Length; index++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(index * sizeof(float)), values[index]);
        }

        return Convert.ToBase64String(bytes);
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
