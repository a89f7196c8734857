using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>How benchmarks are written; generated at compile time.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(BenchmarkResult))]
internal sealed partial class BenchmarkJson : JsonSerializerContext
{
    /// <summary>The context, with the layout of all results.</summary>
    public static BenchmarkJson Relaxed => field ??= new(JsonLayout.Relaxed());
}
