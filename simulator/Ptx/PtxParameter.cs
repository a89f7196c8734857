namespace GpuConvnet.Simulator.Ptx;

/// <summary>A declared parameter of a kernel.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Offset">Where it lies among the bytes of all.</param>
/// <param name="Bytes">Its size.</param>
public readonly record struct PtxParameter(string Name, int Offset, int Bytes);
