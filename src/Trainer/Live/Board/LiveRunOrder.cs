using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Live.Board;

/// <summary>What a run on the board is.</summary>
/// <param name="Name">What it is called beside others.</param>
/// <param name="Configuration">Its configuration, everything resolved.</param>
/// <param name="Digits">Its digits; looked at when somebody looks at the run.</param>
internal sealed record LiveRunOrder(string Name, ExperimentConfiguration Configuration, Lazy<LiveDigits> Digits)
{
    /// <summary>How many of this machine's cores it takes while it trains.</summary>
    public required int Cores { get; init; }

    /// <summary>Why there is never a network to see; null where there is one.</summary>
    public string? WithoutNetwork { get; init; }

    /// <summary>The device that trains it; null where that is not known.</summary>
    public string? Device { get; init; }
}
