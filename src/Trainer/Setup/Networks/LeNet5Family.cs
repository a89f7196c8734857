using GpuConvnet.Model.Families;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>A network in the manner of LeNet-5: <see cref="LeNet5"/>.</summary>
internal sealed class LeNet5Family() : NetworkFamily("lenet5")
{
    /// <inheritdoc/>
    public override LayerNetwork Create(NetworkNode node, NetworkOptions options, double dropout) =>
        LeNet5.Create(options, dropout);
}
