using GpuConvnet.Kernels.Training;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>A choice of kernels in JSON, by its name.</summary>
internal sealed class KernelsConverter() : NamedValueConverter<KernelChoice>(ConfigurationNames.Kernels);
