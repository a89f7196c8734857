using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>An accelerator in JSON, by its name.</summary>
internal sealed class AcceleratorConverter() : NamedValueConverter<AcceleratorKind>(EngineChoice.Names);
