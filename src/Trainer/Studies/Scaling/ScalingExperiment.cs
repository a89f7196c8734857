using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>The experiment of one point of a grid.</summary>
/// <param name="Width">The network's width.</param>
/// <param name="Configuration">The experiment, with the network of that width and the point's number of digits.</param>
internal sealed record ScalingExperiment(double Width, ExperimentConfiguration Configuration)
{
    /// <summary>How many digits it is trained on.</summary>
    public int Digits => Configuration.Train;

    /// <summary>The examples that training looks at; the last step of a pass may look at fewer than the others.</summary>
    public long Presentations
    {
        get
        {
            (long passes, long steps) = Math.DivRem(Configuration.TotalSteps, Configuration.StepsPerPass);
            return passes * Digits + steps * Configuration.Batch.Of(Digits);
        }
    }
}
