namespace GpuConvnet.Model.Ensembles;

/// <summary>What is averaged of several networks' outputs.</summary>
internal enum OutputAverage
{
    /// <summary>What each says of the probability of every digit.</summary>
    Probabilities,

    /// <summary>The outputs before the softmax: the geometric mean of the probabilities, up to a factor.</summary>
    Logits,
}
