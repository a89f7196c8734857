namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>Where a run's time went, in seconds.</summary>
/// <param name="Data">Finding, downloading, reading and preparing the digits.</param>
/// <param name="Compile">Preparing the network and whatever trains it.</param>
/// <param name="Train">Training alone: no evaluation, no output.</param>
/// <param name="Evaluate">Evaluating both splits after each pass.</param>
/// <param name="Total">Everything, start to end, by the wall clock.</param>
internal sealed record RunSeconds(double Data, double Compile, double Train, double Evaluate, double Total)
{
    /// <summary>
    /// From the start of the program to the run's first step: its start-up, the arguments, the digits, the compiling. Of the
    /// first run of a program that trains one; null otherwise.
    /// </summary>
    public double? Startup { get; init; }
}
