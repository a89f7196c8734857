namespace GpuConvnet.Trainer.Runs.Checkpoints;

/// <summary>Where and how one run is saved.</summary>
/// <param name="Folder">The run's own folder, which exists.</param>
/// <param name="Checkpoints">How often checkpoints are written, and how many are kept.</param>
/// <param name="Resumes">Whether the run goes on where the folder says that it was left.</param>
/// <param name="WritesEvents">Whether files for TensorBoard are written.</param>
/// <param name="AcceptsChanges">Whether a run that was left behind with checkpoints, none of which can be used, begins anew.</param>
internal sealed record RunSaving(
    string Folder, CheckpointRequest Checkpoints, bool Resumes, bool WritesEvents, bool AcceptsChanges = false);
