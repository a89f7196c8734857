namespace GpuConvnet.Trainer.Training;

/// <summary>Where a training prints.</summary>
/// <param name="Output">The standard output: the result, where that is JSON.</param>
/// <param name="Talk">Where everything else goes.</param>
/// <param name="Report">What goes there, unless the user wants it quiet.</param>
internal sealed record TrainingConsole(TextWriter Output, TextWriter Talk, TrainingReport Report);
