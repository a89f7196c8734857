namespace GpuConvnet.Model.Schedules;

/// <summary>How the learning rate falls after its warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Not at all.</summary>
    Constant,

    /// <summary>In a straight line to the final rate.</summary>
    Linear,

    /// <summary>Along half a cosine to the final rate.</summary>
    Cosine,
}
