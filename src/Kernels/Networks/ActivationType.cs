using GpuConvnet.Model.Activations;

namespace GpuConvnet.Kernels.Networks;

/// <summary>What kernels are generic in, for an activation.</summary>
internal struct ActivationType : IActivationVisitor
{
    private Type? _type;

    /// <summary>The type of an activation.</summary>
    /// <param name="function">The activation; null for the identity.</param>
    public static Type Of(Activation? function)
    {
        ActivationType choice = default;
        (function ?? Activation.Of<Linear>()).Accept(ref choice);
        return choice._type!;
    }

    /// <inheritdoc/>
    public void Visit<TActivation>()
        where TActivation : struct, IActivation => _type = typeof(TActivation);
}
