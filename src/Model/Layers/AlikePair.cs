namespace GpuConvnet.Model.Layers;

/// <summary>Two groups of a table whose triples are the same but for a step in the second.</summary>
/// <param name="First">The first group.</param>
/// <param name="Other">The second.</param>
/// <param name="Step">From the first one's to the second one's.</param>
internal readonly record struct AlikePair(int First, int Other, int Step);
