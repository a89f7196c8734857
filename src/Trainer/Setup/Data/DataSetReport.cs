using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>One data set, as <c>trainer data</c> finds it.</summary>
/// <param name="Dataset">Its name.</param>
/// <param name="Files">Its files; none for the built-in digits.</param>
/// <param name="TrainDigits">Of the article's 7,291 training digits, how many of each class; null if they are not at
/// hand.</param>
/// <param name="TestDigits">Likewise of the 2,007 test digits.</param>
/// <param name="Advice">How to get what is missing; null if nothing is.</param>
internal sealed record DataSetReport(
    string Dataset, IReadOnlyList<DataFileReport> Files, int[]? TrainDigits, int[]? TestDigits, string? Advice)
{
    /// <summary><see cref="DataSet.Description"/>.</summary>
    [JsonIgnore]
    public string Description { get; init; } = "";

    /// <summary>What a user should know of digits that are good, such as that they were turned round.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What is wrong with its files and what to do about it; null if those that are there are good.</summary>
    public string? Damage { get; init; }
}
