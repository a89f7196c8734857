using System.Text;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Training.Messages;

namespace GpuConvnet.Trainer.Training;

/// <summary>A lane of another process, see <see cref="Worker"/>. What it trains has the bits that it would have here.</summary>
/// <param name="workers">The other processes.</param>
/// <param name="rank">Which of them.</param>
/// <param name="number">Which of its lanes.</param>
internal sealed class RemoteLane(Workers workers, int rank, int number) : ILane
{
    /// <inheritdoc/>
    public LaneRun Take(PlannedRun run) => new RemoteRun(workers, rank, number, run);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class RemoteRun(Workers workers, int rank, int lane, PlannedRun planned) : LaneRun(planned)
    {
        // The signal that reaches a worker reaches the first rank too, if it was meant for all.
        private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

        public override RunOutcome Execute(CancellationToken stop)
        {
            Drop.ThrowIfCancellationRequested();
            using Workers.Conversation conversation = workers.Begin(rank, Planned.Choice, Order());
            using CancellationTokenRegistration stopping =
                stop.Register(() => conversation.Send(rank, new CancelMessage(IsDropped: false)));
            try
            {
                while (true)
                {
                    switch (conversation.Receive(Drop).Message)
                    {
                        case TrainedMessage trained:
                            OnTrained(trained.Steps, trained.Seconds);
                            Live?.TrainedElsewhere(trained.Steps, trained.Seconds);
                            break;
                        case SaidMessage said:
                            OnSaid(said.Line);
                            break;
                        case EndedMessage { Result: { } result } ended:
                            return new RunOutcome(Planned.Configuration, result, ended.Parameters);
                        case EndedMessage failed:
                            throw Failure(failed);
                    }
                }
            }
            catch (OperationCanceledException)
            {
                conversation.Send(rank, new CancelMessage(IsDropped: true));
                throw;
            }
        }

        private TrainMessage Order() => new(
            Engine: 0,
            lane,
            Encoding.UTF8.GetString(ConfigurationFile.Serialize(Planned.Configuration)),
            Planned.DataSeconds,
            Planned.Start?.From,
            Planned.Start?.Pretraining,
            Saving,
            IsDropped: Drop.CanBeCanceled)
        {
            Parameters = Planned.Start?.Parameters ?? [],
        };

        private Exception Failure(EndedMessage ended)
        {
            if (ended.Failure is null)
            {
                Drop.WaitHandle.WaitOne(s_patience);
                Drop.ThrowIfCancellationRequested();
            }

            string message = ended.Failure ?? "it was interrupted, and the first rank was not.";
            return ended.IsDivergence ? new RunFailedException(message) { IsDivergence = true }
                : ended.IsBadInput ? new BadInputException($"{workers.NameOf(rank)}: {message}")
                : new RunFailedException($"{workers.NameOf(rank)}: {message}");
        }
    }
}
