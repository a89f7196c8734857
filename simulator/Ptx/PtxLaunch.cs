namespace GpuConvnet.Simulator.Ptx;

/// <summary>A launch of a kernel.</summary>
/// <param name="Program">The kernel.</param>
/// <param name="Memory">The device's memory.</param>
/// <param name="Grid">Groups, in two dimensions.</param>
/// <param name="Threads">A group's threads, likewise.</param>
/// <param name="Arguments">What it is given, see <see cref="PtxArguments"/>.</param>
internal sealed record PtxLaunch(
    PtxProgram Program, PtxMemory Memory, (int X, int Y) Grid, (int X, int Y) Threads, IReadOnlyList<object> Arguments)
{
    /// <summary>The bytes of its parameters.</summary>
    public byte[] Parameters() => PtxArguments.Of(Program, Memory, Arguments);
}
