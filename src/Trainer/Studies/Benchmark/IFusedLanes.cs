namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>A vector type of the processor, for a loop that is the same for all widths.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal interface IFusedLanes<TVector>
    where TVector : struct
{
    /// <summary>How many floats it holds.</summary>
    static abstract int Lanes { get; }

    /// <summary>The same value in all lanes.</summary>
    static abstract TVector Of(float value);

    /// <summary>a * b + c, rounded once where the processor can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>The sum of all lanes.</summary>
    static abstract float Sum(TVector vector);

    /// <summary>As many floats from an array.</summary>
    static abstract TVector Load(float[] values, int index);
}
