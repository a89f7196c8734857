using System.Buffers.Binary;
using System.Numerics;
using GpuConvnet.Simulator.Tensor;

namespace GpuConvnet.Simulator.Ptx;

/// <summary>
/// A warp: 32 lanes in step. Where they part, those on either way go on alone, one way after the other, until both are where
/// all ways meet.
/// </summary>
internal sealed class PtxWarp
{
    public const int Lanes = 32;

    // What a register holds that nobody has written.
    private const ulong Nothing = 0xFFFF_FFFF_FFFF_FFFF;

    private readonly PtxProgram _program;
    private readonly PtxInstruction[] _instructions;
    private readonly PtxPort _port;
    private readonly byte[] _parameters;
    private readonly int _firstThread;
    private readonly (int X, int Y) _threads;
    private readonly ulong[] _registers;
    private readonly ulong[] _addresses = new ulong[Lanes];

    // Lanes that are on their way together: where they are, where those of the entry below wait for them, and which they are.
    private readonly Stack<(int Next, int Meeting, uint Lanes)> _waiting = new();
    private int _next;
    private int _meeting;
    private uint _active;
    private uint _alive;

    // When results are there, and when instructions could be issued: a warp alone, its blocks in the best order.
    private readonly long[] _ready;
    private long _clock;
    private long _blockSlots;
    private long _lastIssue;
    private long _blockEnd;

    public PtxWarp(PtxProgram program, PtxPort port, byte[] parameters, int warp, (int X, int Y) threads)
    {
        _program = program;
        _instructions = program.Instructions;
        _port = port;
        _parameters = parameters;
        _firstThread = warp * Lanes;
        _threads = threads;
        _registers = new ulong[program.Registers * Lanes];
        _ready = new long[program.Registers];
    }

    /// <summary>Whether all threads have ended; otherwise they wait at a barrier.</summary>
    public bool IsDone => _alive == 0;

    /// <summary>Puts the lanes at the beginning of a group's program.</summary>
    public void Begin((int X, int Y) group, (int X, int Y) grid)
    {
        int count = Math.Min(Lanes, _threads.X * _threads.Y - _firstThread);
        _alive = _active = (uint)((1ul << count) - 1);
        _next = 0;
        _meeting = int.MaxValue;
        _waiting.Clear();
        Array.Fill(_registers, Nothing);
        Array.Clear(_ready);
        (_clock, _blockSlots, _lastIssue, _blockEnd) = (0, 0, 0, 0);
        foreach ((int register, ulong value) in _program.Constants)
        {
            _registers.AsSpan(register * Lanes, Lanes).Fill(value);
        }

        foreach ((string name, int register) in _program.Special)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                int thread = _firstThread + lane;
                _registers[register * Lanes + lane] = (ulong)(name switch
                {
                    "%tid.x" => thread % _threads.X,
                    "%tid.y" => thread / _threads.X,
                    "%ntid.x" => _threads.X,
                    "%ntid.y" => _threads.Y,
                    "%ctaid.x" => group.X,
                    "%ctaid.y" => group.Y,
                    "%nctaid.x" => grid.X,
                    "%nctaid.y" => grid.Y,
                    "%tid.z" or "%ctaid.z" => 0,
                    _ => 1,
                });
            }
        }
    }

    /// <summary>Runs to the next barrier, or to the end.</summary>
    public PtxCounts Run()
    {
        PtxCounts counts = new();
        long start = _clock;
        while (!IsDone)
        {
            int index = _next;
            PtxInstruction instruction = _instructions[index];
            uint lanes = Taking(instruction);
            try
            {
                Issue(instruction, counts, lanes);
                if (instruction.Kind == PtxKind.Barrier)
                {
                    _next++;
                    if (_active != _alive)
                    {
                        throw new PtxFaultException("only some of the warp's threads come to the barrier");
                    }

                    EndBlock();
                    break;
                }

                Execute(instruction, index, lanes, counts);
            }
            catch (Exception fault) when (fault is PtxFaultException or DivideByZeroException or OverflowException)
            {
                throw new PtxFaultException(
                    $"{_program.Name}, instruction {index} '{instruction.Text}', threads from {_firstThread} on, "
                    + $"lanes {lanes:x8} of {_alive:x8}: {fault.Message}");
            }
        }

        EndBlock();
        counts.Chain = _clock - start;
        return counts;
    }

    private uint Taking(PtxInstruction instruction)
    {
        if (instruction.Predicate < 0)
        {
            return _active;
        }

        uint holds = 0;
        for (int lane = 0; lane < Lanes; lane++)
        {
            holds |= (uint)(_registers[instruction.Predicate * Lanes + lane] & 1) << lane;
        }

        return _active & (instruction.IsNegated ? ~holds : holds);
    }

    private void Execute(PtxInstruction instruction, int index, uint lanes, PtxCounts counts)
    {
        switch (instruction.Kind)
        {
            case PtxKind.Compute:
                Compute(instruction, lanes);
                break;
            case PtxKind.Copy:
                Copy(instruction, lanes);
                break;
            case PtxKind.Product or PtxKind.ProductOfPairs:
                Multiply(instruction, lanes);
                break;
            case PtxKind.Parameter:
                LoadParameter(instruction);
                break;
            case PtxKind.Load or PtxKind.Store:
                Access(instruction, index, lanes, counts);
                break;
            case PtxKind.Branch:
                EndBlock();
                Branch(instruction, lanes);
                Meet();
                return;
            case PtxKind.Return:
                EndBlock();
                _alive &= ~lanes;
                _active &= ~lanes;
                break;
        }

        _next++;
        Meet();
    }

    private void Compute(PtxInstruction instruction, uint lanes)
    {
        Func<ulong, ulong, ulong, ulong> function = instruction.Function!;
        ulong[] registers = _registers;
        int to = instruction.Destinations[0] * Lanes;
        int[] sources = instruction.Sources;
        int a = sources[0] * Lanes;
        int b = sources.Length > 1 ? sources[1] * Lanes : a;
        int c = sources.Length > 2 ? sources[2] * Lanes : a;
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            registers[to + lane] = function(registers[a + lane], registers[b + lane], registers[c + lane]);
        }
    }

    private void Copy(PtxInstruction instruction, uint lanes)
    {
        Span<ulong> from = _registers.AsSpan(instruction.Sources[0] * Lanes, Lanes);
        Span<ulong> to = _registers.AsSpan(instruction.Destinations[0] * Lanes, Lanes);
        if (lanes == uint.MaxValue)
        {
            from.CopyTo(to);
            return;
        }

        for (uint left = lanes; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            to[lane] = from[lane];
        }
    }

    /// <summary>A product of matrices, of which every lane holds a part.</summary>
    private void Multiply(PtxInstruction instruction, uint lanes)
    {
        if (lanes == 0)
        {
            return;
        }

        if (lanes != uint.MaxValue)
        {
            throw new PtxFaultException("only some of a warp's 32 lanes come to the product of matrices");
        }

        Span<uint> left = stackalloc uint[TensorFragments.Left.Length];
        Span<uint> right = stackalloc uint[TensorFragments.Right.Length];
        Span<uint> sums = stackalloc uint[TensorFragments.Sums.Length];
        Gather(instruction.Sources.AsSpan(0, 4), TensorFragments.Left, left);
        Gather(instruction.Sources.AsSpan(4, 2), TensorFragments.Right, right);
        Gather(instruction.Sources.AsSpan(6, 4), TensorFragments.Sums, sums);

        // PTX leaves open how a sum is rounded; this is the coarser of the two that are known.
        if (instruction.Kind == PtxKind.Product)
        {
            TensorCore.A100.Multiply(left, right, sums);
        }
        else
        {
            TensorCore.A100.MultiplyPairs(left, right, sums);
        }

        for (int i = 0; i < sums.Length; i++)
        {
            _registers[instruction.Destinations[i / Lanes] * Lanes + i % Lanes] = sums[TensorFragments.Sums[i]];
        }
    }

    private void Gather(ReadOnlySpan<int> registers, int[] places, Span<uint> matrix)
    {
        for (int i = 0; i < places.Length; i++)
        {
            matrix[places[i]] = (uint)_registers[registers[i / Lanes] * Lanes + i % Lanes];
        }
    }

    private void LoadParameter(PtxInstruction instruction)
    {
        for (int i = 0; i < instruction.Destinations.Length; i++)
        {
            ulong value = Value(
                _parameters.AsSpan((int)instruction.Offset + i * instruction.ValueBytes, instruction.ValueBytes), false);
            _registers.AsSpan(instruction.Destinations[i] * Lanes, Lanes).Fill(value);
        }
    }

    private void Access(PtxInstruction instruction, int index, uint lanes, PtxCounts counts)
    {
        int[] values = instruction.Kind == PtxKind.Load ? instruction.Destinations : instruction.Sources;
        int bytes = instruction.ValueBytes;
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            ulong address = _registers[instruction.Address * Lanes + lane] + (ulong)instruction.Offset;
            _addresses[lane] = address;
            Span<byte> place = _port.At(instruction, index, address, bytes * values.Length, _firstThread + lane);
            for (int i = 0; i < values.Length; i++)
            {
                ref ulong register = ref _registers[values[i] * Lanes + lane];
                if (instruction.Kind == PtxKind.Load)
                {
                    register = Value(place.Slice(i * bytes, bytes), instruction.IsSigned);
                }
                else
                {
                    Store(place.Slice(i * bytes, bytes), register);
                }
            }
        }

        int latency = _port.Count(instruction, _addresses, lanes, counts);
        foreach (int register in instruction.Destinations)
        {
            _ready[register] = _lastIssue + latency;
        }
    }

    private void Branch(PtxInstruction branch, uint taken)
    {
        uint others = _active & ~taken;
        if (taken == 0 || others == 0)
        {
            _next = others == 0 ? branch.Target : _next + 1;
            return;
        }

        if (branch.IsUniform)
        {
            _port.BrokenPromises.Add($"{_program.Name}: '{branch.Text}'");
        }

        // Where these lanes are awaited already, nobody needs to wait for them once more.
        if (branch.Reconvergence != _meeting)
        {
            _waiting.Push((branch.Reconvergence, _meeting, _active));
        }

        _meeting = branch.Reconvergence;
        _waiting.Push((branch.Target, _meeting, taken));
        _next++;
        _active = others;
    }

    /// <summary>Goes on with other lanes where these have ended or have come to where they are awaited.</summary>
    private void Meet()
    {
        while (_alive != 0 && (_active == 0 || _next == _meeting))
        {
            (_next, _meeting, uint lanes) = _waiting.Pop();
            _active = lanes & _alive;
        }
    }

    /// <summary>Counts an instruction, and when it could have been issued.</summary>
    private void Issue(PtxInstruction instruction, PtxCounts counts, uint lanes)
    {
        counts.Add(instruction.Class, BitOperations.PopCount(instruction.EndsBlock ? _active : lanes));
        long issue = _clock;
        foreach (int register in instruction.Sources)
        {
            issue = Math.Max(issue, _ready[register]);
        }

        if (instruction.Address >= 0)
        {
            issue = Math.Max(issue, _ready[instruction.Address]);
        }

        if (instruction.Predicate >= 0)
        {
            issue = Math.Max(issue, _ready[instruction.Predicate]);
        }

        foreach (int register in instruction.Destinations)
        {
            _ready[register] = issue + PtxCost.Latency(instruction.Class);
        }

        if (instruction.Class == PtxClass.Barrier)
        {
            issue += PtxCost.Latency(PtxClass.Barrier);
        }

        // Loads add their latency to this once it is known; what is free is not issued at all.
        _lastIssue = issue;
        _blockSlots += PtxCost.Slots(instruction.Class);
        _blockEnd = Math.Max(_blockEnd, instruction.Class == PtxClass.Free ? 0 : issue + 1);
    }

    private void EndBlock()
    {
        _clock = Math.Max(_clock + _blockSlots, _blockEnd);
        _blockSlots = 0;
    }

    private static ulong Value(ReadOnlySpan<byte> bytes, bool isSigned) => bytes.Length switch
    {
        1 => isSigned ? (uint)(sbyte)bytes[0] : bytes[0],
        2 => isSigned
            ? (uint)BinaryPrimitives.ReadInt16LittleEndian(bytes)
            : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
    };

    private static void Store(Span<byte> bytes, ulong value)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(value >> 8 * i);
        }
    }
}
