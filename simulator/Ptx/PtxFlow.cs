namespace GpuConvnet.Simulator.Ptx;

/// <summary>A program's flow of control, and what follows from it for lanes that part, for products and for registers.</summary>
internal sealed class PtxFlow
{
    private readonly PtxProgram _program;
    private readonly PtxInstruction[] _instructions;

    // Blocks are runs of instructions that only their first leads into; the last of them, empty, is the end.
    private readonly List<int> _starts = [];
    private readonly int[] _blockOf;
    private readonly int[][] _successors;
    private readonly ulong[][] _liveOut;

    public PtxFlow(PtxProgram program)
    {
        _program = program;
        _instructions = program.Instructions;
        _blockOf = new int[_instructions.Length];
        HashSet<int> leaders = [0];
        for (int i = 0; i < _instructions.Length; i++)
        {
            if (_instructions[i].EndsBlock)
            {
                leaders.Add(i + 1);
                leaders.Add(Math.Max(_instructions[i].Target, 0));
            }
        }

        for (int i = 0; i < _instructions.Length; i++)
        {
            if (leaders.Contains(i))
            {
                _starts.Add(i);
            }

            _blockOf[i] = _starts.Count - 1;
        }

        _starts.Add(_instructions.Length);
        _successors = [.. Enumerable.Range(0, Blocks).Select(Successors)];
        _liveOut = LiveOut();
    }

    private int Blocks => _starts.Count - 1;

    /// <summary>
    /// Lanes that a branch has separated meet where all ways from it come together: its immediate postdominator.
    /// </summary>
    public void FindReconvergence()
    {
        int[] order = BackwardOrder();
        int end = Blocks;
        int[] place = new int[Blocks + 1];
        for (int i = 0; i < order.Length; i++)
        {
            place[order[i]] = i;
        }

        // Cooper, Harvey and Kennedy's iteration, on the graph turned round.
        int[] dominator = [.. Enumerable.Repeat(-1, Blocks + 1)];
        dominator[end] = end;
        for (bool isChanged = true; isChanged;)
        {
            isChanged = false;
            foreach (int block in order.Where(block => block != end))
            {
                int found = -1;
                foreach (int next in _successors[block].Where(next => dominator[next] >= 0))
                {
                    found = found < 0 ? next : Common(found, next);
                }

                isChanged |= dominator[block] != found;
                dominator[block] = found;
            }
        }

        for (int block = 0; block < Blocks; block++)
        {
            PtxInstruction last = _instructions[_starts[block + 1] - 1];
            if (last.Kind == PtxKind.Branch)
            {
                last.Reconvergence = dominator[block] < 0 || dominator[block] == end
                    ? int.MaxValue
                    : _starts[dominator[block]];
            }
        }

        int Common(int one, int other)
        {
            while (one != other)
            {
                if (place[one] > place[other])
                {
                    one = dominator[one];
                }
                else
                {
                    other = dominator[other];
                }
            }

            return one;
        }
    }

    /// <summary>
    /// Marks products that nothing but one sum reads: the driver's compiler makes one FMA of both, for neither says how it
    /// rounds. Of two products that are added one remains.
    /// </summary>
    public void FuseProducts()
    {
        for (int product = 0; product < _instructions.Length; product++)
        {
            PtxInstruction multiply = _instructions[product];
            if (multiply.Class == PtxClass.FloatArithmetic && IsA(multiply, "mul.f32") && OnlyReader(product) is { } sum
                && sum.Class == PtxClass.FloatArithmetic && (IsA(sum, "add.f32") || IsA(sum, "sub.f32"))
                && sum.Sources.Count(source => source == multiply.Destinations[0]) == 1)
            {
                multiply.Class = PtxClass.Free;
                sum.Class = PtxClass.Fma;
            }
        }
    }

    private static bool IsA(PtxInstruction instruction, string operation) =>
        instruction.Text.StartsWith(operation, StringComparison.Ordinal);

    private static bool Has(ulong[] set, int register) => (set[register / 64] >> register & 1) != 0;

    /// <summary>The only instruction that reads what one writes, if it is in the same block.</summary>
    private PtxInstruction? OnlyReader(int writer)
    {
        int register = _instructions[writer].Destinations[0];
        PtxInstruction? reader = null;
        int block = _blockOf[writer];
        for (int i = writer + 1; i < _starts[block + 1]; i++)
        {
            PtxInstruction instruction = _instructions[i];
            if (instruction.Reads.Contains(register))
            {
                if (reader is not null)
                {
                    return null;
                }

                reader = instruction;
            }

            if (instruction.Destinations.Contains(register))
            {
                return reader;
            }
        }

        return Has(_liveOut[block], register) ? null : reader;
    }

    private int[] Successors(int block)
    {
        PtxInstruction last = _instructions[_starts[block + 1] - 1];
        int next = block + 1;
        int target = last.Kind == PtxKind.Branch ? _blockOf[last.Target] : Blocks;
        return !last.EndsBlock ? [next] : last.Predicate < 0 ? [target] : [target, next];
    }

    /// <summary>The blocks from the end on, each behind one that it leads to.</summary>
    private int[] BackwardOrder()
    {
        List<int>[] predecessors = [.. Enumerable.Range(0, Blocks + 1).Select(_ => new List<int>())];
        for (int block = 0; block < Blocks; block++)
        {
            foreach (int next in _successors[block])
            {
                predecessors[next].Add(block);
            }
        }

        List<int> finished = [];
        bool[] isSeen = new bool[Blocks + 1];
        Stack<(int Block, int Next)> stack = new([(Blocks, 0)]);
        isSeen[Blocks] = true;
        while (stack.TryPop(out (int Block, int Next) top))
        {
            if (top.Next == predecessors[top.Block].Count)
            {
                finished.Add(top.Block);
                continue;
            }

            stack.Push((top.Block, top.Next + 1));
            int before = predecessors[top.Block][top.Next];
            if (!isSeen[before])
            {
                isSeen[before] = true;
                stack.Push((before, 0));
            }
        }

        finished.Reverse();
        return [.. finished];
    }

    private ulong[][] LiveOut()
    {
        int words = _program.Registers / 64 + 1;
        ulong[][] read = new ulong[Blocks + 1][];
        ulong[][] written = new ulong[Blocks + 1][];
        ulong[][] liveIn = new ulong[Blocks + 1][];
        ulong[][] liveOut = new ulong[Blocks + 1][];
        for (int block = 0; block <= Blocks; block++)
        {
            (read[block], written[block]) = (new ulong[words], new ulong[words]);
            (liveIn[block], liveOut[block]) = (new ulong[words], new ulong[words]);
        }

        for (int i = 0; i < _instructions.Length; i++)
        {
            int block = _blockOf[i];
            foreach (int register in _instructions[i].Reads.Where(register => !Has(written[block], register)))
            {
                read[block][register / 64] |= 1ul << register;
            }

            // What is written under a predicate may stay as it was.
            foreach (int register in _instructions[i].Predicate < 0 ? _instructions[i].Destinations : [])
            {
                written[block][register / 64] |= 1ul << register;
            }
        }

        for (bool isChanged = true; isChanged;)
        {
            isChanged = false;
            for (int block = Blocks - 1; block >= 0; block--)
            {
                for (int word = 0; word < words; word++)
                {
                    ulong after = 0;
                    foreach (int next in _successors[block])
                    {
                        after |= liveIn[next][word];
                    }

                    ulong before = read[block][word] | (after & ~written[block][word]);
                    isChanged |= before != liveIn[block][word];
                    liveOut[block][word] = after;
                    liveIn[block][word] = before;
                }
            }
        }

        return liveOut;
    }
}
