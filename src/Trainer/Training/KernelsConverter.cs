using GpuConvnet.Kernels.Training;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>A choice of kernels in JSON, by its name.</summary>
internal sealed class KernelsConverter() : NamedValueConverter<KernelChoice>(EngineChoice.KernelNames);
