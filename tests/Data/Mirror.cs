using System.Net;
using System.Net.Sockets;

namespace GpuConvnet.Tests.Data;

/// <summary>A web server on this machine that answers as the test says.</summary>
internal sealed class Mirror : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<HttpListenerContext, int, Task> _answer;

    /// <param name="answer">Answers a request; is told how many came before it.</param>
    public Mirror(Func<HttpListenerContext, int, Task> answer)
    {
        _answer = answer;
        Address = new Uri($"http://127.0.0.1:{FreePort()}/");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _ = ServeAsync();
    }

    public Uri Address { get; }

    public List<string?> Ranges { get; } = [];

    /// <summary>An address of this machine where nobody listens.</summary>
    public static Uri Nobody => new($"http://127.0.0.1:{FreePort()}/");

    /// <summary>Sends a part of a content, and breaks the connection off before its announced end.</summary>
    public static async Task BreakOffAsync(HttpListenerContext context, byte[] content, int sent)
    {
        context.Response.ContentLength64 = content.Length;
        await context.Response.OutputStream.WriteAsync(content.AsMemory(0, sent));
        await context.Response.OutputStream.FlushAsync();
        context.Response.Abort();
    }

    /// <summary>Sends what the request asks for: all of it, or what follows the range's start.</summary>
    public static async Task SendAsync(HttpListenerContext context, byte[] content)
    {
        int start = 0;
        if (context.Request.Headers["Range"] is { } range)
        {
            start = int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
            context.Response.StatusCode = 206;
            context.Response.AddHeader("Content-Range", $"bytes {start}-{content.Length - 1}/{content.Length}");
        }

        context.Response.ContentLength64 = content.Length - start;
        await context.Response.OutputStream.WriteAsync(content.AsMemory(start));
        context.Response.Close();
    }

    public void Dispose() => _listener.Close();

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        for (int request = 0; _listener.IsListening; request++)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                Ranges.Add(context.Request.Headers["Range"]);
                await _answer(context, request);
            }
            catch (Exception failure) when (failure is HttpListenerException or ObjectDisposedException or IOException)
            {
                // The client or the test went away.
            }
        }
    }
}
