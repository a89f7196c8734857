using System.Text.Json.Serialization;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>Kernels that <c>--kernels auto</c> timed before it chose.</summary>
/// <param name="Kernels">The kernels.</param>
/// <param name="Seconds">A step's time, the median of a few: they share 0.1 s.</param>
internal sealed record CandidateMeasurement([property: JsonConverter(typeof(KernelsConverter))] KernelChoice Kernels, double Seconds);
