using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Tests.Ptx;

/// <summary>What kernels are generic in, for an optimizer.</summary>
internal static class PtxRule
{
    public static Type Of(Optimizer optimizer)
    {
        Choice choice = default;
        optimizer.Accept(ref choice);
        return choice.Rule!;
    }

    private struct Choice : IOptimizerVisitor
    {
        public Type? Rule { get; private set; }

        public void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule => Rule = typeof(TRule);

        public void VisitCurvature<TRule>()
            where TRule : struct, ICurvatureRule => Rule = typeof(TRule);

        public void VisitMatrix<TRule, TVectors>()
            where TRule : struct, IMatrixRule
            where TVectors : struct, IUpdateRule => Rule = typeof(TRule);
    }
}
