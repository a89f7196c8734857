using System.Net;
using System.Runtime.CompilerServices;

namespace GpuConvnet.Tests.Data;

/// <summary>
/// The servers that tests talk to are on this machine: a proxy that the environment names would be asked for its own.
/// </summary>
internal static class NoProxy
{
    [ModuleInitializer]
    internal static void Set() => HttpClient.DefaultProxy = new WebProxy();
}
