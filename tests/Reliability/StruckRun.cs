namespace GpuConvnet.Tests.Reliability;

/// <summary>What came of a program that was watched and perhaps struck.</summary>
/// <param name="Code">Its exit code; 137 for one that was killed.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Error">What it printed on standard error.</param>
/// <param name="Calls">What it did to the folder, up to where it was struck down.</param>
/// <param name="Struck">The call at which it was struck; null where it did not come to that.</param>
internal sealed record StruckRun(int Code, string Output, string Error, IReadOnlyList<WatchedCall> Calls, WatchedCall? Struck);
