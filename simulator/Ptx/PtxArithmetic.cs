using GpuConvnet.Simulator.Tensor;
using static System.BitConverter;
using Function = System.Func<ulong, ulong, ulong, ulong>;

namespace GpuConvnet.Simulator.Ptx;

/// <summary>
/// What the instructions compute, lane by lane. A register holds 32-bit values in its lower half and 0 or 1 for a
/// predicate; every function looks only at as many bits as its type has.
/// </summary>
internal static class PtxArithmetic
{
    private static readonly Dictionary<string, (Function Function, PtxClass Class)> s_all = Create();

    public static bool TryFind(string operation, out Function function, out PtxClass kind)
    {
        bool isThere = s_all.TryGetValue(operation, out (Function Function, PtxClass Class) found);
        (function, kind) = found;
        return isThere;
    }

    private static Dictionary<string, (Function Function, PtxClass Class)> Create()
    {
        Dictionary<string, (Function, PtxClass)> all = [];
        AddMoves(all);
        AddIntegers(all);
        AddFloats(all);
        AddConversions(all);
        AddComparisons(all);
        return all;
    }

    private static void AddMoves(Dictionary<string, (Function, PtxClass)> all)
    {
        Add(PtxClass.Free, (a, _, _) => (uint)a, "mov.b32", "mov.u32", "mov.s32", "mov.f32");
        Add(PtxClass.Free, (a, _, _) => a, "mov.b64", "mov.u64", "mov.s64", "mov.pred");
        Add(PtxClass.Free, (a, _, _) => a, "cvta.to.global.u64", "cvta.to.shared.u64");
        Add(PtxClass.IntegerArithmetic, (a, b, p) => p != 0 ? (uint)a : (uint)b, "selp.b32", "selp.u32", "selp.s32", "selp.f32");
        Add(PtxClass.IntegerArithmetic, (a, b, p) => p != 0 ? a : b, "selp.b64", "selp.u64", "selp.s64");
        Add(PtxClass.IntegerArithmetic, (a, b, _) => a & b, "and.pred", "and.b64");
        Add(PtxClass.IntegerArithmetic, (a, b, _) => a | b, "or.pred", "or.b64");
        Add(PtxClass.IntegerArithmetic, (a, b, _) => a ^ b, "xor.pred", "xor.b64");
        Add(PtxClass.IntegerArithmetic, (a, _, _) => a ^ 1, "not.pred");

        void Add(PtxClass kind, Function function, params string[] names) => Put(all, kind, function, names);
    }

    private static void AddIntegers(Dictionary<string, (Function, PtxClass)> all)
    {
        Add((a, b, _) => (uint)a + (uint)b, "add.s32", "add.u32");
        Add((a, b, _) => a + b, "add.s64", "add.u64");
        Add((a, b, _) => (uint)a - (uint)b, "sub.s32", "sub.u32");
        Add((a, b, _) => a - b, "sub.s64", "sub.u64");
        Add((a, b, _) => (uint)a * (uint)b, "mul.lo.s32", "mul.lo.u32");
        Add((a, b, _) => a * b, "mul.lo.s64", "mul.lo.u64");
        Add((a, b, c) => (uint)a * (uint)b + (uint)c, "mad.lo.s32", "mad.lo.u32");
        Add((a, b, c) => a * b + c, "mad.lo.s64", "mad.lo.u64");
        Add((a, b, _) => (ulong)(uint)a * (uint)b, "mul.wide.u32");
        Add((a, b, _) => (ulong)((long)(int)a * (int)b), "mul.wide.s32");
        Add((a, b, _) => (ulong)(uint)a * (uint)b >> 32, "mul.hi.u32");
        Add((a, b, _) => (uint)((long)(int)a * (int)b >> 32), "mul.hi.s32");
        Add((a, b, _) => (uint)Math.Min((int)a, (int)b), "min.s32");
        Add((a, b, _) => (uint)Math.Max((int)a, (int)b), "max.s32");
        Add((a, b, _) => Math.Min((uint)a, (uint)b), "min.u32");
        Add((a, b, _) => Math.Max((uint)a, (uint)b), "max.u32");
        Add((a, _, _) => (uint)-(int)a, "neg.s32");
        Add((a, _, _) => (uint)Math.Abs((int)a), "abs.s32");
        Add((a, b, _) => (uint)a & (uint)b, "and.b32");
        Add((a, b, _) => (uint)a | (uint)b, "or.b32");
        Add((a, b, _) => (uint)a ^ (uint)b, "xor.b32");
        Add((a, _, _) => ~(uint)a, "not.b32");
        Add((a, _, _) => ~a, "not.b64");

        // A shift by more than there are bits leaves none; C# would take the amount modulo the bits.
        Add((a, b, _) => (uint)b > 31 ? 0 : (uint)a << (int)b, "shl.b32");
        Add((a, b, _) => (uint)b > 63 ? 0 : a << (int)b, "shl.b64");
        Add((a, b, _) => (uint)b > 31 ? 0 : (uint)a >> (int)b, "shr.u32", "shr.b32");
        Add((a, b, _) => (uint)b > 63 ? 0 : a >> (int)b, "shr.u64", "shr.b64");
        Add((a, b, _) => (uint)((int)a >> (int)Math.Min((uint)b, 31)), "shr.s32");
        Add((a, b, _) => (ulong)((long)a >> (int)Math.Min((uint)b, 63)), "shr.s64");
        Put(all, PtxClass.IntegerDivision, (a, b, _) => (uint)((int)a / Divisor((int)b)), "div.s32");
        Put(all, PtxClass.IntegerDivision, (a, b, _) => (uint)((uint)a / Divisor((uint)b)), "div.u32");
        Put(all, PtxClass.IntegerDivision, (a, b, _) => (ulong)((long)a / Divisor((long)b)), "div.s64");
        Put(all, PtxClass.IntegerDivision, (a, b, _) => (uint)((int)a % Divisor((int)b)), "rem.s32");
        Put(all, PtxClass.IntegerDivision, (a, b, _) => (uint)((uint)a % Divisor((uint)b)), "rem.u32");
        Put(all, PtxClass.IntegerDivision, (a, b, _) => (ulong)((long)a % Divisor((long)b)), "rem.s64");

        // Asked before the processor is, whose own complaint a runtime may take for something worse and end the program.
        static long Divisor(long value) => value != 0 ? value : throw new DivideByZeroException();

        void Add(Function function, params string[] names) => Put(all, PtxClass.IntegerArithmetic, function, names);
    }

    private static void AddFloats(Dictionary<string, (Function, PtxClass)> all)
    {
        Add(PtxClass.FloatArithmetic, (a, b, _) => Bits(Float(a) + Float(b)), "add.f32", "add.rn.f32");
        Add(PtxClass.FloatArithmetic, (a, b, _) => Bits(Float(a) - Float(b)), "sub.f32", "sub.rn.f32");
        Add(PtxClass.FloatArithmetic, (a, b, _) => Bits(Float(a) * Float(b)), "mul.f32", "mul.rn.f32");
        Add(PtxClass.Fma, (a, b, c) => Bits(MathF.FusedMultiplyAdd(Float(a), Float(b), Float(c))), "fma.rn.f32");
        Add(PtxClass.FloatArithmetic, (a, b, _) => Bits(float.MinNumber(Float(a), Float(b))), "min.f32");
        Add(PtxClass.FloatArithmetic, (a, b, _) => Bits(float.MaxNumber(Float(a), Float(b))), "max.f32");
        Add(PtxClass.FloatArithmetic, (a, _, _) => Bits(-Float(a)), "neg.f32");
        Add(PtxClass.FloatArithmetic, (a, _, _) => Bits(MathF.Abs(Float(a))), "abs.f32");
        Add(PtxClass.Division, (a, b, _) => Bits(Float(a) / Float(b)), "div.rn.f32");
        Add(PtxClass.Division, (a, _, _) => Bits(1f / Float(a)), "rcp.rn.f32");
        Add(PtxClass.Division, (a, _, _) => Bits(MathF.Sqrt(Float(a))), "sqrt.rn.f32");

        // The unit is right to about two units in the last place; this is right to one.
        Add(PtxClass.Special, (a, _, _) => Bits((float)Math.Pow(2, Float(a))), "ex2.approx.f32", "ex2.approx.ftz.f32");
        Add(PtxClass.Special, (a, _, _) => Bits(1f / Float(a)), "rcp.approx.ftz.f32");
        Add(PtxClass.Special, (a, _, _) => Bits((float)Math.Log2(Float(a))), "lg2.approx.f32");

        void Add(PtxClass kind, Function function, params string[] names) => Put(all, kind, function, names);
    }

    private static void AddConversions(Dictionary<string, (Function, PtxClass)> all)
    {
        Add((a, _, _) => (uint)a, "cvt.u64.u32", "cvt.u32.u64", "cvt.s32.s64", "cvt.s32.u64", "cvt.u32.s64");
        Add((a, _, _) => (ulong)(int)a, "cvt.s64.s32");
        Add((a, _, _) => (byte)a, "cvt.s32.u8", "cvt.u32.u8");
        Add((a, _, _) => (uint)(sbyte)a, "cvt.s32.s8");
        Add((a, _, _) => Bits((int)a), "cvt.rn.f32.s32");
        Add((a, _, _) => Bits((uint)a), "cvt.rn.f32.u32");
        Add((a, b, _) => BFloat16.Pair((uint)a, (uint)b), "cvt.rn.bf16x2.f32");
        Add((a, _, _) => (uint)(int)Float(a), "cvt.rzi.s32.f32");
        Add((a, _, _) => (uint)(int)MathF.Floor(Float(a)), "cvt.rmi.s32.f32");
        Add((a, _, _) => (uint)Float(a), "cvt.rzi.u32.f32");

        void Add(Function function, params string[] names) => Put(all, PtxClass.IntegerArithmetic, function, names);
    }

    private static void AddComparisons(Dictionary<string, (Function, PtxClass)> all)
    {
        (string Name, Func<int, bool> Holds)[] orders =
        [
            ("eq", order => order == 0), ("ne", order => order != 0), ("lt", order => order < 0),
            ("le", order => order <= 0), ("gt", order => order > 0), ("ge", order => order >= 0),
        ];
        foreach ((string name, Func<int, bool> holds) in orders)
        {
            string unsigned = name switch { "lt" => "lo", "le" => "ls", "gt" => "hi", "ge" => "hs", _ => name };
            Add((a, b, _) => One(holds(((int)a).CompareTo((int)b))), $"setp.{name}.s32");
            Add((a, b, _) => One(holds(((long)a).CompareTo((long)b))), $"setp.{name}.s64");
            Add((a, b, _) => One(holds(((uint)a).CompareTo((uint)b))), $"setp.{unsigned}.u32", $"setp.{unsigned}.b32");
            Add((a, b, _) => One(holds(a.CompareTo(b))), $"setp.{unsigned}.u64", $"setp.{unsigned}.b64");
            Add((a, b, _) => One(!IsUnordered(a, b) && holds(Order(a, b))), $"setp.{name}.f32");
            Add((a, b, _) => One(IsUnordered(a, b) || holds(Order(a, b))), $"setp.{name}u.f32");
        }

        void Add(Function function, params string[] names) => Put(all, PtxClass.IntegerArithmetic, function, names);

        static bool IsUnordered(ulong a, ulong b) => float.IsNaN(Float(a)) || float.IsNaN(Float(b));

        static int Order(ulong a, ulong b) => Float(a) < Float(b) ? -1 : Float(a) > Float(b) ? 1 : 0;

        static ulong One(bool holds) => holds ? 1ul : 0ul;
    }

    private static void Put(
        Dictionary<string, (Function, PtxClass)> all, PtxClass kind, Function function, params string[] names)
    {
        foreach (string name in names)
        {
            all.Add(name, (function, kind));
        }
    }

    private static float Float(ulong register) => UInt32BitsToSingle((uint)register);

    private static ulong Bits(float value) => SingleToUInt32Bits(value);
}
