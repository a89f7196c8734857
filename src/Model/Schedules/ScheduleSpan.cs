namespace GpuConvnet.Model.Schedules;

/// <summary>How long a learning rate holds before the schedule goes on to the next one.</summary>
public enum ScheduleSpan
{
    /// <summary>A step.</summary>
    Step,

    /// <summary>A pass through the training set.</summary>
    Pass,
}
