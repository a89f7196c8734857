using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Live.Following;

/// <summary>A finished run of a study.</summary>
/// <param name="Name">What it is called beside others.</param>
/// <param name="Configuration">Its configuration.</param>
/// <param name="Seconds">The time of its training.</param>
/// <param name="Train">How well it does on the training digits; null where it diverged.</param>
/// <param name="Test">How well on those that it is tested on; null likewise.</param>
internal sealed record StudyRun(
    string Name, ExperimentConfiguration Configuration, double Seconds, RunEvaluation? Train, RunEvaluation? Test);
