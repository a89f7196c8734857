namespace GpuConvnet.Simulator.Ptx;

/// <summary>The fields of a struct with views in it, in their order, as one parameter of a kernel.</summary>
/// <param name="Fields">Views, numbers, blittable structs, and such structs again.</param>
internal sealed record PtxStruct(params object[] Fields);
