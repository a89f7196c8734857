using GpuConvnet.Model.Augmentation;

namespace GpuConvnet.Model.Teaching;

/// <summary>Takes examples in, as they are shown.</summary>
/// <param name="examples">What they are among.</param>
/// <param name="start">The first of them.</param>
/// <param name="count">How many.</param>
/// <param name="perturbation">What is still to happen to them.</param>
internal delegate void Presented(Examples examples, int start, int count, in Perturbation perturbation);
