namespace GpuConvnet.Model.Optimizers;

/// <summary>What an orthogonal matrix is multiplied with before it moves weights: <c>torch.optim.Muon</c>'s <c>adjust_lr_fn</c>.</summary>
public enum MatrixScale
{
    /// <summary>sqrt(max(1, units / inputs of a unit)): PyTorch's "original".</summary>
    Original,

    /// <summary>0.2 sqrt(max(units, inputs of a unit)), with which AdamW's learning rates serve: "match_rms_adamw".</summary>
    MatchRmsAdamW,
}
