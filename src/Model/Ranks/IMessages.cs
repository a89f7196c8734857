namespace GpuConvnet.Model.Ranks;

/// <summary>
/// Whole messages between processes, a rank each. Any thread may call; messages from one rank to another keep their order.
/// </summary>
internal interface IMessages
{
    /// <summary>This process, from 0.</summary>
    int Rank { get; }

    /// <summary>How many there are.</summary>
    int Size { get; }

    /// <summary>This process among those of its machine, from 0.</summary>
    int LocalRank { get; }

    /// <summary>Threads of this process that the machine has a core for, one or more.</summary>
    int Threads { get; }

    /// <summary>Sends a message to one rank.</summary>
    /// <param name="rank">Which.</param>
    /// <param name="message">The message; it may be changed when this returns.</param>
    void Send(int rank, ReadOnlySpan<byte> message);

    /// <summary>Takes a message that some rank sent, if one is there.</summary>
    /// <param name="rank">Who sent it.</param>
    /// <param name="message">The message.</param>
    bool TryReceive(out int rank, out byte[] message);
}
