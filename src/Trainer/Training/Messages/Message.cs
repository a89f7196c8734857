using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Training.Messages;

/// <summary>What the first rank and those that train for it tell each other.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(OpenMessage), "open")]
[JsonDerivedType(typeof(OpenedMessage), "opened")]
[JsonDerivedType(typeof(TrainMessage), "train")]
[JsonDerivedType(typeof(CancelMessage), "cancel")]
[JsonDerivedType(typeof(SaidMessage), "said")]
[JsonDerivedType(typeof(TrainedMessage), "trained")]
[JsonDerivedType(typeof(EndedMessage), "ended")]
[JsonDerivedType(typeof(LeaveMessage), "leave")]
internal abstract record Message
{
    /// <summary>Which conversation it belongs to: that about some lanes, or about a run.</summary>
    public int About { get; init; }

    /// <summary>A network's parameters, which go with it as they are; empty for none.</summary>
    [JsonIgnore]
    public float[] Parameters { get; init; } = [];
}
