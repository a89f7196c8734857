using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Network;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Kernels.Profiling;

/// <summary>
/// What a kernel has to do, from the network's shape. Bytes are the least that can be: every value of an example loaded
/// and stored once. Threads load much of it again (<c>docs/kernels.md</c> counts those loads), which caches answer.
/// </summary>
/// <param name="Kernel">Which kernel.</param>
/// <param name="MultiplyAccumulates">
/// An example's; 0 for a kernel that only adds or moves. Those of the backward passes include the border's.
/// </param>
/// <param name="ReadBytes">Read for an example. Weights are left out: all examples read the same.</param>
/// <param name="WrittenBytes">Written for an example.</param>
/// <param name="StepBytes">Read and written once a launch, whatever the batch: parameters, states, slices' sums.</param>
internal sealed record KernelWork(
    KernelKind Kernel, long MultiplyAccumulates, long ReadBytes, long WrittenBytes, long StepBytes)
{
    private const int Float = sizeof(float);
    private const int ImageBytes = InputUnits * Float;
    private const int H1Bytes = H1Units * Float;
    private const int H2Bytes = H2Units * Float;
    private const int H3Bytes = H3Units * Float;
    private const int OutputBytes = Outputs * Float;
    private const int LabelBytes = sizeof(byte);
    private const int H1Weights = H1Maps * KernelTaps;
    private const int H2Weights = H2Maps * H2Sources * KernelTaps;
    private const int H1Products = H1Units * KernelTaps;
    private const int H2Products = H2Units * H2Sources * KernelTaps;
    private const int H3Products = H2Units * H3Units;
    private const int OutputProducts = H3Units * Outputs;

    /// <summary>What a kernel has to do.</summary>
    /// <param name="kernel">Which.</param>
    /// <param name="slices">Into how many sums a step's gradient is shared before they are added up.</param>
    /// <param name="drops">Whether dropout keeps a second copy of H2.</param>
    public static KernelWork Of(KernelKind kernel, long slices, bool drops = false)
    {
        int kept = drops ? H2Bytes : 0;
        long parameters = (long)Parameters.Count * Float;
        return kernel switch
        {
            KernelKind.Distort => new(kernel, 0, ImageBytes, ImageBytes, 0),
            KernelKind.H1Forward => new(kernel, H1Products, ImageBytes, H1Bytes, 0),
            KernelKind.H2Forward => new(kernel, H2Products, H1Bytes, H2Bytes + kept, 0),
            KernelKind.H3Forward => new(kernel, H3Products, H2Bytes, H3Bytes, 0),
            KernelKind.OutputForward => new(kernel, OutputProducts, H3Bytes, OutputBytes, 0),
            KernelKind.Evaluate => new(kernel, 0, OutputBytes + LabelBytes, 0, 0),
            KernelKind.OutputBackward =>
                new(kernel, OutputProducts, H3Bytes + OutputBytes + LabelBytes, H3Bytes + OutputBytes, 0),

            // An input gradient needs the layer's own deltas, and the slopes of the layer below.
            KernelKind.H3BackwardInput => new(kernel, H3Products, H3Bytes + H2Bytes, H2Bytes, 0),
            KernelKind.H2BackwardInput => new(kernel, H2Products, H2Bytes + H1Bytes, H1Bytes, 0),

            // Second derivatives go the same way through squares.
            KernelKind.SquareParameters => new(kernel, 0, 0, 0, 2 * parameters),
            KernelKind.SquareImages => new(kernel, 0, ImageBytes, ImageBytes, 0),
            KernelKind.SquareUnits => new(kernel, 0, H1Bytes + H2Bytes + H3Bytes, 2 * (H1Bytes + H2Bytes + H3Bytes) + kept, 0),
            KernelKind.OutputBackwardCurvature => new(kernel, OutputProducts, H3Bytes + OutputBytes, H3Bytes + OutputBytes, 0),
            KernelKind.H3BackwardCurvature => Of(KernelKind.H3BackwardInput, slices) with { Kernel = kernel },
            KernelKind.H2BackwardCurvature => Of(KernelKind.H2BackwardInput, slices) with { Kernel = kernel },
            KernelKind.H1CurvatureOfWeights => Of(KernelKind.H1BackwardWeights, slices) with { Kernel = kernel },
            KernelKind.H2CurvatureOfWeights => Of(KernelKind.H2BackwardWeights, slices) with { Kernel = kernel },

            // A weight gradient needs the layer's input and its deltas, and leaves one sum per slice.
            KernelKind.H1BackwardWeights =>
                new(kernel, H1Products, ImageBytes + H1Bytes, 0, slices * H1Weights * Float),
            KernelKind.H2BackwardWeights =>
                new(kernel, H2Products, H1Bytes + H2Bytes, 0, slices * H2Weights * Float),
            KernelKind.DenseBackwardWeights => new(
                kernel, H3Products + OutputProducts, H2Bytes + H3Bytes + H3Bytes + OutputBytes, 0,
                slices * (H3Products + OutputProducts) * Float),
            KernelKind.BiasBackward => new(kernel, 0, Activations * Float, 0, slices * Activations * Float),
            KernelKind.Gradient => new(kernel, 0, 0, 0, (slices + 1) * parameters),

            // Directions and gradient in, gradient out; directions in, weights out. The lengths are a few hundred bytes.
            KernelKind.Project => new(kernel, 0, 0, 0, 3 * parameters),
            KernelKind.Scale => new(kernel, 0, 0, 0, 2 * parameters),

            // The parameters and the optimizer's two states, in and out.
            KernelKind.Update => new(kernel, 0, 0, 0, (slices + 6) * parameters),

            // Nothing between the image and the gradient leaves the chip. The update also packs the weights anew.
            KernelKind.FusedGradient =>
                new(kernel, TrainingMultiplyAccumulates, ImageBytes + LabelBytes, 0, slices * parameters),
            KernelKind.FusedUpdate => new(kernel, 0, 0, 0, (slices + 7) * parameters),
            KernelKind.MatrixDirections => new(kernel, 0, 0, 0, 4 * parameters),
            KernelKind.MatrixUpdate => new(kernel, 0, 0, 0, 3 * parameters),
            KernelKind.Average => new(kernel, 0, 0, 0, 3 * parameters),
            KernelKind.FusedEvaluate => new(kernel, ForwardMultiplyAccumulates, ImageBytes + LabelBytes, 0, 0),

            // A member's: its parameters are on the chip, and go in and out once a launch.
            KernelKind.EnsembleTrain =>
                new(kernel, TrainingMultiplyAccumulates, ImageBytes + LabelBytes, 0, 2 * parameters),
            KernelKind.EnsembleEvaluate => new(kernel, ForwardMultiplyAccumulates, ImageBytes + LabelBytes, 0, parameters),
            _ => throw new ArgumentOutOfRangeException(nameof(kernel), kernel, "There is no such kernel."),
        };
    }

    /// <summary>Floating-point operations of a batch: two a multiply-accumulate, and the biases' additions.</summary>
    /// <param name="batch">Its examples.</param>
    public double Operations(int batch) =>
        (double)batch * (Kernel == KernelKind.BiasBackward ? Activations : 2 * MultiplyAccumulates);

    /// <summary>Bytes of a batch, launched once.</summary>
    /// <param name="batch">Its examples.</param>
    public double Bytes(int batch) => (double)batch * (ReadBytes + WrittenBytes) + StepBytes;
}
