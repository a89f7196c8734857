namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>How long a user waits for the first step; happens once in a process, so that there is one measurement.</summary>
/// <param name="RuntimeSeconds">From the start of the process to the command: .NET and the command line.</param>
/// <param name="DataSeconds">Drawing the built-in digits.</param>
/// <param name="CompileSeconds">Finding and opening the device, compiling the kernels and copying the digits over.</param>
/// <param name="FirstStepSeconds">The first step, with what is compiled or loaded only then.</param>
internal sealed record StartUp(
    double RuntimeSeconds, double DataSeconds, double CompileSeconds, double FirstStepSeconds)
{
    /// <summary>From the start of the process to the end of the first step.</summary>
    public double TotalSeconds => RuntimeSeconds + DataSeconds + CompileSeconds + FirstStepSeconds;
}
