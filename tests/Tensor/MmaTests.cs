using System.Globalization;
using System.Reflection;
using GpuConvnet.Kernels.Tensor;
using GpuConvnet.Simulator.Gpu;
using GpuConvnet.Simulator.Ptx;
using GpuConvnet.Simulator.Sass;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Ptx;
using GpuConvnet.Tests.Sass;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Values = ILGPU.Runtime.MemoryBuffer1D<float, ILGPU.Stride1D.Dense>;

namespace GpuConvnet.Tests.Tensor;

/// <summary>
/// Products on tensor cores, as ILGPU makes PTX of <see cref="Mma"/> and ptxas machine code of that: what they compute, and what
/// the model says that they cost.
/// </summary>
public sealed class MmaTests(ITestOutputHelper output) : IDisposable
{
    private const int Lanes = 32;
    private const int Rows = 16;
    private const int Columns = 8;
    private const int Depth = 8;

    private readonly SimulatedGpu _gpu = new();

    public static TheoryData<string> Machines { get; } = ["ptx", "sm_80", "sm_90"];

    public void Dispose() => _gpu.Dispose();

    /// <summary>
    /// Every element differs, and all sums are exact, so that a lane or register at another's place would show. Two warps in each
    /// of two groups.
    /// </summary>
    [Theory]
    [MemberData(nameof(Machines))]
    public void AWarpsProductIsThatOfTheMatrices(string machine)
    {
        const int Warps = 4;
        double[][] left = [.. Enumerable.Range(0, Warps).Select(warp => Sequence(Rows * Depth, 1 + 200 * warp))];
        double[][] right = [.. Enumerable.Range(0, Warps).Select(warp => Sequence(Depth * Columns, -30 + 100 * warp))];
        double[][] sums = [.. Enumerable.Range(0, Warps).Select(warp => Sequence(Rows * Columns, 5000 * warp))];

        double[][] actual = Multiply(machine, nameof(MmaKernels.Once), left, right, sums, groups: 2);

        for (int warp = 0; warp < Warps; warp++)
        {
            Assert.Equal(Product(left[warp], right[warp], sums[warp]), actual[warp]);
        }
    }

    /// <summary>Small whole numbers, which BF16 has exactly: halves of pairs that were changed for each other would show.</summary>
    [Theory]
    [MemberData(nameof(Machines))]
    public void APairOfColumnsMeetsAPairOfRows(string machine)
    {
        Random random = new(2);
        double[] left = Small(Rows * Depth), right = Small(Depth * Columns), sums = Small(Rows * Columns);

        double[] actual = Multiply(machine, nameof(MmaKernels.Pairs), [left], [right], [sums], groups: 1)[0];

        Assert.Equal(Product([.. left.Select(value => 7 * value)], right, sums), actual);

        double[] Small(int length) => [.. Enumerable.Range(0, length).Select(_ => (double)random.Next(-40, 41))];
    }

    /// <summary>
    /// One product loses what is below TF32's eleven bits; another one, of the rests, leaves nearly the error of floats. Of the sum of the products'
    /// magnitudes, in units of 2^-20.
    /// </summary>
    [Theory]
    [MemberData(nameof(Machines))]
    public void TwoProductsAreNearlyAsExactAsFloats(string machine)
    {
        const int Warps = 8;
        Random random = new(1);
        double[][] left = Matrices(Rows * Depth), right = Matrices(Depth * Columns), sums = Matrices(Rows * Columns);

        double once = Error(nameof(MmaKernels.Once));
        double twice = Error(nameof(MmaKernels.Twice));

        Print($"{machine}: TF32 2^{Math.Log2(once):F1}, with the rests 2^{Math.Log2(twice):F1}");
        Assert.InRange(once, Math.Pow(2, -12), Math.Pow(2, -9));
        Assert.InRange(twice, Math.Pow(2, -25), Math.Pow(2, -18));

        double[][] Matrices(int length) => [.. Enumerable.Range(0, Warps).Select(_ =>
            Enumerable.Range(0, length).Select(_ => (double)(2 * random.NextSingle() - 1)).ToArray())];

        double Error(string kernel)
        {
            double[][] actual = Multiply(machine, kernel, left, right, sums, groups: 1);
            return Enumerable.Range(0, Warps).Max(warp =>
            {
                double[] expected = Product(left[warp], right[warp], sums[warp]);
                double[] magnitudes = Product(Magnitudes(left[warp]), Magnitudes(right[warp]), Magnitudes(sums[warp]));
                return Enumerable.Range(0, expected.Length).Max(i => Math.Abs(actual[warp][i] - expected[i]) / magnitudes[i]);
            });
        }
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void WhatIsNoNumberSpoilsItsRowAlone(string machine)
    {
        double[] left = Sequence(Rows * Depth, 1), right = Sequence(Depth * Columns, 1), sums = Sequence(Rows * Columns, 1);
        double[] expected = Product(left, right, sums);
        left[3 * Depth + 6] = double.NaN;

        double[] actual = Multiply(machine, nameof(MmaKernels.Once), [left], [right], [sums], groups: 1)[0];

        Assert.Equal(expected.Select((value, i) => i / Columns == 3 ? double.NaN : value), actual);
    }

    [Fact]
    public void ThePtxInterpreterCountsProducts()
    {
        PtxStage few = Stage(5), stage = Stage(15);

        Assert.Equal(2 * 4 * 15, stage.Sum.TensorProducts);
        Assert.Equal(2 * stage.Warps[0].TensorProducts, stage.Sum.TensorProducts);

        // A warp alone waits for each, which some other instructions of the loop's do not lengthen much.
        Assert.InRange(stage.Sum.Chain - few.Sum.Chain, 10 * 4 * 24, 10 * 4 * 28);

        // Two schedulers have one of the warps each.
        Assert.Equal(60 * 8, PtxLimits.Of(stage, 1, PtxGpu.A100, hasIntegers: true).Tensor);
        Assert.Equal(3 * 60 * 6.5, PtxLimits.Of(stage, 3, PtxGpu.H100, hasIntegers: true).Tensor);
        Assert.Equal("tensor cores", PtxLimits.Of(stage, 100, PtxGpu.H100, hasIntegers: true).Name);

        PtxStage Stage(int times)
        {
            PtxRun run = PtxMachine.Run(LaunchInARow(2 * Lanes, times));
            run.AssertDefined();
            return run.Stages[0][0];
        }
    }

    /// <summary>
    /// A warp alone waits 24 cycles for each product that the next one needs; enough warps keep a scheduler's tensor core busy.
    /// </summary>
    [Theory]
    [InlineData("sm_80", 1, 24)]
    [InlineData("sm_80", 32, 8)]
    [InlineData("sm_90", 1, 24)]
    [InlineData("sm_90", 32, 6.5)]
    public void AProductTakesATensorCoreSoManyCycles(string architecture, int warps, double cycles)
    {
        CudaNeeded.SkipUnlessKnown();
        SassGpu gpu = Gpu(architecture);
        long few = Cycles(10);
        long many = Cycles(60);
        double each = (many - few) / (50.0 * 4 * Math.Max(1, warps / PtxGpu.Schedulers));

        Print($"{architecture}, {warps} warps: {each:F2} cycles a product");
        Assert.InRange(each, cycles, 1.08 * cycles);

        long Cycles(int times)
        {
            PtxLaunch launch = LaunchInARow(warps * Lanes, times);
            SassProgram program = SassProgram.Of(launch.Program.Text, architecture);
            SassMultiprocessor multiprocessor = new(program, gpu, launch, [0], together: 1);
            long spent = multiprocessor.Run();
            Assert.Equal(
                4 * times * warps, multiprocessor.Issued.Where(pair => pair.Key.Operation == "HMMA").Sum(pair => pair.Value));
            return spent;
        }
    }

    /// <summary>The operands, which ILGPU keeps in a thread's own memory, are in registers once ptxas has seen them.</summary>
    [Theory]
    [InlineData("sm_80")]
    [InlineData("sm_90")]
    public void TheOperandsStayInRegisters(string architecture)
    {
        CudaNeeded.SkipUnlessKnown();
        foreach (string kernel in new[] { nameof(MmaKernels.Once), nameof(MmaKernels.Twice), nameof(MmaKernels.InARow) })
        {
            SassProgram program = SassProgram.Of(Compile(kernel, Lanes), architecture);

            Assert.Contains(program.Instructions, instruction => instruction.Operation == "HMMA");
            Assert.DoesNotContain(program.Instructions, instruction => instruction.Operation is "LDL" or "STL");
        }
    }

    private static string Compile(string kernel, int threads, int? groups = null) => PtxTests.Compile(
        typeof(MmaKernels).GetMethod(kernel, BindingFlags.Public | BindingFlags.Static)!, CudaArchitecture.SM_80,
        new KernelSpecialization(threads, groups));

    private PtxLaunch LaunchInARow(int threads, int times) => new(
        PtxProgram.Parse(Compile(nameof(MmaKernels.InARow), threads)), _gpu.Accelerator.Memory, (1, 1), (threads, 1),
        [Allocate([.. Enumerable.Range(0, 4 * threads).Select(i => i / 100f)]).View.AsContiguous(), times]);

    /// <summary>Runs a kernel on the matrices of some warps.</summary>
    /// <returns>Each warp's C, row by row.</returns>
    private double[][] Multiply(string machine, string kernel, double[][] left, double[][] right, double[][] sums, int groups)
    {
        Values result = Allocate(Fragments(sums, 4, (lane, i) => Columns * (Group(lane) + (i < 2 ? 0 : 8)) + SumColumn(lane, i)));
        int threads = left.Length / groups * Lanes;
        PtxLaunch launch = new(
            PtxProgram.Parse(Compile(kernel, threads)), _gpu.Accelerator.Memory, (groups, 1), (threads, 1),
            [
                Allocate(Fragments(left, 4, (lane, i) => Depth * LeftRow(lane, i) + LeftColumn(lane, i))).View.AsContiguous(),
                Allocate(Fragments(right, 2, (lane, i) => Columns * RightRow(lane, i) + Group(lane))).View.AsContiguous(),
                result.View.AsContiguous(),
            ]);
        if (machine == "ptx")
        {
            PtxMachine.Run(launch).AssertDefined();
        }
        else
        {
            CudaNeeded.SkipUnlessKnown();
            SassProgram program = SassProgram.Of(launch.Program.Text, machine);
            new SassMultiprocessor(program, Gpu(machine), launch, Enumerable.Range(0, groups), together: 2).Run();
        }

        float[] values = result.GetAsArray1D();
        return [.. left.Select((_, warp) =>
        {
            double[] matrix = new double[Rows * Columns];
            for (int j = 0; j < Lanes * 4; j++)
            {
                (int lane, int i) = (j / 4, j % 4);
                matrix[Columns * (Group(lane) + (i < 2 ? 0 : 8)) + SumColumn(lane, i)] = values[warp * Lanes * 4 + j];
            }

            return matrix;
        })];
    }

    private Values Allocate(float[] values) => _gpu.Accelerator.Allocate1D(values);

    private static float[] Fragments(double[][] matrices, int count, Func<int, int, int> place) =>
        [.. matrices.SelectMany(matrix => Enumerable.Range(0, Lanes * count)
            .Select(j => (float)matrix[place(j / count, j % count)]))];

    // PTX ISA 8.7, "Matrix Fragments for mma.m16n8k8", .tf32, word for word: groupID is %laneid >> 2, threadID_in_group %laneid % 4.
    private static int Group(int lane) => lane >> 2;

    private static int Thread(int lane) => lane % 4;

    // A's row: groupID for a0 and a2, groupID + 8 for a1 and a3.
    private static int LeftRow(int lane, int i) => i is 0 or 2 ? Group(lane) : Group(lane) + 8;

    // A's column: threadID_in_group for a0 and a1, threadID_in_group + 4 for a2 and a3.
    private static int LeftColumn(int lane, int i) => i is 0 or 1 ? Thread(lane) : Thread(lane) + 4;

    // B's row: threadID_in_group for b0, threadID_in_group + 4 for b1; its column is groupID.
    private static int RightRow(int lane, int i) => i is 0 ? Thread(lane) : Thread(lane) + 4;

    // C's row: groupID for c0 and c1, groupID + 8 for c2 and c3; its column (threadID_in_group * 2) + (i & 0x1).
    private static int SumColumn(int lane, int i) => Thread(lane) * 2 + (i & 0x1);

    private static double[] Sequence(int length, int first) => [.. Enumerable.Range(first, length).Select(i => (double)i)];

    private static double[] Magnitudes(double[] matrix) => [.. matrix.Select(Math.Abs)];

    private static double[] Product(double[] left, double[] right, double[] sums) =>
        [.. sums.Select((sum, i) => sum + Enumerable.Range(0, Depth)
            .Sum(k => left[i / Columns * Depth + k] * right[k * Columns + i % Columns]))];

    private static SassGpu Gpu(string architecture) => architecture == "sm_80" ? SassGpu.A100 : SassGpu.H100;

    private void Print(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
