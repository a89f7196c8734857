namespace GpuConvnet.Simulator.Ptx;

/// <summary>What a GPU would fault at, or, worse, would not: the program does what PTX does not define.</summary>
public sealed class PtxFaultException(string message) : Exception(message);
