using GpuConvnet.Model.Activations;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>The activation of the outputs in JSON: of all activations those that may be theirs.</summary>
internal sealed class OutputActivationConverter() : NamedValueConverter<Activation>(ConfigurationNames.Output);
