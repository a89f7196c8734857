using System.Buffers.Binary;
using System.Numerics;
using GpuConvnet.Simulator.Ptx;
using GpuConvnet.Simulator.Tensor;

namespace GpuConvnet.Simulator.Sass;

/// <summary>
/// A warp: its lanes' registers, and where each lane is. Lanes that a branch has parted wait for each other where the
/// assembler says (<c>BSSY</c>, <c>BSYNC</c>), and those that are at the same place go together.
/// </summary>
internal sealed class SassWarp
{
    public const int Lanes = 32;

    private const int Registers = 256;
    private const int StackBytes = 1024;
    private const int Runs = -1;
    private const int WaitsForWarp = 100;
    private const int WaitsForGroup = 101;

    private readonly SassGroup _group;
    private readonly int _firstThread;
    private readonly uint[] _registers = new uint[Registers * Lanes];
    private readonly uint[] _uniform = new uint[64];
    private readonly byte[] _stack = new byte[StackBytes * Lanes];
    private readonly uint[] _predicates = new uint[8];
    private readonly bool[] _uniformPredicates = new bool[8];
    private readonly uint[] _convergence = new uint[16];
    private readonly List<Path> _paths = [];
    private readonly ulong[] _addresses = new ulong[Lanes];
    private int _current;
    private uint _alive;

    public SassWarp(SassGroup group, int firstThread)
    {
        _group = group;
        _firstThread = firstThread;
        _alive = uint.MaxValue;
        _paths.Add(new Path(uint.MaxValue, 0, Runs));
        Array.Fill(_registers, 0xFFFFFFFFu);
        _stack.AsSpan().Fill(0xFF);
        _registers.AsSpan(SassOperand.Zero * Lanes, Lanes).Clear();
        _predicates[SassOperand.True] = uint.MaxValue;
        _uniformPredicates[SassOperand.True] = true;
    }

    /// <summary>The cycle at which the warp may issue again, scoreboards aside.</summary>
    public long ReadyAt { get; set; }

    /// <summary>The cycles at which its scoreboards are free.</summary>
    public long[] Scoreboards { get; } = new long[8];

    public bool IsDone => _alive == 0;

    /// <summary>Whether it has come to the group's barrier and nobody has told it to go on.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>The lanes' addresses of the last load or store.</summary>
    public ReadOnlySpan<ulong> Addresses => _addresses;

    /// <summary>The lanes that took part in the last instruction.</summary>
    public uint Active { get; private set; }

    public SassInstruction Next => _group.Program.Instructions[_paths[_current].Index];

    /// <summary>Executes the next instruction.</summary>
    public void Step()
    {
        SassInstruction instruction = Next;
        Path path = _paths[_current];
        _paths[_current] = path with { Index = path.Index + 1 };
        Active = path.Mask & Guarded(instruction.Guard);
        if (Active == 0)
        {
            return;
        }

        try
        {
            // What is the same for all lanes happens once.
            instruction.Execute(this, instruction.Unit == SassUnit.Uniform ? Active & (0u - Active) : Active);
        }
        catch (PtxFaultException fault)
        {
            throw new PtxFaultException($"'{instruction.Text}' at {instruction.Address:x}: {fault.Message}");
        }
    }

    /// <summary>All warps of the group have come to the barrier.</summary>
    public void PassBarrier() => IsWaiting = false;

    public static void Each(uint mask, Action<int> action)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            action(BitOperations.TrailingZeroCount(mask));
        }
    }

    public uint Get(SassOperand operand, int lane)
    {
        uint value = operand.Kind switch
        {
            SassOperandKind.Register => _registers[operand.Index * Lanes + lane],
            SassOperandKind.UniformRegister => operand.Index == SassOperand.UniformZero ? 0 : _uniform[operand.Index],
            SassOperandKind.Constant => _group.Constant(operand.Index, operand.Value),
            SassOperandKind.Immediate => operand.Value,
            SassOperandKind.Special => operand.Text == "SRZ" ? 0 : Special(operand.Text, lane),
            _ => throw new InvalidOperationException($"{operand.Text} is no number"),
        };
        if (operand.Absolute)
        {
            value = (uint)Math.Abs((long)(int)value);
        }

        return operand.Invert ? ~value : operand.Negate ? 0u - value : value;
    }

    public uint GetUpper(SassOperand operand, int lane) => operand.Kind switch
    {
        SassOperandKind.Register => operand.Index == SassOperand.Zero ? 0 : _registers[(operand.Index + 1) * Lanes + lane],
        SassOperandKind.UniformRegister => operand.Index == SassOperand.UniformZero ? 0 : _uniform[operand.Index + 1],
        SassOperandKind.Constant => _group.Constant(operand.Index, operand.Value + 4),
        SassOperandKind.Special => 0,
        _ => 0,
    };

    public float Single(SassOperand operand, int lane)
    {
        uint bits = operand.Kind == SassOperandKind.Register ? _registers[operand.Index * Lanes + lane]
            : operand.Kind == SassOperandKind.UniformRegister ? (operand.Index == SassOperand.UniformZero ? 0 : _uniform[operand.Index])
            : operand.Kind == SassOperandKind.Constant ? _group.Constant(operand.Index, operand.Value)
            : operand.Value;
        float value = BitConverter.UInt32BitsToSingle(bits);
        value = operand.Absolute ? MathF.Abs(value) : value;
        return operand.Negate ? -value : value;
    }

    public void Set(SassOperand operand, int lane, uint value)
    {
        if (operand.Kind == SassOperandKind.UniformRegister)
        {
            _uniform[operand.Index] = value;
        }
        else if (operand.Index != SassOperand.Zero)
        {
            _registers[operand.Index * Lanes + lane] = value;
        }
    }

    public void SetUpper(SassOperand operand, int lane, uint value)
    {
        if (operand.Kind == SassOperandKind.UniformRegister)
        {
            _uniform[operand.Index + 1] = value;
        }
        else if (operand.Index != SassOperand.Zero)
        {
            _registers[(operand.Index + 1) * Lanes + lane] = value;
        }
    }

    public bool Holds(SassOperand operand, int lane) =>
        (operand.Kind == SassOperandKind.UniformPredicate
            ? _uniformPredicates[operand.Index]
            : (_predicates[operand.Index] >> lane & 1) != 0)
        != operand.Negate;

    public void SetPredicate(SassOperand operand, int lane, bool value)
    {
        if (operand.Index == SassOperand.True)
        {
            return;
        }

        if (operand.Kind == SassOperandKind.UniformPredicate)
        {
            _uniformPredicates[operand.Index] = value;
        }
        else
        {
            _predicates[operand.Index] = value ? _predicates[operand.Index] | 1u << lane : _predicates[operand.Index] & ~(1u << lane);
        }
    }

    public uint PredicatesOf(int lane)
    {
        uint bits = 0;
        for (int i = 0; i < SassOperand.True; i++)
        {
            bits |= (_predicates[i] >> lane & 1) << i;
        }

        return bits;
    }

    public void SetPredicates(int lane, uint bits, uint which)
    {
        for (int i = 0; i < SassOperand.True; i++)
        {
            if ((which >> i & 1) != 0)
            {
                _predicates[i] = (bits >> i & 1) != 0 ? _predicates[i] | 1u << lane : _predicates[i] & ~(1u << lane);
            }
        }
    }

    public uint Special(string name, int lane) => name switch
    {
        "SR_TID.X" => (uint)(_firstThread + lane),
        "SR_CTAID.X" => (uint)_group.Index,
        "SR_LANEID" => (uint)lane,
        "SR_TID.Y" or "SR_TID.Z" or "SR_CTAID.Y" or "SR_CTAID.Z" or "SR_CgaCtaId" or "SRZ" => 0,
        _ => throw new InvalidOperationException($"nothing is known here of {name}"),
    };

    public void Load(SassInstruction instruction, uint mask)
    {
        Span<byte> value = stackalloc byte[16];
        for (uint left = mask; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            At(instruction, instruction.Operands[1], lane).CopyTo(value);
            for (int i = 0; i < (instruction.Bytes + 3) / 4; i++)
            {
                uint word = instruction.Bytes == 1 ? value[0] : BinaryPrimitives.ReadUInt32LittleEndian(value[(4 * i)..]);
                _registers[(instruction.Operands[0].Index + i) * Lanes + lane] = word;
            }
        }
    }

    public void Store(SassInstruction instruction, uint mask)
    {
        SassOperand source = instruction.Operands[1];
        for (uint left = mask; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            Span<byte> place = At(instruction, instruction.Operands[0], lane);
            for (int i = 0; i < instruction.Bytes / 4; i++)
            {
                uint word = source.Index == SassOperand.Zero ? 0 : _registers[(source.Index + i) * Lanes + lane];
                BinaryPrimitives.WriteUInt32LittleEndian(place[(4 * i)..], word);
            }
        }
    }

    /// <summary>A product of matrices, of which every lane holds a part: D = A * B + C.</summary>
    public void Multiply(SassInstruction instruction, uint mask)
    {
        if (mask != uint.MaxValue)
        {
            throw new PtxFaultException("only some of a warp's 32 lanes come to the product of matrices");
        }

        SassOperand[] operands = instruction.Operands;
        Span<uint> left = stackalloc uint[TensorFragments.Left.Length];
        Span<uint> right = stackalloc uint[TensorFragments.Right.Length];
        Span<uint> sums = stackalloc uint[TensorFragments.Sums.Length];
        Gather(operands[1], TensorFragments.Left, left);
        Gather(operands[2], TensorFragments.Right, right);
        Gather(operands[3], TensorFragments.Sums, sums);
        if (instruction.Modifiers[0] == SassSemantics.DepthOfPairs)
        {
            _group.Tensor.MultiplyPairs(left, right, sums);
        }
        else
        {
            _group.Tensor.Multiply(left, right, sums);
        }

        for (int i = 0; i < sums.Length; i++)
        {
            _registers[operands[0].Index * Lanes + i] = sums[TensorFragments.Sums[i]];
        }
    }

    /// <summary>A branch, or a wait.</summary>
    public void Control(SassInstruction instruction, uint mask)
    {
        Path path = _paths[_current];
        SassOperand[] operands = instruction.Operands;
        switch (instruction.Operation)
        {
            case "BSSY":
                _convergence[operands[0].Index] = mask;
                break;
            case "BSYNC":
                Part(mask, path.Index, operands[0].Index);
                break;
            case "WARPSYNC":
                Part(mask, path.Index, WaitsForWarp);
                break;
            case "BAR":
                Part(mask, path.Index, WaitsForGroup);
                break;
            case "BRA":
                for (int i = 0; i < operands.Length - 1; i++)
                {
                    uint taken = 0;
                    Each(mask, lane => taken |= Holds(operands[i], lane) ? 1u << lane : 0);
                    mask &= taken;
                }

                if (mask != 0)
                {
                    Part(mask, SassProgram.IndexOf((uint)operands[^1].Index), Runs);
                }

                break;
            case "CALL":
                Part(mask, SassProgram.IndexOf((uint)operands[^1].Index), Runs);
                break;
            case "RET":
                Part(mask, SassProgram.IndexOf(Get(operands[0], BitOperations.TrailingZeroCount(mask))), Runs);
                break;
            default:
                _alive &= ~mask;
                for (int i = 0; i < _convergence.Length; i++)
                {
                    _convergence[i] &= _alive;
                }

                Part(mask, path.Index, Runs);
                _paths.RemoveAll(one => (one.Mask & _alive) == 0);
                if (_alive == 0)
                {
                    return;
                }

                break;
        }

        Choose();
    }

    private void Gather(SassOperand operand, int[] places, Span<uint> matrix)
    {
        for (int i = 0; i < places.Length; i++)
        {
            matrix[places[i]] = operand.Index == SassOperand.Zero ? 0 : _registers[operand.Index * Lanes + i];
        }
    }

    private uint Guarded(SassOperand guard) =>
        guard.Kind == SassOperandKind.UniformPredicate
            ? _uniformPredicates[guard.Index] != guard.Negate ? uint.MaxValue : 0
            : guard.Negate ? ~_predicates[guard.Index] : _predicates[guard.Index];

    /// <summary>Some lanes of the current path go elsewhere, or wait; the others go on.</summary>
    private void Part(uint mask, int index, int waitsFor)
    {
        Path path = _paths[_current];
        if (path.Mask == mask)
        {
            _paths[_current] = new Path(mask, index, waitsFor);
        }
        else
        {
            _paths[_current] = path with { Mask = path.Mask & ~mask };
            _paths.Add(new Path(mask, index, waitsFor));
        }
    }

    /// <summary>Lets go on who need wait no more, and chooses who does.</summary>
    private void Choose()
    {
        for (int i = 0; i < _paths.Count; i++)
        {
            Path path = _paths[i];
            uint awaited = path.WaitsFor switch
            {
                Runs => 0,
                WaitsForWarp or WaitsForGroup => _alive,
                _ => _convergence[path.WaitsFor],
            };
            if (awaited != 0)
            {
                uint there = 0;
                foreach (Path one in _paths)
                {
                    there |= one.WaitsFor == path.WaitsFor && one.Index == path.Index ? one.Mask : 0;
                }

                if ((awaited & ~there) == 0)
                {
                    _paths.RemoveAll(one => one.WaitsFor == path.WaitsFor && one.Index == path.Index);
                    _paths.Insert(0, new Path(there, path.Index, Runs));
                    IsWaiting |= path.WaitsFor == WaitsForGroup;
                    i = -1;
                }
            }
        }

        _current = _paths.FindIndex(path => path.WaitsFor == Runs);
        if (_current < 0 && _alive != 0)
        {
            throw new PtxFaultException("lanes of a warp wait for each other at different places");
        }
    }

    private Span<byte> At(SassInstruction instruction, SassOperand place, int lane)
    {
        int bytes = instruction.Bytes;
        if (instruction.Operation is "LDL" or "STL")
        {
            uint address = (_registers[place.Index * Lanes + lane] + place.Value) % StackBytes;
            _addresses[lane] = address;
            return _stack.AsSpan(lane * StackBytes + (int)address, bytes);
        }

        if (instruction.Operation is "LDS" or "STS")
        {
            uint address = _registers[place.Index * Lanes + lane] * (uint)place.Scale + place.Value
                + (place.Uniform == SassOperand.UniformZero ? 0 : _uniform[place.Uniform]);
            _addresses[lane] = address;
            return _group.Shared(address, bytes);
        }

        ulong wide = ((ulong)_registers[(place.Index + 1) * Lanes + lane] << 32 | _registers[place.Index * Lanes + lane])
            + (ulong)(int)place.Value;
        _addresses[lane] = wide;
        return _group.Memory.At(wide, bytes);
    }

    /// <summary>Lanes that are at the same place.</summary>
    private readonly record struct Path(uint Mask, int Index, int WaitsFor);
}
