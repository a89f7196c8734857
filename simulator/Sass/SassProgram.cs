using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuConvnet.Simulator.Sass;

/// <summary>A kernel's machine code, decoded.</summary>
internal sealed partial class SassProgram
{
    private const int InstructionBytes = 16;

    private readonly Dictionary<string, int> _labels = [];
    private readonly List<SassInstruction> _instructions = [];

    private SassProgram()
    {
    }

    public IReadOnlyList<SassInstruction> Instructions => _instructions;

    /// <summary>The bank of constants that the assembler has filled.</summary>
    public byte[] Constants { get; private set; } = [];

    public required int SharedBytes { get; init; }

    public required int Registers { get; init; }

    /// <summary>Assembles and decodes a kernel.</summary>
    public static SassProgram Of(string ptx, string architecture)
    {
        (string listing, string report) = CudaTools.Disassemble(ptx, architecture);
        SassProgram program = new()
        {
            Registers = RegistersOf(report),
            SharedBytes = UsedShared().Match(report) is { Success: true } shared
                ? int.Parse(shared.Groups[1].Value, CultureInfo.InvariantCulture) : 0,
        };
        program.Decode(listing);
        return program;
    }

    /// <summary>A thread's registers, of what the assembler has reported.</summary>
    public static int RegistersOf(string report) =>
        int.Parse(UsedRegisters().Match(report).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>What a thread keeps on its stack for want of registers, of what the assembler has reported.</summary>
    public static int SpilledBytesOf(string report) =>
        int.Parse(SpilledBytes().Match(report).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>The place of an address among the instructions.</summary>
    public static int IndexOf(uint address) => (int)address / InstructionBytes;

    private void Decode(string listing)
    {
        // The code with its encoding comes first, then all sections without.
        int end = listing.IndexOf("\t.headerflags", listing.IndexOf("\t.headerflags", StringComparison.Ordinal) + 1, StringComparison.Ordinal);
        string[] lines = listing[..end].Split('\n');
        int address = 0;
        foreach (string line in lines)
        {
            if (Label().Match(line) is { Success: true } label)
            {
                _labels.TryAdd(label.Groups[1].Value, address);
            }
            else if (Code().Match(line) is { Success: true } code)
            {
                address = int.Parse(code.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) + InstructionBytes;
            }
        }

        ulong? lower = null;
        string text = "";
        foreach (string line in lines.Where(line => Encoding().IsMatch(line)))
        {
            ulong half = ulong.Parse(Encoding().Match(line).Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (lower is null)
            {
                lower = half;
                text = Code().Match(line) is { Success: true } code ? code.Groups[2].Value.Trim() : Unnamed(half);
            }
            else
            {
                _instructions.Add(Instruction(_instructions.Count * InstructionBytes, text, half));
                lower = null;
            }
        }

        if (ConstantBytes().Match(listing[end..]) is { Success: true } constants)
        {
            Constants = [.. HexByte().Matches(constants.Groups[1].Value)
                .Select(match => byte.Parse(match.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
        }

        for (int i = 0; i < _instructions.Count; i++)
        {
            SassInstruction instruction = _instructions[i];
            instruction.BankConflicts = BankConflicts(i == 0 ? null : _instructions[i - 1], instruction);
            instruction.Execute = SassSemantics.Of(instruction);
        }
    }

    /// <summary>The minimum that sm_90 has of its own, for which nvdisasm 11.8 has no name.</summary>
    private static string Unnamed(ulong encoding)
    {
        string other = (encoding & 0xFFF) switch
        {
            0x248 => $"R{encoding >> 32 & 0xFF}",
            0xC48 => $"UR{encoding >> 32 & 0x3F}",
            0x848 => $"0x{encoding >> 32:x}",
            _ => throw new FormatException($"nvdisasm has no name for {encoding:x16}"),
        };
        return $"IMNMX R{encoding >> 16 & 0xFF}, R{encoding >> 24 & 0xFF}, {other}, PT";
    }

    private SassInstruction Instruction(int address, string text, ulong upper)
    {
        Match parts = Parts().Match(text);
        string[] names = parts.Groups[2].Value.Split('.');
        int control = (int)(upper >> 41);
        return new SassInstruction
        {
            Address = address,
            Text = text,
            Guard = parts.Groups[1].Success ? Operand(parts.Groups[1].Value, names) : Operand("PT", names),
            Operation = names[0],
            Modifiers = names[1..],
            Operands = [.. parts.Groups[3].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .SelectMany(operand => operand.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(operand => Operand(operand, names))],
            Stall = control & 0xF,
            WriteBarrier = control >> 5 & 7,
            ReadBarrier = control >> 8 & 7,
            WaitMask = control >> 11 & 0x3F,
            Unit = SassSemantics.Unit(names),
        };
    }

    private SassOperand Operand(string text, string[] names)
    {
        string rest = text;
        bool negate = false, absolute = false, invert = false;
        if (rest[0] is '-' && !char.IsAsciiDigit(rest[1]) && rest != "-INF")
        {
            negate = true;
            rest = rest[1..];
        }

        if (rest[0] is '!' or '~')
        {
            negate |= rest[0] == '!';
            invert = rest[0] == '~';
            rest = rest[1..];
        }

        if (rest[0] is '|')
        {
            absolute = true;
            rest = rest.Trim('|');
            rest = rest.Replace("|", "", StringComparison.Ordinal);
        }

        bool isReused = rest.EndsWith(".reuse", StringComparison.Ordinal);
        rest = isReused ? rest[..^6] : rest;
        SassOperandKind kind;
        int index = 0;
        uint value = 0;
        int scale = 1, uniform = SassOperand.UniformZero;
        if (rest is "RZ")
        {
            (kind, index) = (SassOperandKind.Register, SassOperand.Zero);
        }
        else if (rest is "URZ")
        {
            (kind, index) = (SassOperandKind.UniformRegister, SassOperand.UniformZero);
        }
        else if (rest is "PT" or "UPT")
        {
            (kind, index) = (rest == "PT" ? SassOperandKind.Predicate : SassOperandKind.UniformPredicate, SassOperand.True);
        }
        else if (rest is "PR")
        {
            kind = SassOperandKind.AllPredicates;
        }
        else if (Numbered().Match(rest) is { Success: true } numbered)
        {
            kind = numbered.Groups[1].Value switch
            {
                "R" => SassOperandKind.Register,
                "UR" => SassOperandKind.UniformRegister,
                "P" => SassOperandKind.Predicate,
                "UP" => SassOperandKind.UniformPredicate,
                _ => SassOperandKind.ConvergenceBarrier,
            };
            index = int.Parse(numbered.Groups[2].Value, CultureInfo.InvariantCulture);
        }
        else if (rest.StartsWith("c[", StringComparison.Ordinal))
        {
            Match constant = ConstantPlace().Match(rest);
            kind = SassOperandKind.Constant;
            index = Convert.ToInt32(constant.Groups[1].Value, 16);
            value = constant.Groups[2].Success ? Convert.ToUInt32(constant.Groups[2].Value, 16) : 0;
        }
        else if (rest[0] == '[')
        {
            Match place = Place().Match(rest);
            if (!place.Success)
            {
                throw new FormatException($"'{text}' is no address that is known here");
            }

            kind = SassOperandKind.Address;
            index = place.Groups[1].Value is "" or "RZ" ? SassOperand.Zero : Number(place.Groups[1].Value[1..]);
            scale = place.Groups[2].Success ? Number(place.Groups[2].Value) : 1;
            uniform = place.Groups[3].Value is "" or "URZ" ? SassOperand.UniformZero : Number(place.Groups[3].Value[2..]);
            value = place.Groups[4].Success ? Hexadecimal(place.Groups[4].Value) : 0;
        }
        else if (rest.StartsWith("`(", StringComparison.Ordinal))
        {
            kind = SassOperandKind.Label;
            index = _labels[rest[2..^1]];
        }
        else if (rest.StartsWith("SR", StringComparison.Ordinal) || rest.StartsWith("SB", StringComparison.Ordinal))
        {
            kind = SassOperandKind.Special;
            value = 0;
        }
        else
        {
            kind = SassOperandKind.Immediate;
            value = Immediate(rest, names);
        }

        return new SassOperand(kind, index, value, negate, absolute, invert, isReused, scale, uniform, rest);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static uint Hexadecimal(string text) =>
        (uint)(text[0] == '-' ? -Convert.ToInt64(text[1..], 16) : Convert.ToInt64(text.TrimStart('+'), 16));

    private static uint Immediate(string text, string[] names)
    {
        if (text is "+INF" or "-INF" or "INF")
        {
            return BitConverter.SingleToUInt32Bits(text[0] == '-' ? float.NegativeInfinity : float.PositiveInfinity);
        }

        if (text is "+QNAN" or "QNAN" or "-QNAN")
        {
            return BitConverter.SingleToUInt32Bits(float.NaN);
        }

        if (names[0] == "HFMA2")
        {
            return BitConverter.HalfToUInt16Bits((Half)double.Parse(text, CultureInfo.InvariantCulture));
        }

        bool isHex = text.Contains("0x", StringComparison.Ordinal);
        return isHex
            ? Hexadecimal(text)
            : names[0] is ['F', not '2', ..] or "F2FP" or "MUFU"
                ? BitConverter.SingleToUInt32Bits(float.Parse(text, CultureInfo.InvariantCulture))
                : (uint)long.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Registers lie in two banks, the even and the odd ones, each of which gives two at a time; what the instruction before has
    /// kept at hand needs no bank. A product of matrices has time to read its registers one after the other.
    /// </summary>
    private static int BankConflicts(SassInstruction? before, SassInstruction instruction)
    {
        if (instruction.Unit == SassUnit.Tensor)
        {
            return 0;
        }

        int[] asked = new int[2];
        HashSet<int> counted = [];
        for (int i = 1; i < instruction.Operands.Length; i++)
        {
            SassOperand operand = instruction.Operands[i];
            bool isAtHand = before is not null && i < before.Operands.Length && before.Operands[i].IsReused
                && before.Operands[i].Index == operand.Index;
            if (operand.Kind == SassOperandKind.Register && operand.Index != SassOperand.Zero && !isAtHand && counted.Add(operand.Index))
            {
                asked[operand.Index % 2]++;
            }
        }

        return Math.Max(0, asked.Max() - 2);
    }

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex UsedRegisters();

    [GeneratedRegex(@"(\d+) bytes spill stores")]
    private static partial Regex SpilledBytes();

    [GeneratedRegex(@"(\d+) bytes smem")]
    private static partial Regex UsedShared();

    [GeneratedRegex(@"^([.$\w]+):\s*$")]
    private static partial Regex Label();

    [GeneratedRegex(@"^\s+/\*([0-9a-f]{4,5})\*/\s+(.*?);")]
    private static partial Regex Code();

    [GeneratedRegex(@"/\* 0x([0-9a-f]{16}) \*/")]
    private static partial Regex Encoding();

    [GeneratedRegex(@"\.nv\.constant2\.\w+:\s*\n((?:\s+/\*[0-9a-f]+\*/\s+\.byte.*\n)+)")]
    private static partial Regex ConstantBytes();

    [GeneratedRegex(@"0x([0-9a-f]{2})\b")]
    private static partial Regex HexByte();

    [GeneratedRegex(@"^(?:@(!?U?P[0-9T]+)\s+)?([A-Z0-9_.a-z]+)\s*(.*)$")]
    private static partial Regex Parts();

    [GeneratedRegex(@"^(R|UR|P|UP|B)(\d+)(?:\.64)?$")]
    private static partial Regex Numbered();

    // 'LDC R3, c[0x0][RZ]' reads the first word.
    [GeneratedRegex(@"^c\[0x([0-9a-f]+)\]\[(?:RZ|0x([0-9a-f]+))\]$")]
    private static partial Regex ConstantPlace();

    [GeneratedRegex(@"^\[(R\d+|RZ)?(?:\.64)?(?:\.X(\d+))?\+?(UR\d+|URZ)?([+-]?0x[0-9a-f]+)?\]$")]
    private static partial Regex Place();
}
