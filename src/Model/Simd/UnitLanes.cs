using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// Sixteen hidden units from their weighted sums to their activations, and back to the slopes there. A slope that needs
/// the sum is computed while the sum is at hand, and waits where the unit's delta will be written.
/// </summary>
internal static unsafe class UnitLanes
{
    /// <summary>Stores the activations, and the slopes if only the sums tell them.</summary>
    /// <param name="workspace">Says whether a backward pass will want slopes.</param>
    /// <param name="sums">The weighted sums.</param>
    /// <param name="activations">Where the units' activations are.</param>
    /// <param name="deltas">Where their deltas will be.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<THidden>(Workspace workspace, Wide sums, float* activations, float* deltas)
        where THidden : struct, IActivation
    {
        THidden.Apply(sums).StoreAligned(activations);
        if (THidden.DerivativeNeedsSum && workspace.KeepsDerivatives)
        {
            THidden.Derivative(sums).StoreAligned(deltas);
        }
    }

    /// <summary>The slopes; to be read before the deltas are written.</summary>
    /// <param name="activations">Where the units' activations are.</param>
    /// <param name="deltas">Where their deltas will be.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Derivatives<THidden>(float* activations, float* deltas)
        where THidden : struct, IActivation => THidden.DerivativeNeedsSum
            ? Vector512.LoadAligned(deltas)
            : THidden.Derivative(Vector512.LoadAligned(activations));
}
