namespace GpuConvnet.Trainer.Studies.Reproduction;

/// <summary>Which of our answers to the article are trained.</summary>
internal enum ReproductionEngines
{
    /// <summary>Both.</summary>
    Both,

    /// <summary>As the article did it, on the vector path.</summary>
    PerExample,

    /// <summary>With the whole training set in every step.</summary>
    FullBatch,
}
