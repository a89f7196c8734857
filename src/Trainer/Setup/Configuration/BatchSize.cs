using System.Globalization;
using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>How many examples a step looks at: a number, or the whole training set.</summary>
/// <param name="Examples">The number; null for the whole training set.</param>
[JsonConverter(typeof(BatchSizeConverter))]
internal readonly record struct BatchSize(int? Examples)
{
    /// <summary>How the whole training set is written.</summary>
    internal const string FullName = "full";

    /// <summary>One example a step: the article's way.</summary>
    public static BatchSize PerExample { get; } = new(1);

    /// <summary>The whole training set in every step.</summary>
    public static BatchSize Full { get; } = new(null);

    /// <summary>Reads "full" or a positive whole number.</summary>
    /// <param name="text">The text.</param>
    /// <param name="batch">The batch, when the text is one.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? text, out BatchSize batch)
    {
        batch = Full;
        if (text == FullName)
        {
            return true;
        }

        bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int examples);
        batch = new BatchSize(examples);
        return isNumber && examples > 0;
    }

    /// <summary>How many examples a step looks at, of a training set of a given size.</summary>
    /// <param name="trainingSet">The number of training examples.</param>
    public int Of(int trainingSet) => Math.Min(Examples ?? trainingSet, trainingSet);

    /// <inheritdoc/>
    public override string ToString() => Examples?.ToString(CultureInfo.InvariantCulture) ?? FullName;
}
