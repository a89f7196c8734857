namespace GpuConvnet.Kernels.Compilation;

/// <summary>Every kernel that a training launches, in the order of a step.</summary>
internal enum KernelKind
{
    /// <summary>Turned, scaled and bent images.</summary>
    Distort,

    /// <summary>H1 from the image.</summary>
    H1Forward,

    /// <summary>H2 from H1.</summary>
    H2Forward,

    /// <summary>H3 from H2.</summary>
    H3Forward,

    /// <summary>The outputs from H3.</summary>
    OutputForward,

    /// <summary>An evaluation's losses and misses.</summary>
    Evaluate,

    /// <summary>The outputs' deltas, and H3's.</summary>
    OutputBackward,

    /// <summary>H2's deltas from H3's.</summary>
    H3BackwardInput,

    /// <summary>H1's deltas from H2's.</summary>
    H2BackwardInput,

    /// <summary>The gradient of H1's weights.</summary>
    H1BackwardWeights,

    /// <summary>The gradient of H2's weights.</summary>
    H2BackwardWeights,

    /// <summary>The gradients of the weights of dense layers: H3 and the outputs.</summary>
    DenseBackwardWeights,

    /// <summary>The gradients of biases.</summary>
    BiasBackward,

    /// <summary>The sum of the slices' gradients, where no step follows at once.</summary>
    Gradient,

    /// <summary>Second derivatives: the parameters' squares.</summary>
    SquareParameters,

    /// <summary>Second derivatives: the images' squares.</summary>
    SquareImages,

    /// <summary>Second derivatives: the squares of hidden units and their slopes.</summary>
    SquareUnits,

    /// <summary>Second derivatives by the sums of the outputs and of H3.</summary>
    OutputBackwardCurvature,

    /// <summary>Second derivatives by H2's sums.</summary>
    H3BackwardCurvature,

    /// <summary>Second derivatives by H1's sums.</summary>
    H2BackwardCurvature,

    /// <summary>Second derivatives by H1's weights.</summary>
    H1CurvatureOfWeights,

    /// <summary>Second derivatives by H2's weights.</summary>
    H2CurvatureOfWeights,

    /// <summary>Weight normalization: the gradient by lengths and directions.</summary>
    Project,

    /// <summary>The sum of the slices' gradients, and the optimizer's step.</summary>
    Update,

    /// <summary>Matrices: directions of the batch's gradient, and the optimizer's step of what is no matrix.</summary>
    MatrixDirections,

    /// <summary>Matrices: the directions, made orthogonal, and the optimizer's step.</summary>
    MatrixUpdate,

    /// <summary>The average of the parameters that an optimizer has evaluated.</summary>
    Average,

    /// <summary>Weight normalization: weights from lengths and directions.</summary>
    Scale,

    /// <summary>The fused step: tiles of examples forward and backward, and shares of their gradient.</summary>
    FusedGradient,

    /// <summary>The fused step: the sum of the shares, and the optimizer's step.</summary>
    FusedUpdate,

    /// <summary>The fused kernel of an evaluation: tiles of examples forward, and their losses and misses.</summary>
    FusedEvaluate,

    /// <summary>An ensemble's presentations, each with its step.</summary>
    EnsembleTrain,

    /// <summary>An ensemble's evaluation.</summary>
    EnsembleEvaluate,

    /// <summary>Any network: the border around maps.</summary>
    FillBorder,

    /// <summary>Any network: images into blocks of examples.</summary>
    LoadImages,

    /// <summary>Any network: a convolution.</summary>
    ConvolutionForward,

    /// <summary>Any network: the gradient by a convolution's input.</summary>
    ConvolutionBackwardInput,

    /// <summary>Any network: the gradient of a convolution's weights.</summary>
    ConvolutionBackwardWeights,

    /// <summary>Any network: a dense layer.</summary>
    DenseForward,

    /// <summary>Any network: the gradient by a dense layer's input.</summary>
    DenseBackwardInput,

    /// <summary>Any network: an activation.</summary>
    ActivationForward,

    /// <summary>Any network: the gradient by an activation's input.</summary>
    ActivationBackward,

    /// <summary>Any network: dropped units.</summary>
    DropoutForward,

    /// <summary>Any network: the gradient by units that may be dropped.</summary>
    DropoutBackward,

    /// <summary>Any network: the loss's gradient by the outputs.</summary>
    LossBackward,

    /// <summary>Any network that learns from a teacher: what the teacher's members say on the mean.</summary>
    TeacherOutputs,

    /// <summary>Any network that learns from a teacher: what its outputs should be.</summary>
    TeacherTargets,

    /// <summary>Any network that learns from a teacher: the loss's gradient by the outputs.</summary>
    TaughtLossBackward,

    /// <summary>Any network: maps cut into patches.</summary>
    PatchForward,

    /// <summary>Any network: the gradient by what was cut into patches.</summary>
    PatchBackward,

    /// <summary>Any network: what is added to each token's place.</summary>
    PositionForward,

    /// <summary>Any network: the mean over tokens.</summary>
    TokenMeanForward,

    /// <summary>Any network: the gradient by tokens of their mean.</summary>
    TokenMeanBackward,

    /// <summary>Any network: layer normalization.</summary>
    NormalizationForward,

    /// <summary>Any network: the gradient by what was normalized.</summary>
    NormalizationBackwardInput,

    /// <summary>Any network: the gradients of a normalization's weights and biases.</summary>
    NormalizationBackwardWeights,

    /// <summary>Any network: the products inside of self-attention.</summary>
    AttentionProduct,

    /// <summary>Any network: self-attention's shares.</summary>
    AttentionSoftmax,

    /// <summary>Any network: the gradient by self-attention's scores.</summary>
    AttentionBackwardSoftmax,

    /// <summary>Any network: layers and what goes past them.</summary>
    ResidualForward,

    /// <summary>Any network: the gradients of both.</summary>
    ResidualBackward,
}
