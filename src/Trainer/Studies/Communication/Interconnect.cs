namespace GpuConvnet.Trainer.Studies.Communication;

/// <summary>A network between machines, as the prediction sees it.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="BytesPerSecond">What a machine sends and takes at the same time.</param>
/// <param name="Latency">Seconds from one program to another, for a message without content.</param>
internal sealed record Interconnect(string Name, double BytesPerSecond, double Latency)
{
    /// <summary>Seconds that a sender spends on each message.</summary>
    public const double Overhead = 1e-6;

    /// <summary>Those that predictions are made for: Ethernet through the kernel, and a fabric past it.</summary>
    public static IReadOnlyList<Interconnect> All { get; } =
    [
        new("10 Gbit/s, 20 µs", 10e9 / 8, 20e-6),
        new("100 Gbit/s, 3 µs", 100e9 / 8, 3e-6),
    ];

    /// <summary>
    /// Seconds that a step's exchange takes: each rank sends each other one a stretch of its parts, all at once; what they make of
    /// it goes round by doubling; and so does the agreement.
    /// </summary>
    /// <param name="parameters">Parameters of the network.</param>
    /// <param name="parts">Parts that a rank hands over.</param>
    /// <param name="ranks">How many ranks there are, one per machine.</param>
    public double ExchangeSeconds(int parameters, int parts, int ranks)
    {
        if (ranks == 1)
        {
            return 0;
        }

        double bytes = sizeof(float) * (double)parameters * (ranks - 1) / ranks;
        double rounds = Math.Ceiling(Math.Log2(ranks));
        double scattering = ((ranks - 1) * Overhead) + Latency + (parts * bytes / BytesPerSecond);
        double gathering = (rounds * (Latency + Overhead)) + (bytes / BytesPerSecond);
        double agreeing = rounds * (Latency + Overhead);
        return scattering + gathering + agreeing;
    }
}
