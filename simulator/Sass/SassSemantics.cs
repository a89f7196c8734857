using System.Numerics;
using GpuConvnet.Simulator.Tensor;

namespace GpuConvnet.Simulator.Sass;

/// <summary>What instructions do: those that the kernels are made of. Another one fails once it is executed.</summary>
internal static class SassSemantics
{
    /// <summary>How HMMA calls the rows, columns and depth of a product of pairs.</summary>
    internal const string DepthOfPairs = "16816";

    /// <summary>What executes an instruction.</summary>
    public static SassUnit Unit(string[] names) => names[0] switch
    {
        "FADD" or "FMUL" or "FFMA" or "HFMA2" => SassUnit.Float,
        "IMAD" => SassUnit.Product,
        "HMMA" => SassUnit.Tensor,
        "MUFU" or "I2F" or "F2I" or "FRND" => SassUnit.Special,
        "LDG" or "STG" or "LDS" or "STS" or "LDL" or "STL" or "LDC" => SassUnit.Memory,
        "BRA" or "BSSY" or "BSYNC" or "EXIT" or "BAR" or "CALL" or "RET" or "WARPSYNC" or "NOP" or "DEPBAR" => SassUnit.Control,
        ['U', not 'N', ..] or "S2UR" or "R2UR" => SassUnit.Uniform,
        _ => SassUnit.Integer,
    };

    /// <summary>What an instruction does to the lanes of a warp.</summary>
    public static Action<SassWarp, uint> Of(SassInstruction instruction)
    {
        SassOperand[] o = instruction.Operands;
        switch (instruction.Operation)
        {
            case "NOP" or "DEPBAR":
                return (_, _) => { };
            case "FADD":
                return Float(instruction, (a, b, _) => a + b);
            case "FMUL":
                return Float(instruction, (a, b, _) => a * b);
            case "FFMA" when !instruction.Has("RM") && !instruction.Has("RP") && !instruction.Has("RZ"):
                return Float(instruction, MathF.FusedMultiplyAdd);
            case "HMMA" when instruction.Modifiers is ["1688", "F32", "TF32"] or [DepthOfPairs, "F32", "BF16"]
                && Array.TrueForAll(o, operand => operand.IsPlainRegister):
                return (warp, mask) => warp.Multiply(instruction, mask);
            case "F2FP" when instruction.Modifiers is ["BF16", "PACK_AB"] or ["BF16", "F32", "PACK_AB"]:
                return (warp, mask) => SassWarp.Each(mask, lane => warp.Set(
                    o[0], lane, BFloat16.Pair(warp.Get(o[1], lane), warp.Get(o[2], lane))));
            case "MUFU":
                return Float(instruction, instruction.Modifiers[0] switch
                {
                    "RCP" => (a, _, _) => 1f / a,
                    "RSQ" => (a, _, _) => 1f / MathF.Sqrt(a),
                    "SQRT" => (a, _, _) => MathF.Sqrt(a),
                    "EX2" => (a, _, _) => MathF.Pow(2f, a),
                    "LG2" => (a, _, _) => MathF.Log2(a),
                    _ => (_, _, _) => throw Unknown(instruction),
                });
            case "FMNMX":
                return (warp, mask) => SassWarp.Each(mask, lane => warp.Set(o[0], lane, BitConverter.SingleToUInt32Bits(
                    warp.Holds(o[3], lane) ? MathF.Min(warp.Single(o[1], lane), warp.Single(o[2], lane))
                        : MathF.Max(warp.Single(o[1], lane), warp.Single(o[2], lane)))));
            case "FSETP":
                return Compare(instruction, (warp, lane, a, b) => Compares(
                    instruction.Modifiers[0], warp.Single(a, lane), warp.Single(b, lane)));
            case "FSEL" or "SEL" or "USEL":
                return (warp, mask) => SassWarp.Each(mask, lane => warp.Set(
                    o[0], lane, warp.Holds(o[3], lane) ? warp.Get(o[1], lane) : warp.Get(o[2], lane)));
            case "FCHK":
                return (warp, mask) => SassWarp.Each(mask, lane => warp.SetPredicate(
                    o[0], lane, IsHardToDivide(warp.Single(o[1], lane), warp.Single(o[2], lane))));
            case "HFMA2" when o[1].Index == SassOperand.Zero && o[2].Index == SassOperand.Zero:
                return (warp, mask) => SassWarp.Each(mask, lane => warp.Set(o[0], lane, o[3].Value << 16 | o[4].Value));
            case "I2F":
                return (warp, mask) => SassWarp.Each(mask, lane =>
                {
                    uint value = warp.Get(o[1], lane);
                    double exact = instruction.Has("U32") ? value : (int)value;
                    float rounded = (float)exact;
                    warp.Set(o[0], lane, BitConverter.SingleToUInt32Bits(
                        instruction.Has("RP") && rounded < exact ? MathF.BitIncrement(rounded) : rounded));
                });
            case "I2FP":
                return (warp, mask) => SassWarp.Each(mask, lane => warp.Set(o[0], lane, BitConverter.SingleToUInt32Bits(
                    instruction.Has("U32") ? warp.Get(o[1], lane) : (int)warp.Get(o[1], lane))));
            case "F2I" when instruction.Has("TRUNC") && !instruction.Has("U64"):
                return (warp, mask) => SassWarp.Each(mask, lane => warp.Set(o[0], lane, instruction.Has("U32")
                    ? (uint)Math.Clamp((double)warp.Single(o[1], lane), 0, uint.MaxValue)
                    : (uint)(int)Math.Clamp((double)warp.Single(o[1], lane), int.MinValue, int.MaxValue)));
            case "MOV" or "UMOV" or "CS2R" or "ULDC" or "LDC" or "R2UR":
                return Move(instruction);
            case "S2R" or "S2UR":
                return (warp, mask) => SassWarp.Each(mask, lane => warp.Set(o[0], lane, warp.Special(o[1].Text, lane)));
            case "IABS":
                return (warp, mask) => SassWarp.Each(mask, lane => warp.Set(
                    o[0], lane, (uint)Math.Abs((long)(int)warp.Get(o[1], lane))));
            case "IMNMX":
                return (warp, mask) => SassWarp.Each(mask, lane =>
                {
                    (uint a, uint b) = (warp.Get(o[1], lane), warp.Get(o[2], lane));
                    bool isLess = instruction.Has("U32") ? a < b : (int)a < (int)b;
                    warp.Set(o[0], lane, warp.Holds(o[3], lane) == isLess ? a : b);
                });
            case "IADD3" or "UIADD3":
                return Sum(instruction);
            case "IMAD" or "UIMAD":
                return Product(instruction);
            case "ISETP" or "UISETP":
                bool isUnsigned = instruction.Has("U32");
                return Compare(instruction, (warp, lane, a, b) =>
                {
                    (uint left, uint right) = (warp.Get(a, lane), warp.Get(b, lane));

                    // The upper halves decide unless they are equal; then what was found of the lower ones does.
                    return instruction.Has("EX") && left == right
                        ? warp.Holds(o[^1], lane)
                        : Compares(
                            instruction.Modifiers[0], isUnsigned ? left : (long)(int)left, isUnsigned ? right : (long)(int)right);
                });
            case "LEA" or "ULEA":
                return Address(instruction);
            case "LOP3" or "ULOP3":
                return Logic(instruction);
            case "PLOP3" or "UPLOP3":
                return (warp, mask) => SassWarp.Each(mask, lane =>
                {
                    int place = (warp.Holds(o[2], lane) ? 4 : 0) | (warp.Holds(o[3], lane) ? 2 : 0) | (warp.Holds(o[4], lane) ? 1 : 0);
                    bool first = (o[5].Value >> place & 1) != 0;
                    bool second = (o[6].Value >> place & 1) != 0;
                    warp.SetPredicate(o[0], lane, first);
                    warp.SetPredicate(o[1], lane, second);
                });
            case "SHF" or "USHF":
                return Shift(instruction);
            case "PRMT" or "UPRMT":
                return (warp, mask) => SassWarp.Each(mask, lane =>
                {
                    ulong both = (ulong)warp.Get(o[3], lane) << 32 | warp.Get(o[1], lane);
                    uint selector = warp.Get(o[2], lane);
                    uint result = 0;
                    for (int i = 0; i < 4; i++)
                    {
                        result |= (uint)(both >> (int)(8 * (selector >> 4 * i & 7)) & 0xFF) << 8 * i;
                    }

                    warp.Set(o[0], lane, result);
                });
            case "VOTE" or "VOTEU":
                return Vote(instruction);
            case "P2R":
                return (warp, mask) => SassWarp.Each(mask, lane => warp.Set(
                    o[0], lane, (warp.Get(o[2], lane) & ~o[3].Value) | (warp.PredicatesOf(lane) & o[3].Value)));
            case "R2P":
                return (warp, mask) => SassWarp.Each(mask, lane => warp.SetPredicates(lane, warp.Get(o[1], lane), o[2].Value));
            case "LDG" or "LDS" or "LDL":
                return (warp, mask) => warp.Load(instruction, mask);
            case "STG" or "STS" or "STL":
                return (warp, mask) => warp.Store(instruction, mask);
            case "BSSY" or "BSYNC" or "BRA" or "EXIT" or "BAR" or "CALL" or "RET" or "WARPSYNC":
                return (warp, mask) => warp.Control(instruction, mask);
            default:
                return (_, _) => throw Unknown(instruction);
        }
    }

    /// <summary>What all lanes say together: a bit per lane, or whether any or all hold.</summary>
    private static Action<SassWarp, uint> Vote(SassInstruction instruction)
    {
        SassOperand[] o = instruction.Operands;
        bool isRegister = o[0].Kind is SassOperandKind.Register or SassOperandKind.UniformRegister;
        SassOperand said = o[^1];
        return (warp, mask) =>
        {
            uint lanes = warp.Active;
            uint holding = 0;
            SassWarp.Each(lanes, lane => holding |= warp.Holds(said, lane) ? 1u << lane : 0);
            bool result = instruction.Has("ALL") ? holding == lanes : holding != 0;
            SassWarp.Each(mask, lane =>
            {
                if (isRegister)
                {
                    warp.Set(o[0], lane, holding);
                }
                else
                {
                    warp.SetPredicate(o[0], lane, result);
                }
            });
        };
    }

    private static InvalidOperationException Unknown(SassInstruction instruction) =>
        new($"no meaning is known here for '{instruction.Text}' at {instruction.Address:x}");

    private static Action<SassWarp, uint> Float(SassInstruction instruction, Func<float, float, float, float> function)
    {
        SassOperand[] o = instruction.Operands;
        SassOperand a = o[1];
        SassOperand b = o.Length > 2 ? o[2] : o[1];
        SassOperand c = o.Length > 3 ? o[3] : o[1];
        return (warp, mask) =>
        {
            for (int lane = 0; lane < SassWarp.Lanes; lane++)
            {
                if ((mask >> lane & 1) != 0)
                {
                    float result = function(warp.Single(a, lane), warp.Single(b, lane), warp.Single(c, lane));
                    warp.Set(o[0], lane, BitConverter.SingleToUInt32Bits(result));
                }
            }
        };
    }

    private static Action<SassWarp, uint> Compare(
        SassInstruction instruction, Func<SassWarp, int, SassOperand, SassOperand, bool> compares)
    {
        SassOperand[] o = instruction.Operands;
        bool isOr = instruction.Has("OR");
        bool isXor = instruction.Has("XOR");
        return (warp, mask) => SassWarp.Each(mask, lane =>
        {
            bool found = compares(warp, lane, o[2], o[3]);
            bool other = warp.Holds(o[4], lane);
            warp.SetPredicate(o[0], lane, isOr ? found || other : isXor ? found != other : found && other);
            warp.SetPredicate(o[1], lane, isOr ? !found || other : isXor ? found == other : !found && other);
        });
    }

    private static bool Compares<T>(string how, T a, T b)
        where T : INumber<T>
    {
        bool isUnordered = T.IsNaN(a) || T.IsNaN(b);
        return how switch
        {
            "LT" => a < b,
            "LE" => a <= b,
            "GT" => a > b,
            "GE" => a >= b,
            "EQ" => a == b,
            "NE" => a != b && !isUnordered,
            "LTU" => isUnordered || a < b,
            "LEU" => isUnordered || a <= b,
            "GTU" => isUnordered || a > b,
            "GEU" => isUnordered || a >= b,
            "EQU" => isUnordered || a == b,
            "NEU" => isUnordered || a != b,
            "NUM" => !isUnordered,
            "NAN" => isUnordered,
            _ => throw new InvalidOperationException($"no comparison is known as {how}"),
        };
    }

    /// <summary>Whether a quotient might leave the range in which a reciprocal and two corrections find it.</summary>
    private static bool IsHardToDivide(float a, float b)
    {
        int exponent = b == 0 || !float.IsFinite(b) ? 999 : MathF.ILogB(b);
        int difference = (a == 0 || !float.IsFinite(a) ? (a == 0 ? 0 : 999) : MathF.ILogB(a)) - exponent;
        return Math.Abs(exponent) > 124 || Math.Abs(difference) > 124;
    }

    private static Action<SassWarp, uint> Move(SassInstruction instruction)
    {
        SassOperand[] o = instruction.Operands;
        bool isWide = instruction.Has("64") || (instruction.Operation == "CS2R" && !instruction.Has("32"));
        return (warp, mask) => SassWarp.Each(mask, lane =>
        {
            uint low = warp.Get(o[1], lane);
            uint high = isWide ? warp.GetUpper(o[1], lane) : 0;
            warp.Set(o[0], lane, low);
            if (isWide)
            {
                warp.SetUpper(o[0], lane, high);
            }
        });
    }

    private static Action<SassWarp, uint> Sum(SassInstruction instruction)
    {
        SassOperand[] o = instruction.Operands;
        SassOperand[] carriesOut = [.. o.Skip(1).TakeWhile(operand => operand.IsPredicate)];
        SassOperand[] terms = [.. o.Skip(1 + carriesOut.Length).Take(3)];
        SassOperand[] carriesIn = [.. o.Skip(1 + carriesOut.Length + terms.Length)];
        bool isExtended = instruction.Has("X");
        return (warp, mask) => SassWarp.Each(mask, lane =>
        {
            ulong sum = isExtended ? (ulong)carriesIn.Count(carry => warp.Holds(carry, lane)) : 0;
            foreach (SassOperand term in terms)
            {
                // Minus is all bits turned over, and one: minus nothing carries.
                uint value = warp.Get(term, lane);
                sum += value == 0 && term.Negate ? 1ul << 32 : value;
            }

            warp.Set(o[0], lane, (uint)sum);
            for (int i = 0; i < carriesOut.Length; i++)
            {
                warp.SetPredicate(carriesOut[i], lane, sum >> 32 > (ulong)i);
            }
        });
    }

    private static Action<SassWarp, uint> Product(SassInstruction instruction)
    {
        SassOperand[] o = instruction.Operands;
        bool isWide = instruction.Has("WIDE");
        bool isHigh = instruction.Has("HI");
        bool isUnsigned = instruction.Has("U32");
        SassOperand[] carries = [.. o.Skip(1).Where(operand => operand.IsPredicate)];
        SassOperand[] terms = [.. o.Skip(1).Where(operand => !operand.IsPredicate)];
        bool isExtended = instruction.Has("X");
        return (warp, mask) => SassWarp.Each(mask, lane =>
        {
            (uint a, uint b, uint c) = (warp.Get(terms[0], lane), warp.Get(terms[1], lane), warp.Get(terms[2], lane));
            if (!isWide && !isHigh)
            {
                uint carry = isExtended && warp.Holds(carries[^1], lane) ? 1u : 0u;
                warp.Set(o[0], lane, a * b + c + carry);
                return;
            }

            ulong product = isUnsigned ? (ulong)a * b : (ulong)((long)(int)a * (int)b);
            ulong sum = product + ((ulong)warp.GetUpper(terms[2], lane) << 32 | c);
            warp.Set(o[0], lane, isHigh ? (uint)(sum >> 32) : (uint)sum);
            if (isWide)
            {
                warp.SetUpper(o[0], lane, (uint)(sum >> 32));
                if (carries.Length > 0)
                {
                    warp.SetPredicate(carries[0], lane, sum < product);
                }
            }
        });
    }

    private static Action<SassWarp, uint> Address(SassInstruction instruction)
    {
        SassOperand[] o = instruction.Operands;
        bool isHigh = instruction.Has("HI");
        bool isSigned = instruction.Has("SX32");
        bool isExtended = instruction.Has("X");
        SassOperand[] carriesOut = [.. o.Skip(1).TakeWhile(operand => operand.IsPredicate)];
        SassOperand[] rest = [.. o.Skip(1 + carriesOut.Length)];
        SassOperand[] carriesIn = [.. rest.Where(operand => operand.IsPredicate)];
        SassOperand[] terms = [.. rest.Where(operand => !operand.IsPredicate)];
        return (warp, mask) => SassWarp.Each(mask, lane =>
        {
            uint a = warp.Get(terms[0], lane);
            uint b = warp.Get(terms[1], lane);
            int shift = (int)terms[^1].Value & 31;
            uint shifted;
            if (isHigh)
            {
                ulong value = isSigned ? (ulong)(int)a : (terms.Length > 3 ? (ulong)warp.Get(terms[2], lane) << 32 : 0) | a;
                shifted = (uint)(value << shift >> 32);
            }
            else
            {
                shifted = a << shift;
            }

            ulong sum = (ulong)shifted + b + (isExtended && warp.Holds(carriesIn[^1], lane) ? 1ul : 0ul);
            warp.Set(o[0], lane, (uint)sum);
            if (carriesOut.Length > 0)
            {
                warp.SetPredicate(carriesOut[0], lane, sum >> 32 != 0);
            }
        });
    }

    private static Action<SassWarp, uint> Logic(SassInstruction instruction)
    {
        SassOperand[] o = instruction.Operands;
        int destination = o[0].IsPredicate ? 1 : 0;
        SassOperand[] terms = [.. o.Skip(destination + 1).Take(3)];
        uint table = o[destination + 4].Value;
        return (warp, mask) => SassWarp.Each(mask, lane =>
        {
            (uint a, uint b, uint c) = (warp.Get(terms[0], lane), warp.Get(terms[1], lane), warp.Get(terms[2], lane));
            uint result = 0;
            for (int place = 0; place < 8; place++)
            {
                if ((table >> place & 1) != 0)
                {
                    result |= ((place & 4) != 0 ? a : ~a) & ((place & 2) != 0 ? b : ~b) & ((place & 1) != 0 ? c : ~c);
                }
            }

            warp.Set(o[destination], lane, result);
            if (destination == 1)
            {
                warp.SetPredicate(o[0], lane, result != 0);
            }
        });
    }

    private static Action<SassWarp, uint> Shift(SassInstruction instruction)
    {
        SassOperand[] o = instruction.Operands;
        bool isLeft = instruction.Has("L");
        bool isHigh = instruction.Has("HI");
        bool isSigned = instruction.Has("S32") || instruction.Has("S64");
        bool isWide = instruction.Has("U64") || instruction.Has("S64");
        return (warp, mask) => SassWarp.Each(mask, lane =>
        {
            uint low = warp.Get(o[1], lane);
            uint high = warp.Get(o[3], lane);
            int shift = (int)Math.Min(warp.Get(o[2], lane), isWide ? 64u : 32u);
            if (instruction.Has("W"))
            {
                shift &= 31;
            }

            ulong both = (ulong)high << 32 | low;
            uint result;
            if (isLeft)
            {
                ulong moved = shift > 63 ? 0 : both << shift;
                result = isHigh ? (uint)(moved >> 32) : shift > 31 && !isWide ? 0 : (uint)((ulong)low << Math.Min(shift, 63));
            }
            else
            {
                ulong moved = isSigned ? (ulong)((long)both >> Math.Min(shift, 63)) : shift > 63 ? 0 : both >> shift;
                uint upper = isSigned ? (uint)((int)high >> Math.Min(shift, 31)) : shift > 31 ? 0 : high >> shift;
                result = isHigh ? upper : (uint)moved;
            }

            warp.Set(o[0], lane, result);
        });
    }
}
