using Microsoft.Extensions.Hosting;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>
/// The server lives as long as the training. The usual lifetime would end it with the first Ctrl-C, before the last pass.
/// </summary>
internal sealed class LiveLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
