using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;

namespace GpuConvnet.Model.Network;

/// <summary>
/// Is given a network's choices as type arguments, for which its code is then compiled: a struct, so that nothing is
/// dispatched at run time and a compiler ahead of time sees every combination. Its result is a field of its own.
/// </summary>
internal interface INetworkVisitor
{
    /// <summary>Takes the choices, which go together.</summary>
    /// <typeparam name="THidden">The activation of H1, H2 and H3.</typeparam>
    /// <typeparam name="TOutput">The activation of the outputs.</typeparam>
    /// <typeparam name="TLoss">What training minimises.</typeparam>
    void Visit<THidden, TOutput, TLoss>()
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss;
}
