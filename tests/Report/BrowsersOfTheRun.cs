using GpuConvnet.Tests.Report;

[assembly: AssemblyFixture(typeof(BrowsersOfTheRun))]

namespace GpuConvnet.Tests.Report;

/// <summary>Ends the browsers that tests had one after the other, when there are no more tests.</summary>
public sealed class BrowsersOfTheRun : IDisposable
{
    public void Dispose() => Chromium.QuitIdle();
}
