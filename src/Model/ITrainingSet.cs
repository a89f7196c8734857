namespace GpuConvnet.Model;

/// <summary>
/// What is trained on: a set in memory (<see cref="Examples"/>), or one too long for that, of which a block is in memory
/// at a time. Not safe for use by several threads at once, unless it is in memory whole.
/// </summary>
public interface ITrainingSet
{
    /// <summary>How many examples a pass presents.</summary>
    int Count { get; }

    /// <summary>What an evaluation of the training split looks at: all of it, or its beginning.</summary>
    Examples Sample { get; }

    /// <summary>
    /// The block that holds an example. It stays as it is until the next call, and holds whole batches: from any
    /// batch's first example to its last.
    /// </summary>
    /// <param name="place">The example's place in the set, from 0.</param>
    /// <param name="index">The example's index in the block.</param>
    /// <exception cref="ArgumentOutOfRangeException">The set has no such example.</exception>
    Examples BlockOf(int place, out int index);
}
