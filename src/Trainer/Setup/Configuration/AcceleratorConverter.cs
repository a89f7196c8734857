namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>An accelerator in JSON, by its name.</summary>
internal sealed class AcceleratorConverter() : NamedValueConverter<AcceleratorKind>(ConfigurationNames.Accelerator);
