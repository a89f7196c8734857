namespace GpuConvnet.Trainer.Studies.Communication;

/// <summary>Where the time of steps goes that ranks share, in seconds.</summary>
/// <param name="Arithmetic">This rank's slices, forward and backward, and its part of the sum.</param>
/// <param name="Waiting">For the slowest rank.</param>
/// <param name="Moving">Gradients from rank to rank and back, and the agreement to go on.</param>
/// <param name="Update">The optimizer, which every rank runs.</param>
internal readonly record struct StepParts(double Arithmetic, double Waiting, double Moving, double Update)
{
    /// <summary>A whole step.</summary>
    public double Step => Arithmetic + Waiting + Moving + Update;

    /// <summary>Of so many steps the mean.</summary>
    public StepParts Per(int steps) => new(Arithmetic / steps, Waiting / steps, Moving / steps, Update / steps);
}
