using GpuConvnet.Model;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Live.Board;

/// <summary>The digits of a run, as far as they are at hand.</summary>
/// <param name="Train">What is trained on, of a stream its beginning; null where they are not at hand.</param>
/// <param name="Test">What is tested on; null likewise.</param>
/// <param name="WhyNot">Why they are not at hand; null where they are.</param>
internal sealed record LiveDigits(Examples? Train, Examples? Test, string? WhyNot)
{
    /// <summary>Digits that are at hand.</summary>
    public static Lazy<LiveDigits> Of(LoadedData data) => new(() => new LiveDigits(data.Train, data.Test, WhyNot: null));
}
