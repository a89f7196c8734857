namespace GpuConvnet.Simulator.Ptx;

/// <summary>
/// Two threads at the same word, one of them writing, with no barrier between them: what would make a GPU's results differ
/// from run to run. Threads of different groups have no barrier at all.
/// </summary>
internal sealed class PtxRaces
{
    private const int None = 0;
    private const int Several = -1;

    private readonly Access[] _writes;
    private readonly Access[] _reads;
    private readonly string _space;
    private readonly PtxProgram _program;
    private readonly HashSet<(int, int)> _pairs = [];
    private int _group = -1;
    private int _phase;

    public PtxRaces(PtxProgram program, string space, int words)
    {
        _program = program;
        _space = space;
        _writes = new Access[words];
        _reads = new Access[words];
    }

    /// <summary>What was found, once for each pair of instructions.</summary>
    public List<string> Found { get; } = [];

    /// <summary>A barrier has been passed, by all threads of a group; or another group begins.</summary>
    public void Enter(int group)
    {
        _group = group;
        _phase++;
    }

    public void Read(int word, int thread, int instruction)
    {
        ref Access write = ref _writes[word];
        if (Conflicts(write, thread))
        {
            Report(write, word, thread, instruction, "reads what thread {0} has written");
        }

        Note(ref _reads[word], thread, instruction);
    }

    public void Write(int word, int thread, int instruction)
    {
        ref Access write = ref _writes[word];
        ref Access read = ref _reads[word];
        if (Conflicts(write, thread))
        {
            Report(write, word, thread, instruction, "writes what thread {0} has written");
        }
        else if (Conflicts(read, thread))
        {
            Report(read, word, thread, instruction, "writes what thread {0} has read");
        }

        Note(ref write, thread, instruction);
    }

    private bool Conflicts(in Access earlier, int thread) =>
        earlier.Group != None
        && (earlier.Group != _group + 1 || (earlier.Phase == _phase && earlier.Thread != thread + 1));

    private void Note(ref Access access, int thread, int instruction)
    {
        bool isSamePhase = access.Phase == _phase;
        access.Thread = isSamePhase && access.Thread != thread + 1 ? Several : thread + 1;
        access.Group = access.Group is None || access.Group == _group + 1 ? _group + 1 : Several;
        access.Phase = _phase;
        access.Instruction = instruction;
    }

    private void Report(in Access earlier, int word, int thread, int instruction, string what)
    {
        if (_pairs.Add((earlier.Instruction, instruction)))
        {
            string who = earlier.Thread == Several ? "several" : $"{earlier.Thread - 1}";
            string where = earlier.Group != _group + 1 ? " of another group" : "";
            Found.Add(
                $"{_space} word {word}: thread {thread} of group {_group} "
                + string.Format(System.Globalization.CultureInfo.InvariantCulture, what, who + where)
                + $": '{_program.Instructions[instruction].Text}' ({instruction}) after "
                + $"'{_program.Instructions[earlier.Instruction].Text}' ({earlier.Instruction})");
        }
    }

    /// <summary>The last access to a word; threads and groups are numbered from 1.</summary>
    private struct Access
    {
        public int Thread;
        public int Group;
        public int Phase;
        public int Instruction;
    }
}
