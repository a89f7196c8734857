namespace GpuConvnet.Model.Training;

/// <summary>In which order a pass presents examples one by one.</summary>
public enum PresentationOrder
{
    /// <summary>The training set's own order, in every pass.</summary>
    AsTheyAre,

    /// <summary>An order drawn from the run's seed, kept for all passes.</summary>
    ShuffledOnce,

    /// <summary>An order drawn anew for each pass from the run's seed and the number of the pass.</summary>
    ShuffledEveryPass,
}
