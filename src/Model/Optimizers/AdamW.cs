namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// <c>torch.optim.AdamW</c> (Loshchilov and Hutter, 2017): the rule of <see cref="Adam"/> with decoupled weight decay, which
/// shrinks the parameters before the step.
/// </summary>
internal readonly struct AdamW : IOptimizer
{
    /// <inheritdoc/>
    public static string Name => "adamw";

    /// <inheritdoc/>
    public static OptimizerConstants Constants(OptimizerOptions options, double learningRate, int step)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Adam.Constants(options, learningRate, step) with
        {
            CoupledDecay = 0f,
            Shrink = (float)(1 - learningRate * options.WeightDecay),
        };
    }

    /// <inheritdoc/>
    public static void Accept<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IOptimizerVisitor, allows ref struct => visitor.VisitElementwise<Adam>();
}
