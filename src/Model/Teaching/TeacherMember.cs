using GpuConvnet.Model.Layers;

namespace GpuConvnet.Model.Teaching;

/// <summary>A network of a teacher, which has one or is an ensemble.</summary>
/// <param name="Network">The network.</param>
/// <param name="Parameters">Its parameters, in the order of its vector.</param>
internal sealed record TeacherMember(LayerNetwork Network, ReadOnlyMemory<float> Parameters);
