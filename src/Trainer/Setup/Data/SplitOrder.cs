namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>Which split's permutation is drawn first from the one generator; it decides which digits are chosen.</summary>
public enum SplitOrder
{
    /// <summary>The article's accident, which reproduces its numbers.</summary>
    TestThenTrain,

    /// <summary>The order that its script reads as.</summary>
    TrainThenTest,
}
