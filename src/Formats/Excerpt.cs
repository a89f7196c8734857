using System.Text;

namespace GpuConvnet.Formats;

/// <summary>What stands in somebody's file, fit for a message of ours: short, on one line, nothing a terminal obeys.</summary>
public static class Excerpt
{
    private const int Longest = 60;

    /// <summary>The beginning of a text; what a terminal would obey becomes spaces.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">How many characters of it at most.</param>
    public static string Of(string? text, int longest = Longest)
    {
        if (text is null || (text.Length <= longest && DisplayText.IsFit(text)))
        {
            return text ?? "";
        }

        StringBuilder excerpt = new(longest + 3);
        foreach (char character in text.AsSpan(0, Math.Min(text.Length, longest)))
        {
            excerpt.Append(DisplayText.IsFit([character]) ? character : ' ');
        }

        return text.Length <= longest ? excerpt.ToString() : excerpt.Append("...").ToString();
    }
}
