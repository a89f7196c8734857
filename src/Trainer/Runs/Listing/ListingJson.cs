using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Runs.Listing;

/// <summary>How lists of runs are written; generated at compile time.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(IReadOnlyList<RunListing>))]
internal sealed partial class ListingJson : JsonSerializerContext
{
    /// <summary>The context, with the layout of all results.</summary>
    public static ListingJson Relaxed => field ??= new(JsonLayout.Relaxed());
}
