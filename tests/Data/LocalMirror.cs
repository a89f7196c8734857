using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GpuConvnet.Tests.Data;

/// <summary>
/// A web server on this machine that answers a test's way. It speaks HTTP itself, over plain sockets: only so can it
/// hang up, reset or fall silent at an exact byte, and have a port that the system chose.
/// </summary>
internal sealed class LocalMirror : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<MirrorRequest> _requests = new();
    private readonly Func<MirrorRequest, MirrorAnswer> _answer;
    private readonly Task _serving;

    public LocalMirror(params MirrorAnswer[] answers)
        : this(request => answers[Math.Min(request.Number, answers.Length - 1)])
    {
    }

    public LocalMirror(Func<MirrorRequest, MirrorAnswer> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/mnist/");
        _serving = Task.Run(ServeAsync);
    }

    public Uri Address { get; }

    public MirrorRequest[] Requests => [.. _requests];

    public void Dispose()
    {
        // In this order: a server that has not begun to accept yet would find its listener stopped.
        _stop.Cancel();
        _serving.Wait();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }

        await Task.WhenAll(connections);
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                MirrorRequest request = await ReadAsync(stream);
                _requests.Enqueue(request);
                await SendAsync(client, stream, _answer(request), request.From);
            }
            catch (Exception end) when (end is OperationCanceledException or IOException)
            {
                // The client has hung up, or the test is over.
            }
        }
    }

    private async Task<MirrorRequest> ReadAsync(NetworkStream stream)
    {
        using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
        string path = (await reader.ReadLineAsync(_stop.Token) ?? throw new IOException()).Split(' ')[1];
        long? from = null;
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } header)
        {
            const string Range = "Range: bytes=";
            if (header.StartsWith(Range, StringComparison.OrdinalIgnoreCase))
            {
                from = long.Parse(header[Range.Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
            }
        }

        return new MirrorRequest(_requests.Count, path, from);
    }

    private async Task SendAsync(TcpClient client, NetworkStream stream, MirrorAnswer answer, long? from)
    {
        string head = $"{answer.Status} {answer.Reason}{(answer.Location is { } there ? $"\r\nLocation: {there}" : "")}";
        byte[] content = answer.Content;
        if (answer.Status == 200 && answer.HonoursRange && from is { } first)
        {
            head = first < content.Length
                ? $"206 Partial Content\r\nContent-Range: bytes {first}-{content.Length - 1}/{content.Length}"
                : $"416 Range Not Satisfiable\r\nContent-Range: bytes */{content.Length}";
            content = first < content.Length ? content[(int)first..] : [];
        }

        await stream.WriteAsync(
            Encoding.Latin1.GetBytes($"HTTP/1.1 {head}\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n"),
            _stop.Token);
        await stream.WriteAsync(content.AsMemory(0, Math.Min(answer.EndsAfter, content.Length)), _stop.Token);
        if (answer.EndsAfter >= content.Length)
        {
            return;
        }

        switch (answer.End)
        {
            case MirrorEnd.Close:
                break;
            case MirrorEnd.Reset:
                // What has arrived must be read before the reset, which throws away what has not.
                await answer.MayReset.WaitAsync(_stop.Token);
                client.Client.Close(timeout: 0);
                break;
            case MirrorEnd.Trickle:
                foreach (byte value in content.Skip(answer.EndsAfter))
                {
                    await Task.Delay(200, _stop.Token);
                    await stream.WriteAsync(new[] { value }, _stop.Token);
                }

                break;
            case MirrorEnd.Silence:
                await Task.Delay(Timeout.Infinite, _stop.Token);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(answer));
        }
    }
}
