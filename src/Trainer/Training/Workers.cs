using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Threading.Channels;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training.Messages;

namespace GpuConvnet.Trainer.Training;

/// <summary>
/// The other ranks, as the first sees them: workers that train whole runs for it, see <see cref="Worker"/>. They have nothing but
/// what they are sent, the digits, and the folder that a run is saved in.
/// </summary>
internal sealed class Workers : IDisposable
{
    private const int MostLines = 16;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    private readonly IMessages _messages;
    private readonly string? _note;
    private readonly ConcurrentDictionary<int, Channel<(int Rank, Message Message)>> _conversations = [];
    private readonly string[] _names;
    private readonly Dictionary<EngineChoice, (int Number, int[] Lanes)> _engines = [];
    private readonly CountdownEvent _left;
    private readonly Thread _pump;
    private int _conversation;

    /// <summary>Takes the lead.</summary>
    /// <param name="messages">The way to the others.</param>
    /// <param name="note">What a user should know about the ranks; null for nothing.</param>
    public Workers(IMessages messages, string? note = null)
    {
        _messages = messages;
        _note = note;
        _names = [.. Enumerable.Range(0, messages.Size).Select(rank => FormattableString.Invariant($"rank {rank}"))];
        _left = new CountdownEvent(messages.Size - 1);
        _pump = new Thread(Receive) { IsBackground = true };
        _pump.Start();
    }

    /// <summary>Threads of this process that the machine has a core for, one or more.</summary>
    public int Threads => _messages.Threads;

    /// <summary>Has the workers get ready what trains, if they have not.</summary>
    /// <param name="choice">What trains here; theirs is of the same kind.</param>
    /// <param name="configuration">An experiment that is to be trained there.</param>
    /// <param name="jobs">How many runs on the CPU each trains at a time; null for one per core.</param>
    /// <param name="data">Where data sets lie.</param>
    /// <param name="folder">A folder that they have to see; null for none.</param>
    /// <returns>Lines for the user about what trains where.</returns>
    /// <exception cref="BadInputException">A worker has nothing of that kind, or does not see the folder.</exception>
    public IReadOnlyList<string> Open(
        EngineChoice choice, ExperimentConfiguration configuration, int? jobs, DataFolder data, string? folder)
    {
        if (_engines.ContainsKey(choice))
        {
            return [];
        }

        choice.LeaveUntimed();
        OpenMessage message = new(
            choice.Kind,
            choice.AskedDevice,
            choice.IsEvery,
            choice.Kernels,
            Encoding.UTF8.GetString(ConfigurationFile.Serialize(configuration)),
            jobs,
            data.FullPath,
            folder);
        using Conversation conversation = Begin();
        for (int rank = 1; rank < _messages.Size; rank++)
        {
            conversation.Send(rank, message);
        }

        OpenedMessage[] answers = new OpenedMessage[_messages.Size];
        for (int rank = 1; rank < _messages.Size; rank++)
        {
            (int from, Message answer) = conversation.Receive(CancellationToken.None);
            answers[from] = (OpenedMessage)answer;
            _names[from] = FormattableString.Invariant($"rank {from} on {answers[from].Host}");
        }

        int unable = Array.FindIndex(answers, 1, answer => answer.Problem is not null);
        if (unable >= 0)
        {
            throw new BadInputException($"{_names[unable]}: {answers[unable].Problem}");
        }

        int own = choice.RunsInParallel ? jobs ?? Threads : choice.Each.Count;
        answers[0] = new OpenedMessage(Environment.MachineName, own, Worker.Describe(choice, own), Problem: null);
        _engines.Add(choice, (conversation.Number, [.. answers.Select(answer => answer.Lanes)]));
        return Lines(answers);
    }

    /// <summary>The workers' lanes for some runs.</summary>
    /// <param name="choices">What trains the runs here, opened.</param>
    public IReadOnlyList<ILane> Lanes(IReadOnlyCollection<EngineChoice> choices) =>
    [
        .. from rank in Enumerable.Range(1, _messages.Size - 1)
           from number in Enumerable.Range(0, choices.Max(choice => _engines[choice].Lanes[rank]))

           // A run each before any has two.
           orderby number
           select new RemoteLane(this, rank, number),
    ];

    /// <summary>How many runs are trained at a time, here and there.</summary>
    /// <param name="choice">What trains them here, opened.</param>
    public int LanesOf(EngineChoice choice) => _engines[choice].Lanes.Sum();

    /// <summary>Begins a run on a worker.</summary>
    /// <param name="rank">Which worker.</param>
    /// <param name="choice">What trains it.</param>
    /// <param name="message">The run; what it trains on is filled in.</param>
    public Conversation Begin(int rank, EngineChoice choice, TrainMessage message)
    {
        Conversation conversation = Begin();
        conversation.Send(rank, message with { Engine = _engines[choice].Number });
        return conversation;
    }

    /// <summary>What errors call a worker.</summary>
    public string NameOf(int rank) => _names[rank];

    /// <summary>Sends the workers home, and waits until they have gone: what they had under way is dropped.</summary>
    public void Dispose()
    {
        for (int rank = 1; rank < _messages.Size; rank++)
        {
            _messages.Send(rank, MessageBytes.Of(new LeaveMessage()));
        }

        _left.Wait();
        _pump.Join();
        _left.Dispose();
    }

    private Conversation Begin()
    {
        Conversation conversation = new(this, Interlocked.Increment(ref _conversation));
        _conversations[conversation.Number] = conversation.Received;
        return conversation;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Thrown where somebody waits for an answer.")]
    private void Receive()
    {
        try
        {
            while (!_left.IsSet)
            {
                if (!_messages.TryReceive(out int rank, out byte[] bytes))
                {
                    Thread.Sleep(s_pause);
                    continue;
                }

                Message message = MessageBytes.Read(bytes);
                if (message is LeaveMessage)
                {
                    _left.Signal();
                }
                else if (_conversations.TryGetValue(message.About, out Channel<(int, Message)>? conversation))
                {
                    conversation.Writer.TryWrite((rank, message));
                }
            }
        }
        catch (Exception failure)
        {
            foreach (Channel<(int, Message)> conversation in _conversations.Values)
            {
                conversation.Writer.TryComplete(failure);
            }

            _left.Signal(_left.CurrentCount);
        }
    }

    /// <summary>Ranks of which the same is to be said share a line.</summary>
    private List<string> Lines(OpenedMessage[] ranks)
    {
        (string Of, int[] Ranks)[] groups =
        [
            .. ranks.Index()
                .GroupBy(rank => $" on {rank.Item.Host}: {rank.Item.What}", rank => rank.Index)
                .Select(group => (group.Key, group.ToArray())),
        ];
        List<string> lines =
        [
            .. groups.Take(MostLines).Select(group => group.Ranks.Length == 1
                ? FormattableString.Invariant($"rank {group.Ranks[0]}{group.Of}")
                : $"ranks {Listed(group.Ranks)}{group.Of} each"),
        ];
        if (groups.Length > MostLines)
        {
            lines.Add(FormattableString.Invariant($"... and {groups.Skip(MostLines).Sum(group => group.Ranks.Length)} other ranks"));
        }

        return _note is null ? lines : [.. lines, _note];
    }

    private static string Listed(int[] ranks) => ranks.Length > 2 && ranks[^1] - ranks[0] == ranks.Length - 1
        ? FormattableString.Invariant($"{ranks[0]} to {ranks[^1]}")
        : string.Join(", ", ranks);

    /// <summary>Messages to and from workers about one thing.</summary>
    internal sealed class Conversation(Workers workers, int number) : IDisposable
    {
        /// <summary>Its number.</summary>
        public int Number => number;

        /// <summary>What has been received and not yet been taken.</summary>
        public Channel<(int Rank, Message Message)> Received { get; } = Channel.CreateUnbounded<(int Rank, Message Message)>();

        /// <summary>Sends a message.</summary>
        public void Send(int rank, Message message) => workers._messages.Send(rank, MessageBytes.Of(message with { About = number }));

        /// <summary>Waits for the next message.</summary>
        /// <param name="cancellation">Ends the wait.</param>
        /// <exception cref="RunFailedException">There is no way to the workers any more.</exception>
        public (int Rank, Message Message) Receive(CancellationToken cancellation)
        {
            try
            {
                return Received.Reader.ReadAsync(cancellation).AsTask().GetAwaiter().GetResult();
            }
            catch (ChannelClosedException closed)
            {
                throw new RunFailedException($"The other ranks cannot be reached any more: {closed.InnerException?.Message}", closed);
            }
        }

        /// <summary>Ends it: what is still on its way is not waited for.</summary>
        public void Dispose() => workers._conversations.TryRemove(number, out _);
    }
}
