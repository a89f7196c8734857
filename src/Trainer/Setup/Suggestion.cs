namespace GpuConvnet.Trainer.Setup;

/// <summary>Finds what a mistyped word probably meant.</summary>
internal static class Suggestion
{
    /// <summary>"; did you mean 'x'?" for the nearest candidate, or nothing when none is near.</summary>
    public static string For(string? mistyped, IEnumerable<string> candidates)
    {
        // A word of ours that is longer than that has not been mistyped.
        const int LongestWord = 100;
        if (mistyped is not { Length: > 0 and <= LongestWord })
        {
            return "";
        }

        (string? nearest, int distance) = (null, int.MaxValue);
        foreach (string candidate in candidates)
        {
            int candidateDistance = Distance(mistyped, candidate);
            if (candidateDistance < distance)
            {
                (nearest, distance) = (candidate, candidateDistance);
            }
        }

        return nearest is not null && distance <= Math.Max(1, nearest.Length / 3) ? $"; did you mean '{nearest}'?" : "";
    }

    /// <summary>
    /// The fewest insertions, deletions, replacements and swaps of neighbours, case ignored: Levenshtein's distance with the
    /// commonest slip of all counted once.
    /// </summary>
    private static int Distance(string left, string right)
    {
        int[] twoAbove = [];
        int[] above = [.. Enumerable.Range(0, right.Length + 1)];
        for (int row = 1; row <= left.Length; row++)
        {
            int[] current = new int[above.Length];
            current[0] = row;
            for (int column = 1; column <= right.Length; column++)
            {
                int replace = above[column - 1] + (Same(row - 1, column - 1) ? 0 : 1);
                current[column] = Math.Min(replace, 1 + Math.Min(above[column], current[column - 1]));
                if (row > 1 && column > 1 && Same(row - 1, column - 2) && Same(row - 2, column - 1))
                {
                    current[column] = Math.Min(current[column], 1 + twoAbove[column - 2]);
                }
            }

            (twoAbove, above) = (above, current);
        }

        return above[^1];

        bool Same(int inLeft, int inRight) =>
            char.ToLowerInvariant(left[inLeft]) == char.ToLowerInvariant(right[inRight]);
    }
}
