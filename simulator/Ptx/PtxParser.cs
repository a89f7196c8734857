using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuConvnet.Simulator.Ptx;

/// <summary>
/// Reads PTX of one kernel, an instruction a line, as ILGPU writes it. What it does not know it refuses, with its text.
/// </summary>
internal sealed partial class PtxParser
{
    private readonly Dictionary<string, int> _registers = [];
    private readonly Dictionary<ulong, int> _constants = [];
    private readonly Dictionary<string, int> _special = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly Dictionary<string, ulong> _shared = [];

    // A thread's own memory, by name; the registers that hold its addresses; and what stands for a word of it.
    private readonly Dictionary<string, int> _locals = [];
    private readonly Dictionary<int, string> _localOf = [];
    private readonly Dictionary<(string Name, long Offset), (int Register, int Bytes)> _localWords = [];
    private readonly List<PtxParameter> _parameters = [];
    private readonly List<PtxInstruction> _instructions = [];
    private int _count;
    private int _sharedBytes;
    private int _parameterBytes;
    private string _name = "";

    public PtxProgram Parse(string ptx)
    {
        foreach (string untrimmed in ptx.Split('\n'))
        {
            string line = untrimmed.Trim();
            if (line.Contains(".entry", StringComparison.Ordinal))
            {
                _name = Entry().Match(line).Groups[1].Value;
            }
            else if (line.StartsWith('.'))
            {
                Declare(line);
            }
            else if (line.EndsWith(':'))
            {
                _labels.Add(line[..^1], _instructions.Count);
            }
            else if (line.EndsWith(';'))
            {
                _instructions.Add(Decode(line));
            }
            else if (line.Length > 0 && line is not ("{" or "}" or ")") && !line.StartsWith("//", StringComparison.Ordinal))
            {
                throw Unknown(line);
            }
        }

        if (_instructions.Find(IsTooClever) is { } clever)
        {
            throw Unknown(clever.Text);
        }

        foreach (PtxInstruction branch in _instructions.Where(instruction => instruction.Kind == PtxKind.Branch))
        {
            branch.Target = _labels.TryGetValue(branch.Label, out int target) ? target : throw Unknown(branch.Text);
        }

        return new PtxProgram
        {
            Name = _name,
            Text = ptx,
            Instructions = [.. _instructions],
            Parameters = _parameters,
            Registers = _count,
            Constants = [.. _constants.Select(constant => (constant.Value, constant.Key))],
            Special = _special,
            SharedBytes = _sharedBytes,
        };
    }

    private void Declare(string line)
    {
        if (line.StartsWith(".param", StringComparison.Ordinal))
        {
            Match match = Parameter().Match(line);
            int value = ValueBytes(match.Groups["type"].Value, line);
            int bytes = match.Groups["count"].Success ? value * Number(match.Groups["count"].Value) : value;
            int alignment = match.Groups["align"].Success ? Number(match.Groups["align"].Value) : value;
            int offset = Aligned(_parameterBytes, alignment);
            _parameters.Add(new PtxParameter(match.Groups["name"].Value, offset, bytes));
            _parameterBytes = offset + bytes;
        }
        else if (line.StartsWith(".shared", StringComparison.Ordinal))
        {
            Match match = Parameter().Match(line);
            int bytes = ValueBytes(match.Groups["type"].Value, line) * Number(match.Groups["count"].Value);
            int offset = Aligned(_sharedBytes, Number(match.Groups["align"].Value));
            _shared.Add(match.Groups["name"].Value, PtxProgram.SharedBase + (ulong)offset);
            _sharedBytes = offset + bytes;
        }
        else if (line.StartsWith(".local", StringComparison.Ordinal))
        {
            Match match = Parameter().Match(line);
            _locals.Add(match.Groups["name"].Value, ValueBytes(match.Groups["type"].Value, line) * Number(match.Groups["count"].Value));
        }
        else if (!Harmless().IsMatch(line))
        {
            throw Unknown(line);
        }
    }

    private PtxInstruction Decode(string line)
    {
        Match match = Instruction().Match(line);
        string operation = match.Groups["operation"].Value;
        string[] operands = [.. Operand().Matches(match.Groups["operands"].Value).Select(operand => operand.Value.Trim())];
        int predicate = match.Groups["predicate"].Success ? Register(match.Groups["predicate"].Value) : -1;
        bool isNegated = match.Groups["not"].Success;
        string[] parts = operation.Split('.');
        switch (parts[0])
        {
            case "bra":
                return new PtxInstruction
                {
                    Text = line,
                    Kind = PtxKind.Branch,
                    Class = PtxClass.Branch,
                    Predicate = predicate,
                    IsNegated = isNegated,
                    Label = operands[0],
                    IsUniform = operation == "bra.uni",
                };
            case "ret" or "exit":
                return new PtxInstruction
                {
                    Text = line,
                    Kind = PtxKind.Return,
                    Class = PtxClass.Branch,
                    Predicate = predicate,
                    IsNegated = isNegated,
                };
            case "bar" when operation == "bar.sync" && operands is ["0"] && predicate < 0:
                return new PtxInstruction { Text = line, Kind = PtxKind.Barrier, Class = PtxClass.Barrier };
            case "mov" when operands.Length == 2 && _locals.ContainsKey(operands[1]):
                if (!_localOf.TryAdd(Register(operands[0]), operands[1]))
                {
                    throw Unknown(line);
                }

                return Copy(line, Source("0"), Register(operands[0]), -1, false);
            case "mma" when operation == "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32" && operands.Length == 4:
                return Product(line, PtxKind.Product, [.. operands.Select(Values)], predicate, isNegated);
            case "mma" when operation == "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32" && operands.Length == 4:
                return Product(line, PtxKind.ProductOfPairs, [.. operands.Select(Values)], predicate, isNegated);
            case "ld" or "st" when parts[1] == "local":
                return LocalAccess(line, parts, operands, predicate, isNegated);
            case "ld" or "st":
                return Access(line, parts, operands, predicate, isNegated);
            default:
                if (!PtxArithmetic.TryFind(operation, out Func<ulong, ulong, ulong, ulong> function, out PtxClass kind)
                    || operands.Length is < 2 or > 4)
                {
                    throw Unknown(line);
                }

                return new PtxInstruction
                {
                    Text = line,
                    Kind = PtxKind.Compute,
                    Class = kind,
                    Predicate = predicate,
                    IsNegated = isNegated,
                    Function = function,
                    Destinations = [Register(operands[0])],
                    Sources = [.. operands.Skip(1).Select(Source)],
                };
        }
    }

    private PtxInstruction Access(string line, string[] parts, string[] operands, int predicate, bool isNegated)
    {
        // ld.shared.v4.f32 {a, b, c, d}, [address+offset]; st has them the other way round.
        bool isLoad = parts[0] == "ld";
        string space = parts[1];
        Match address = Address().Match(operands[isLoad ? 1 : 0]);
        string[] values = Values(operands[isLoad ? 0 : 1]);
        int bytes = ValueBytes(parts[^1], line);
        long offset = address.Groups["offset"].Success ? Number(address.Groups["offset"].Value) : 0;
        if (space == "param" && isLoad)
        {
            PtxParameter parameter = _parameters.Single(one => one.Name == address.Groups["base"].Value);
            return new PtxInstruction
            {
                Text = line,
                Kind = PtxKind.Parameter,
                Class = PtxClass.Free,
                Destinations = [.. values.Select(Register)],
                Offset = parameter.Offset + offset,
                ValueBytes = bytes,
            };
        }

        if (space is not ("shared" or "global") || values.Length != (parts[^2] is ['v', char count] ? count - '0' : 1))
        {
            throw Unknown(line);
        }

        bool isShared = space == "shared";
        return new PtxInstruction
        {
            Text = line,
            Kind = isLoad ? PtxKind.Load : PtxKind.Store,
            Class = (isLoad, isShared) switch
            {
                (true, true) => PtxClass.SharedLoad,
                (true, false) => PtxClass.GlobalLoad,
                (false, true) => PtxClass.SharedStore,
                _ => PtxClass.GlobalStore,
            },
            Predicate = predicate,
            IsNegated = isNegated,
            Destinations = isLoad ? [.. values.Select(Register)] : [],
            Sources = isLoad ? [] : [.. values.Select(Source)],
            Address = Source(address.Groups["base"].Value),
            Offset = offset,
            IsShared = isShared,
            ValueBytes = bytes,
            IsSigned = parts[^1].StartsWith('s'),
        };
    }

    private PtxInstruction Product(string line, PtxKind kind, string[][] operands, int predicate, bool isNegated)
    {
        // D, A, B and C: D = A * B + C.
        if (operands is not [{ Length: 4 }, { Length: 4 }, { Length: 2 }, { Length: 4 }])
        {
            throw Unknown(line);
        }

        return new PtxInstruction
        {
            Text = line,
            Kind = kind,
            Class = PtxClass.Tensor,
            Predicate = predicate,
            IsNegated = isNegated,
            Destinations = [.. operands[0].Select(Register)],
            Sources = [.. operands[1].Concat(operands[2]).Concat(operands[3]).Select(Source)],
        };
    }

    /// <summary>
    /// A thread's own memory, in which ILGPU keeps the operands of what it does not know: each word is a register here, as it is for
    /// the driver's compiler, and to load or store it costs nothing.
    /// </summary>
    private PtxInstruction LocalAccess(string line, string[] parts, string[] operands, int predicate, bool isNegated)
    {
        bool isLoad = parts[0] == "ld";
        Match address = Address().Match(operands[isLoad ? 1 : 0]);
        string value = operands[isLoad ? 0 : 1];
        int bytes = ValueBytes(parts[^1], line);
        long offset = address.Groups["offset"].Success ? Number(address.Groups["offset"].Value) : 0;
        if (parts.Length != 3 || bytes is not (4 or 8) || offset % bytes != 0
            || !_registers.TryGetValue(address.Groups["base"].Value, out int place)
            || !_localOf.TryGetValue(place, out string? name) || offset < 0 || offset + bytes > _locals[name])
        {
            throw Unknown(line);
        }

        if (!_localWords.TryGetValue((name, offset), out (int Register, int Bytes) word))
        {
            word = (NewRegister(), bytes);
            _localWords.Add((name, offset), word);
        }

        // No word may be another one's part.
        if (word.Bytes != bytes || (bytes == 8
            ? _localWords.ContainsKey((name, offset + 4))
            : _localWords.TryGetValue((name, offset & ~7L), out (int Register, int Bytes) wide) && wide.Bytes == 8))
        {
            throw Unknown(line);
        }

        return isLoad
            ? Copy(line, word.Register, Register(value), predicate, isNegated)
            : Copy(line, Source(value), word.Register, predicate, isNegated);
    }

    /// <summary>Whether an instruction computes with an address of a thread's own memory, or moves it elsewhere.</summary>
    private bool IsTooClever(PtxInstruction instruction) =>
        instruction.Reads.Any(_localOf.ContainsKey)
        || (instruction.Destinations.Any(_localOf.ContainsKey) && instruction.Kind != PtxKind.Copy);

    private static PtxInstruction Copy(string line, int from, int to, int predicate, bool isNegated) => new()
    {
        Text = line,
        Kind = PtxKind.Copy,
        Class = PtxClass.Free,
        Predicate = predicate,
        IsNegated = isNegated,
        Destinations = [to],
        Sources = [from],
    };

    /// <summary>What braces hold, or the one operand that has none.</summary>
    private static string[] Values(string operand) => operand.Trim('{', '}').Split(',', StringSplitOptions.TrimEntries);

    private int Source(string operand)
    {
        if (IsSpecial().IsMatch(operand))
        {
            return _special.TryGetValue(operand, out int known) ? known : _special[operand] = NewRegister();
        }

        if (operand.StartsWith('%'))
        {
            return Register(operand);
        }

        ulong value = operand.StartsWith("0f", StringComparison.Ordinal)
            ? uint.Parse(operand.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : operand.StartsWith('-') ? (ulong)long.Parse(operand, CultureInfo.InvariantCulture)
            : _shared.TryGetValue(operand, out ulong address) ? address
            : ulong.TryParse(operand, CultureInfo.InvariantCulture, out ulong number) ? number
            : throw Unknown(operand);
        return _constants.TryGetValue(value, out int register) ? register : _constants[value] = NewRegister();
    }

    private int Register(string name)
    {
        if (!_registers.TryGetValue(name, out int register))
        {
            register = NewRegister();
            _registers.Add(name, register);
        }

        return register;
    }

    private int NewRegister() => _count++;

    private static int ValueBytes(string type, string line) =>
        type is ['b' or 'u' or 's' or 'f', ..] && int.TryParse(type.AsSpan(1), CultureInfo.InvariantCulture, out int bits)
            ? bits / 8
            : throw Unknown(line);

    private static int Aligned(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static NotSupportedException Unknown(string text) => new($"PTX that is not known here: '{text}'.");

    [GeneratedRegex(@"\.entry\s+(\w+)")]
    private static partial Regex Entry();

    [GeneratedRegex(@"^\.(param|shared|local)\s+(\.align\s+(?<align>\d+)\s+)?\.(?<type>\w+)\s+(?<name>\w+)(\[(?<count>\d+)\])?[,;]?$")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^\.(version|target|address_size|reg|maxntid|minnctapersm)\s")]
    private static partial Regex Harmless();

    [GeneratedRegex(@"^(@(?<not>!)?(?<predicate>%p\d+)\s+)?(?<operation>[a-z][a-z0-9_.]*)\s*(?<operands>.*);$")]
    private static partial Regex Instruction();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|[^,{}\[\]\s]+")]
    private static partial Regex Operand();

    [GeneratedRegex(@"^\[(?<base>[%\w]+)(\+(?<offset>-?\d+))?\]$")]
    private static partial Regex Address();

    [GeneratedRegex(@"^%(tid|ntid|ctaid|nctaid)\.[xyz]$")]
    private static partial Regex IsSpecial();
}
