namespace GpuConvnet.Trainer.Studies.Timeline;

/// <summary>Who teaches a row's networks, and is trained before them.</summary>
/// <param name="Experiment">The configuration: the name of one that comes with the program, or a file.</param>
/// <param name="Seeds">How many seeds of it teach together, from the configuration's own on.</param>
internal sealed record TimelineTeacher(string Experiment, int Seeds = 1);
