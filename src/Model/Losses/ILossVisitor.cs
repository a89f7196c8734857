namespace GpuConvnet.Model.Losses;

/// <summary>
/// Is given a loss as a type argument, whose code is then compiled for it: a struct, so that nothing is dispatched.
/// </summary>
internal interface ILossVisitor
{
    /// <summary>Takes the loss.</summary>
    /// <typeparam name="TLoss">The loss.</typeparam>
    void Visit<TLoss>()
        where TLoss : struct, ILoss;
}
