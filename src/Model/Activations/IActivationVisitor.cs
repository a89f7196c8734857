namespace GpuConvnet.Model.Activations;

/// <summary>
/// Is given an activation as a type argument, whose code is then compiled for it: a struct, so that nothing is dispatched.
/// </summary>
internal interface IActivationVisitor
{
    /// <summary>Takes the activation.</summary>
    /// <typeparam name="TActivation">The function.</typeparam>
    void Visit<TActivation>()
        where TActivation : struct, IActivation;
}
