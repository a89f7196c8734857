namespace GpuConvnet.Tests.Data;

/// <summary>What a mirror answers.</summary>
/// <param name="Content">What the whole file is.</param>
/// <param name="Status">The status of HTTP.</param>
/// <param name="HonoursRange">Whether a part that was asked for comes alone.</param>
/// <param name="EndsAfter">How many bytes come.</param>
/// <param name="End">How it ends where that is not all.</param>
internal sealed record MirrorAnswer(
    byte[] Content, int Status = 200, bool HonoursRange = true, int EndsAfter = int.MaxValue,
    MirrorEnd End = MirrorEnd.Close)
{
    /// <summary>What a reset waits for.</summary>
    public Task MayReset { get; init; } = Task.CompletedTask;

    /// <summary>Where to look instead, of an answer that says so.</summary>
    public string? Location { get; init; }

    /// <summary>The words behind the status.</summary>
    public string Reason { get; init; } = "Answer";

    /// <summary>A refusal or failure.</summary>
    public static MirrorAnswer Of(int status) => new([], status);
}
