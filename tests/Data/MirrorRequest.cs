namespace GpuConvnet.Tests.Data;

/// <summary>What a mirror was asked for.</summary>
/// <param name="Number">The how manieth request, from 0.</param>
/// <param name="Path">The path of the address.</param>
/// <param name="From">The first byte that was asked for; null for all.</param>
internal sealed record MirrorRequest(int Number, string Path, long? From);
