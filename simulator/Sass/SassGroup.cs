using System.Buffers.Binary;
using GpuConvnet.Simulator.Ptx;
using GpuConvnet.Simulator.Tensor;

namespace GpuConvnet.Simulator.Sass;

/// <summary>A group of threads on a multiprocessor: its warps, its shared memory, what it was launched with.</summary>
internal sealed class SassGroup
{
    private readonly byte[] _shared;
    private readonly byte[] _constants = new byte[0x1000];
    private readonly int _sharedAt;

    public SassGroup(SassProgram program, SassGpu gpu, PtxLaunch launch, int index)
    {
        Program = program;
        Memory = launch.Memory;
        Tensor = gpu.Tensor;
        Index = index;
        _sharedAt = gpu.SharedAt;
        _shared = new byte[program.SharedBytes];
        _shared.AsSpan().Fill(0xFF);
        int threads = launch.Threads.X;
        BinaryPrimitives.WriteInt32LittleEndian(_constants, threads);
        BinaryPrimitives.WriteInt32LittleEndian(_constants.AsSpan(4), 1);
        BinaryPrimitives.WriteInt32LittleEndian(_constants.AsSpan(8), 1);
        BinaryPrimitives.WriteInt32LittleEndian(_constants.AsSpan(0xC), launch.Grid.X);
        BinaryPrimitives.WriteInt32LittleEndian(_constants.AsSpan(0x10), 1);
        BinaryPrimitives.WriteInt32LittleEndian(_constants.AsSpan(0x14), 1);
        launch.Parameters().CopyTo(_constants, gpu.ParametersAt);
        Warps = [.. Enumerable.Range(0, threads / SassWarp.Lanes).Select(warp => new SassWarp(this, warp * SassWarp.Lanes))];
    }

    public SassProgram Program { get; }

    public PtxMemory Memory { get; }

    public TensorCore Tensor { get; }

    public int Index { get; }

    public SassWarp[] Warps { get; }

    /// <summary>A word of a bank of constants: 0 has the launch's parameters, 2 what the assembler has put there.</summary>
    public uint Constant(int bank, uint offset) => BinaryPrimitives.ReadUInt32LittleEndian(
        (bank == 0 ? _constants : Program.Constants).AsSpan((int)offset));

    /// <summary>The bytes at an address of the shared memory.</summary>
    public Span<byte> Shared(uint address, int bytes)
    {
        long offset = (long)address - _sharedAt;
        return offset >= 0 && offset + bytes <= _shared.Length && offset % bytes == 0
            ? _shared.AsSpan((int)offset, bytes)
            : throw new PtxFaultException($"shared memory of {_shared.Length} bytes has no {bytes} at {offset}");
    }
}
