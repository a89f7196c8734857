namespace GpuConvnet.Model.Numbers;

/// <summary>Two columns of weights that the same pairs of places add up to.</summary>
/// <param name="FirstPair">The first of its pairs.</param>
/// <param name="PairCount">How many pairs it has.</param>
/// <param name="Column0">Where the first column's numbers begin.</param>
/// <param name="Column1">Where the second one's begin; the first once more, where there is no second.</param>
/// <param name="Weight0">Which column of weights is the first.</param>
/// <param name="Weight1">Which is the second; -1 for none.</param>
internal readonly record struct PairTile(int FirstPair, int PairCount, int Column0, int Column1, int Weight0, int Weight1);
