using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>What does not change about a run that a page looks at.</summary>
internal sealed record LiveSubject
{
    /// <summary>Its number.</summary>
    public required int Run { get; init; }

    /// <inheritdoc cref="LiveRun.Edition"/>
    public required int Edition { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is about; null where the configuration does not say.</summary>
    public string? Description { get; init; }

    /// <summary>What trains it; null where that is not known.</summary>
    public string? Device { get; init; }

    /// <summary>The loss, which says what the outputs mean.</summary>
    public required string Loss { get; init; }

    /// <summary>How its digits are framed.</summary>
    public required string Frame { get; init; }

    /// <summary>How many parameters it has.</summary>
    public required int ParameterCount { get; init; }

    /// <summary>Its layers; null where the page's script cannot run them.</summary>
    public IReadOnlyList<PageLayer>? Layers { get; init; }

    /// <summary>Why the page does not run the network; null where it does.</summary>
    public string? WithoutPad { get; init; }

    /// <summary>What digits it is tested on, in a word.</summary>
    public required string Tested { get; init; }

    /// <summary>What the horizontal axis counts.</summary>
    public required string Axis { get; init; }

    /// <summary>Where it ends on that axis.</summary>
    public required double End { get; init; }

    /// <summary>The steps that it is to take.</summary>
    public required long Total { get; init; }

    /// <summary>How many examples a step presents.</summary>
    public required int Batch { get; init; }

    /// <summary>How many digits it trains on.</summary>
    public required int Train { get; init; }

    /// <summary>The article's or the paper's errors in percent.</summary>
    public required IReadOnlyList<ArticleFigure> ErrorFigures { get; init; }

    /// <summary>Its losses.</summary>
    public required IReadOnlyList<ArticleFigure> LossFigures { get; init; }

    /// <summary>Digits to try, of those that it is tested on.</summary>
    public required IReadOnlyList<LiveDigit> Samples { get; init; }

    /// <summary>Why there are none; null where there are.</summary>
    public string? WithoutDigits { get; init; }
}
