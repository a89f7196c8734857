using GpuConvnet.Model.Activations;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>The activation of H1, H2 and H3 in JSON: of all activations those that may be theirs.</summary>
internal sealed class HiddenActivationConverter() : NamedValueConverter<Activation>(ConfigurationNames.Hidden);
