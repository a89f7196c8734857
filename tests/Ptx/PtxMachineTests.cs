using System.Globalization;
using GpuConvnet.Simulator.Gpu;
using GpuConvnet.Simulator.Ptx;
using ILGPU.Runtime;
using Values = ILGPU.Runtime.MemoryBuffer1D<float, ILGPU.Stride1D.Dense>;

namespace GpuConvnet.Tests.Ptx;

/// <summary>The machine, on programs of a few lines: what it computes, counts and refuses.</summary>
public sealed class PtxMachineTests : IDisposable
{
    private const float Nothing = float.NaN;

    private const string Product =
        "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
        + "{%f1, %f2, %f3, %f4}, {%r4, %r4, %r4, %r4}, {%r4, %r4}, {%f1, %f2, %f3, %f4};";

    private readonly SimulatedGpu _gpu = new();

    public void Dispose() => _gpu.Dispose();

    [Fact]
    public void AThreadComputesWithItsPlaceAndItsParameters()
    {
        Values values = Allocate([.. Enumerable.Range(0, 80).Select(i => i * 0.5f)]);

        Launch(2, 40, values, 3, 0.25f, """
            ld.param.b32 %r1, [_number];
            ld.param.f32 %f1, [_value];
            mov.b32 %r2, %ctaid.x;
            mov.b32 %r3, %ntid.x;
            mov.b32 %r4, %tid.x;
            mad.lo.s32 %r5, %r2, %r3, %r4;
            mul.wide.u32 %rd2, %r5, 4;
            add.u64 %rd3, %rd1, %rd2;
            ld.global.f32 %f2, [%rd3];
            cvt.rn.f32.s32 %f3, %r1;
            mul.f32 %f4, %f2, %f3;
            add.f32 %f5, %f4, %f1;
            st.global.f32 [%rd3], %f5;
            ret;
            """);

        Assert.Equal(Enumerable.Range(0, 80).Select(i => i * 0.5f * 3 + 0.25f), values.GetAsArray1D());
    }

    [Fact]
    public void LanesThatPartMeetAgain()
    {
        Values values = Allocate(new float[32]);

        // Each lane goes round as often as its number says; the even ones, behind the loop's exit, add a hundred.
        PtxRun run = Launch(1, 32, values, 0, 0, Place + """
            mov.f32 %f1, 0f00000000;
            mov.b32 %r6, 0;
            L_round:
            setp.ge.s32 %p1, %r6, %r5;
            @%p1 bra L_out;
            add.f32 %f1, %f1, 0f3F800000;
            add.s32 %r6, %r6, 1;
            bra.uni L_round;
            L_even:
            add.f32 %f1, %f1, 0f42C80000;
            bra L_end;
            L_out:
            and.b32 %r7, %r5, 1;
            setp.eq.s32 %p2, %r7, 0;
            @%p2 bra L_even;
            L_end:
            bar.sync 0;
            st.global.f32 [%rd3], %f1;
            ret;
            """);

        Assert.Equal(Enumerable.Range(0, 32).Select(i => i + (i % 2 == 0 ? 100f : 0f)), values.GetAsArray1D());
        PtxCounts first = run.Stages[0][0].Sum;
        Assert.Equal(32, first[PtxClass.FloatArithmetic]);
        Assert.Equal(1, first[PtxClass.Barrier]);
        Assert.Equal(2, run.Stages[0].Count);
    }

    [Theory]
    [InlineData("f32", "%f1", 4, 1, 0)]
    [InlineData("f32", "%f1", 8, 2, 1)]
    [InlineData("f32", "%f1", 12, 1, 0)]
    [InlineData("f32", "%f1", 128, 32, 31)]
    [InlineData("f32", "%f1", 0, 1, 0)]
    [InlineData("v2.f32", "{%f1, %f2}", 8, 2, 0)]
    [InlineData("v4.f32", "{%f1, %f2, %f3, %f4}", 16, 4, 0)]
    [InlineData("v4.f32", "{%f1, %f2, %f3, %f4}", 32, 8, 4)]
    [InlineData("v4.f32", "{%f1, %f2, %f3, %f4}", 48, 4, 0)]
    [InlineData("v4.f32", "{%f1, %f2, %f3, %f4}", 128, 32, 28)]
    [InlineData("v4.f32", "{%f1, %f2, %f3, %f4}", 0, 4, 0)]
    public void BanksThatAreAskedForSeveralWordsTakeAsManyCycles(
        string type, string registers, int stride, int wavefronts, int conflicts)
    {
        Values values = Allocate(new float[32]);

        PtxRun run = Launch(1, 32, values, stride, 0, Place + $"""
            ld.param.b32 %r1, [_number];
            mul.lo.s32 %r6, %r5, %r1;
            cvt.u64.u32 %rd5, %r6;
            mov.b64 %rd6, buffer;
            add.u64 %rd7, %rd6, %rd5;
            ld.shared.{type} {registers}, [%rd7];
            ret;
            """);

        Assert.Equal((wavefronts, conflicts), (run.Stages[0][0].Sum.SharedWavefronts, run.Stages[0][0].Sum.SharedConflicts));
    }

    [Theory]
    [InlineData(4, 1, 4)]
    [InlineData(0, 1, 1)]
    [InlineData(128, 32, 32)]
    public void AnAccessToMemoryTakesASectorForEveryThirtyTwoBytesAndACycleForEveryLine(
        int stride, int wavefronts, int sectors)
    {
        Values values = Allocate(new float[32 * 32]);

        PtxCounts counts = Launch(1, 32, values, stride, 0, Place + """
            ld.param.b32 %r1, [_number];
            mul.lo.s32 %r6, %r5, %r1;
            cvt.u64.u32 %rd5, %r6;
            add.u64 %rd7, %rd1, %rd5;
            ld.global.f32 %f1, [%rd7];
            ld.global.f32 %f1, [%rd7];
            ret;
            """).Stages[0][0].Sum;

        Assert.Equal(2 * wavefronts, counts.GlobalWavefronts);
        Assert.Equal(2 * sectors, counts.LoadedSectors);
        Assert.Equal(sectors, counts.MissedSectors);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 2)]
    public void WhatAnotherThreadHasWrittenNeedsABarrier(bool hasBarrier, int races)
    {
        Values values = Allocate(new float[64]);

        // Each of 64 threads leaves its number to one of the other warp, which comes before it or after it.
        PtxRun run = Launch(1, 64, values, 0, 0, Place + $"""
            mov.b64 %rd6, buffer;
            add.u64 %rd7, %rd6, %rd2;
            cvt.rn.f32.s32 %f1, %r5;
            st.shared.f32 [%rd7], %f1;
            {(hasBarrier ? "bar.sync 0;" : "")}
            xor.b32 %r6, %r5, 63;
            mul.wide.u32 %rd8, %r6, 4;
            add.u64 %rd9, %rd6, %rd8;
            ld.shared.f32 %f2, [%rd9];
            st.global.f32 [%rd3], %f2;
            ret;
            """);

        Assert.Equal(races, run.Races.Count);
        Assert.All(run.Races, race => Assert.Contains("st.shared.f32", race, StringComparison.Ordinal));
        Assert.Equal(hasBarrier, values.GetAsArray1D().SequenceEqual(Enumerable.Range(0, 64).Select(i => 63f - i)));
    }

    [Fact]
    public void GroupsThatShareAWordOfTheMemoryRace()
    {
        Values values = Allocate(new float[32]);
        const string Body = """
            mov.b32 %r4, %tid.x;
            mul.wide.u32 %rd2, %r4, 4;
            add.u64 %rd3, %rd1, %rd2;
            ld.global.f32 %f1, [%rd3];
            st.global.f32 [%rd3], %f1;
            ret;
            """;

        Assert.Empty(Launch(1, 32, values, 0, 0, Body).Races);
        Assert.Contains("of another group", Launch(2, 32, values, 0, 0, Body).Races[0], StringComparison.Ordinal);
    }

    [Fact]
    public void SharedMemoryIsNoNumberUntilSomebodyWrites()
    {
        Values values = Allocate(new float[32]);

        Launch(1, 32, values, 0, 0, Place + """
            mov.b64 %rd6, buffer;
            ld.shared.f32 %f1, [%rd6+8];
            st.global.f32 [%rd3], %f1;
            ret;
            """);

        Assert.All(values.GetAsArray1D(), value => Assert.Equal(Nothing, value));
    }

    [Theory]
    [InlineData("ld.global.f32 %f1, [%rd1+128];", "no buffer")]
    [InlineData("ld.global.f32 %f1, [%rd1+-4];", "no buffer")]
    [InlineData("ld.global.v2.f32 {%f1, %f2}, [%rd1+124];", "not a multiple of 8")]
    [InlineData("ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd1+120];", "not a multiple of 16")]
    [InlineData("mov.b64 %rd6, buffer;\nld.shared.f32 %f1, [%rd6+8192];", "shared memory")]
    [InlineData("mov.b64 %rd6, buffer;\nst.shared.v2.f32 [%rd6+4], {%f1, %f2};", "shared memory")]
    [InlineData("setp.eq.s32 %p1, %r5, 5;\n@%p1 bra L_end;\nbar.sync 0;\nL_end:", "barrier")]
    [InlineData("setp.ge.s32 %p1, %r5, 32;\n@%p1 ret;\nbar.sync 0;", "have ended")]
    [InlineData("mov.b32 %r1, 0;\ndiv.s32 %r2, %r5, %r1;", "divide by zero")]
    [InlineData("setp.eq.s32 %p1, %r5, 5;\n@%p1 bra L_end;\n" + Product + "\nL_end:", "only some")]
    [InlineData("setp.ge.s32 %p1, %r5, 5;\n@%p1 " + Product, "only some")]
    public void WhatAGpuWouldFaultAtOrWorseWouldNotIsRefusedWithTheInstruction(string lines, string complaint)
    {
        Values values = Allocate(new float[32]);

        PtxFaultException fault = Assert.Throws<PtxFaultException>(
            () => Launch(1, 64, values, 0, 0, Place + lines + "\nret;"));

        Assert.Contains(complaint, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(-1, 0)]
    public void ABranchThatPromisesThatLanesDoNotPartIsFoundOut(int lane, int broken)
    {
        Values values = Allocate(new float[32]);

        PtxRun run = Launch(1, 32, values, lane, 0, Place + """
            ld.param.b32 %r1, [_number];
            setp.eq.s32 %p1, %r5, %r1;
            @%p1 bra.uni L_end;
            mov.b32 %r1, 0;
            L_end:
            ret;
            """);

        Assert.Equal(broken, run.BrokenPromises.Count);
    }

    [Fact]
    public void WhatIsUnknownIsRefusedWithItsText()
    {
        Values values = Allocate(new float[32]);

        NotSupportedException refusal = Assert.Throws<NotSupportedException>(
            () => Launch(1, 32, values, 0, 0, "tanh.approx.f32 %f1, %f2;"));

        Assert.Contains("tanh.approx.f32 %f1, %f2;", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%f1, %f2, %f3, %f4}, {%r4, %r4}, {%r4}, {%f1, %f2, %f3, %f4};")]
    [InlineData("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f1, %f2, %f3, %f4}, {%r4, %r4}, {%r4, %r4}, {%f1, %f2, %f3, %f4};")]
    [InlineData("ld.local.f32 %f1, [%rd1];")]
    [InlineData("ld.local.f32 %f1, [%rd5+12];")]
    [InlineData("ld.local.b64 %rd6, [%rd5+4];")]
    [InlineData("ld.local.u8 %r1, [%rd5];")]
    [InlineData("ld.local.v2.f32 {%f1, %f2}, [%rd5];")]
    [InlineData("add.u64 %rd6, %rd5, 4;")]
    [InlineData("mov.b64 %rd6, %rd5;")]
    [InlineData("mov.b64 %rd5, %rd1;")]
    public void WhatProductsAndAThreadsOwnMemoryDoNotDoHereIsRefused(string line)
    {
        Values values = Allocate(new float[32]);

        NotSupportedException refusal = Assert.Throws<NotSupportedException>(
            () => Launch(1, 32, values, 0, 0, $"{OwnMemory}\nst.local.b64 [%rd5], %rd1;\n{line}"));

        Assert.Contains(line, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AThreadHasMemoryOfItsOwnAtNoCost()
    {
        Values values = Allocate([.. Enumerable.Range(0, 32).Select(i => (float)i)]);

        // The lanes from 8 on overwrite their second word.
        PtxCounts counts = Launch(1, 32, values, 0, 0, Place + OwnMemory + """

            ld.global.f32 %f1, [%rd3];
            st.local.f32 [%rd5], %f1;
            st.local.f32 [%rd5+4], 0f3F800000;
            setp.ge.s32 %p1, %r5, 8;
            @%p1 st.local.f32 [%rd5+4], %f1;
            st.local.b64 [%rd8], %rd1;
            ld.local.f32 %f2, [%rd5];
            ld.local.f32 %f3, [%rd5+4];
            ld.local.b64 %rd6, [%rd8];
            mul.wide.u32 %rd2, %r5, 4;
            add.u64 %rd7, %rd6, %rd2;
            add.f32 %f4, %f2, %f3;
            st.global.f32 [%rd7], %f4;
            ret;
            """).Stages[0][0].Sum;

        Assert.Equal(Enumerable.Range(0, 32).Select(i => i < 8 ? i + 1f : 2 * i), values.GetAsArray1D());
        Assert.Equal(1, counts[PtxClass.GlobalLoad] * counts[PtxClass.GlobalStore] * counts[PtxClass.FloatArithmetic]);
        Assert.Equal(0, counts[PtxClass.SharedLoad] + counts[PtxClass.SharedStore]);
    }

    [Fact]
    public void AProductThatOneSumReadsIsAnFmaWithIt()
    {
        Values values = Allocate(new float[32]);

        // The first is read by one sum, the second by two, the last two by the same one.
        PtxCounts counts = Launch(1, 32, values, 0, 0, Place + """
            ld.global.f32 %f1, [%rd3];
            mul.f32 %f2, %f1, %f1;
            add.f32 %f3, %f1, %f2;
            mul.f32 %f4, %f1, %f1;
            add.f32 %f5, %f3, %f4;
            sub.f32 %f6, %f5, %f4;
            mul.f32 %f7, %f6, %f6;
            mul.f32 %f8, %f6, %f5;
            sub.f32 %f9, %f7, %f8;
            st.global.f32 [%rd3], %f9;
            ret;
            """).Stages[0][0].Sum;

        Assert.Equal(2, counts[PtxClass.Fma]);
        Assert.Equal(4, counts[PtxClass.FloatArithmetic]);
    }

    [Theory]
    [InlineData("shl.b32 %r6, %r5, 40", 0)]
    [InlineData("shr.s32 %r6, -7, 40", -1)]
    [InlineData("shr.s32 %r6, -7, 1", -4)]
    [InlineData("rem.s32 %r6, -7, 4", -3)]
    [InlineData("mul.hi.u32 %r6, 3000000000, 4", 2)]
    [InlineData("min.s32 %r6, -7, 4", -7)]
    [InlineData("selp.b32 %r6, 4, 4294967295, %p9", -1)]
    [InlineData("cvt.rzi.s32.f32 %r6, 0fC0200000", -2)]
    [InlineData("cvt.rzi.s32.f32 %r6, 0f7FC00000", 0)]
    public void NumbersAreWhatPtxSays(string instruction, int expected)
    {
        Values values = Allocate(new float[1]);

        Launch(1, 1, values, 0, 0, Place + $"""
            setp.gt.f32 %p9, 0f7FC00000, 0f00000000;
            {instruction};
            cvt.rn.f32.s32 %f1, %r6;
            st.global.f32 [%rd3], %f1;
            ret;
            """);

        Assert.Equal(expected, values.GetAsArray1D()[0]);
    }

    [Fact]
    public void ArgumentsThatAreNotAsTheKernelDeclaresThemAreRefused()
    {
        PtxProgram program = PtxProgram.Parse(Kernel("ret;"));

        Assert.Throws<ArgumentException>(() => Launch(program, 1, 2));
        Assert.Throws<ArgumentException>(() => Launch(program, 1, 2, 3f));

        void Launch(PtxProgram program, params object[] arguments) =>
            new PtxLaunch(program, _gpu.Accelerator.Memory, (1, 1), (1, 1), arguments).Parameters();
    }

    private static string OwnMemory => """
        .local .align 4 .b8 own[8];
        .local .align 8 .b8 other[8];
        mov.b64 %rd5, own;
        mov.b64 %rd8, other;
        """;

    private static string Place => """
        mov.b32 %r4, %tid.x;
        mov.b32 %r5, %r4;
        mul.wide.u32 %rd2, %r5, 4;
        add.u64 %rd3, %rd1, %rd2;

        """;

    private Values Allocate(float[] values) => _gpu.Accelerator.Allocate1D(values);

    private PtxRun Launch(int groups, int threads, Values values, int number, float value, string body) =>
        PtxMachine.Run(new PtxLaunch(
            PtxProgram.Parse(Kernel(body)), _gpu.Accelerator.Memory, (groups, 1), (threads, 1),
            [values.View.AsContiguous(), number, value]));

    private static string Kernel(string body) => string.Create(CultureInfo.InvariantCulture, $$"""
        .version 7.0
        .target sm_80
        .visible .entry Kernel_Test(
            .param .align 8 .b8 _values[16],
            .param .b32 _number,
            .param .f32 _value
        )
        {
            .shared .align 16 .b8 buffer[8192];
            .reg .b32 %r<10>;
            ld.param.b64 %rd9, [_values];
            cvta.to.global.u64 %rd1, %rd9;
            {{body}}
        }
        """);
}
