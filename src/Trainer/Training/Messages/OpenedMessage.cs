namespace GpuConvnet.Trainer.Training.Messages;

/// <summary>What a worker has to train on.</summary>
/// <param name="Host">Its machine's name.</param>
/// <param name="Lanes">How many runs it trains at a time.</param>
/// <param name="What">What that is, for the user.</param>
/// <param name="Problem">Why it can train nothing; null where it can.</param>
internal sealed record OpenedMessage(string Host, int Lanes, string What, string? Problem) : Message;
