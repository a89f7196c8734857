namespace GpuConvnet.Scenes;

/// <summary>One picture of a kind, the same whenever it is asked for.</summary>
public static class Scene
{
    /// <summary>Draws it.</summary>
    /// <param name="kind">Which kind.</param>
    /// <param name="digits">MNIST's test digits.</param>
    /// <param name="seed">Odd for tuning, even for figures: digits of even places of the split, or of odd ones.</param>
    /// <param name="number">Which picture of the kind.</param>
    /// <returns>Its name, which begins with what is in it, and its file.</returns>
    public static (string Name, byte[] File) Draw(SceneKind kind, TestDigits digits, int seed, int number)
    {
        Random random = new(unchecked(seed * 7919 + number * 104_729 + kind.Name.Sum(letter => letter) * 31));
        int half = digits.Count / 2;
        int[] chosen = [.. Enumerable.Range(0, kind.Digits).Select(_ => 2 * random.Next(half) + (seed % 2 == 0 ? 1 : 0))];
        byte[] file = kind.Draw(digits, chosen, random);
        string shown = chosen.Length == 0 ? "none" : string.Concat(chosen.Select(digits.Label));
        return ($"{shown}_{number:D2}{SceneKind.Ending(file)}", file);
    }
}
