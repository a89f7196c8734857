using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using GpuConvnet.Trainer.Live.Board;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>Serves the page, what it is told, and what it asks for; nothing else, and no file.</summary>
internal sealed class LiveServer : IDisposable
{
    private const int MostConnections = 1_000;
    private const int MostDigitsAtOnce = 200;
    private const int Samples = 50;
    private static readonly TimeSpan s_betweenSigns = TimeSpan.FromSeconds(10);

    private readonly LiveBoard _board;
    private readonly LiveGuard _guard;
    private readonly LiveFeeds _feeds;
    private readonly byte[] _page;
    private readonly WebApplication _application;

    /// <summary>Begins to serve.</summary>
    /// <param name="board">What is shown.</param>
    /// <param name="request">Where.</param>
    /// <exception cref="BadInputException">The address is none of this machine, or no port is free.</exception>
    public LiveServer(LiveBoard board, LiveRequest request)
    {
        _board = board;
        _feeds = new LiveFeeds(board);
        string token = LiveGuard.CreateToken();
        _guard = new LiveGuard(token);
        _page = LivePage.Of(board);

        // The handle goes over to the server.
        Socket socket = LiveSocket.Bind(request);
        IPEndPoint own = (IPEndPoint)socket.LocalEndPoint!;
        Port = own.Port;
        Address = new Uri(FormattableString.Invariant($"http://{new IPEndPoint(Reachable(own.Address), own.Port)}/?token={token}"));

        // Empty: no settings from files or variables, no console, no handlers of signals.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "trainer" });
        builder.WebHost.UseKestrelCore().UseSockets(options => options.CreateBoundListenSocket = _ => socket);
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxConcurrentConnections = MostConnections;
            options.Limits.MaxRequestBodySize = 0;
            options.Listen(own);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, LiveLifetime>();
        _application = builder.Build();
        _application.Use(Guard);
        _application.MapGet("/", Page);
        _application.MapGet("/events", Events);
        _application.MapGet("/run", Subject);
        _application.MapGet("/parameters", Parameters);
        _application.MapGet("/digits", Digits);
        _application.MapPost("/pause", context => Command(context, board.Pause));
        _application.MapPost("/resume", context => Command(context, board.GoOn));
        _application.MapPost("/stop", context => Command(context, board.Stop));
        _application.Start();
    }

    /// <summary>Where the page is, with its token.</summary>
    public Uri Address { get; }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>How many pages are listening.</summary>
    public int Listeners => _feeds.Listeners;

    /// <summary>Tells pages of the end, and waits until they have taken what they want to keep, but not long.</summary>
    /// <param name="patience">The longest wait.</param>
    public void End(TimeSpan patience)
    {
        _feeds.End();
        SpinWait.SpinUntil(() => _feeds.Listeners == 0, patience);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMilliseconds(200));
        _application.StopAsync(patience.Token).GetAwaiter().GetResult();
        ((IDisposable)_application).Dispose();
        _feeds.Dispose();
    }

    /// <summary>An address that leads to all addresses is reached by one of them.</summary>
    private static IPAddress Reachable(IPAddress own) => !own.Equals(IPAddress.Any) && !own.Equals(IPAddress.IPv6Any)
        ? own
        : LiveSocket.OwnAddresses().FirstOrDefault(address => !IPAddress.IsLoopback(address) && address.AddressFamily == own.AddressFamily)
            ?? IPAddress.Loopback;

    private async Task Guard(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (_guard.Refusal(context) is { } refusal)
        {
            await Refuse(context, StatusCodes.Status403Forbidden, refusal).ConfigureAwait(false);
            return;
        }

        await next(context).ConfigureAwait(false);
    }

    private static async Task Refuse(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(why + "\n").ConfigureAwait(false);
    }

    private async Task Page(HttpContext context)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = _page.Length;
        await context.Response.Body.WriteAsync(_page, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task Events(HttpContext context)
    {
        LiveRun? run = RunOf(context);
        if (run is null && context.Request.Query.ContainsKey("run"))
        {
            await Refuse(context, StatusCodes.Status404NotFound, "There is no run of that number.").ConfigureAwait(false);
            return;
        }

        // A page that sleeps, or is slow, is given the newest when it is ready, and is not cut off before.
        context.Features.GetRequiredFeature<IHttpMinResponseDataRateFeature>().MinDataRate = null;
        LiveFeed feed = _feeds.Enter(run);
        try
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            await Tell(feed, context.Response, context.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The page has gone away.
        }
        finally
        {
            await _feeds.Leave(run).ConfigureAwait(false);
        }
    }

    private static async Task Tell(LiveFeed feed, HttpResponse response, CancellationToken gone)
    {
        LiveFrame frame = feed.Newest;
        byte[] words = frame.Whole.Value;
        while (true)
        {
            // Waits for a page that is slow; it is given the newest after that.
            await response.Body.WriteAsync(words, gone).ConfigureAwait(false);
            await response.Body.FlushAsync(gone).ConfigureAwait(false);
            LiveFrame next = frame.IsLast
                ? await EndOf(frame, gone).ConfigureAwait(false)
                : await feed.After(frame.Number, s_betweenSigns, gone).ConfigureAwait(false);

            // A sign of life, by which who has gone away without a word is noticed.
            words = next.Number == frame.Number ? ":\n\n"u8.ToArray()
                : next.Number == frame.Number + 1 ? next.News
                : next.Whole.Value;
            frame = next;
        }
    }

    /// <summary>After the last word the page itself leaves, when it has what it wants to keep.</summary>
    private static async Task<LiveFrame> EndOf(LiveFrame frame, CancellationToken gone)
    {
        await Task.Delay(s_betweenSigns, gone).ConfigureAwait(false);
        return frame;
    }

    private async Task Subject(HttpContext context)
    {
        if (RunOf(context) is not { } run)
        {
            await Refuse(context, StatusCodes.Status404NotFound, "There is no run of that number.").ConfigureAwait(false);
            return;
        }

        LiveSubject subject = LiveSubjects.Of(run, DigitsOf(run, Enumerable.Range(0, Samples)));
        await Json(context, JsonSerializer.SerializeToUtf8Bytes(subject, LiveJson.Default.LiveSubject)).ConfigureAwait(false);
    }

    /// <summary>The parameters as little-endian float32, as they are now.</summary>
    private async Task Parameters(HttpContext context)
    {
        if (RunOf(context)?.Parameters is not { } parameters)
        {
            await Refuse(context, StatusCodes.Status404NotFound, "There are no parameters yet.").ConfigureAwait(false);
            return;
        }

        byte[] bytes = MemoryMarshal.AsBytes(parameters.Values.AsSpan()).ToArray();
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = bytes.Length;
        context.Response.Headers["Steps"] = parameters.Steps.ToString(CultureInfo.InvariantCulture);
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task Digits(HttpContext context)
    {
        string[] words = context.Request.Query["of"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries);
        List<int> indices = [];
        foreach (string word in words)
        {
            if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                indices.Add(index);
            }
        }

        if (RunOf(context) is not { Test: not null } run || indices.Count != words.Length || words.Length > MostDigitsAtOnce)
        {
            await Refuse(
                context,
                StatusCodes.Status400BadRequest,
                $"Ask as /digits?run=0&of=3,17, for at most {MostDigitsAtOnce} digits of a run whose digits are at hand.").ConfigureAwait(false);
            return;
        }

        await Json(context, JsonSerializer.SerializeToUtf8Bytes(DigitsOf(run, indices), LiveJson.Default.IReadOnlyListLiveDigit))
            .ConfigureAwait(false);
    }

    private async Task Command(HttpContext context, Action command)
    {
        if (!_board.IsInReach)
        {
            await Refuse(context, StatusCodes.Status409Conflict, "These runs are trained by others, and only watched here.").ConfigureAwait(false);
            return;
        }

        command();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>The run of the number that is asked for; null where there is none, or where another has its place by now.</summary>
    private LiveRun? RunOf(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        return int.TryParse(query["run"], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && _board.Find(number) is { } run
            && (!query.TryGetValue("edition", out StringValues edition) || edition == run.Edition.ToString(CultureInfo.InvariantCulture))
                ? run
                : null;
    }

    private static IReadOnlyList<LiveDigit> DigitsOf(LiveRun run, IEnumerable<int> indices) => run.Test is not { } test
        ? []
        : [.. indices.Where(index => index < test.Count).Select(index => new LiveDigit(
            index, test.Labels[index], Convert.ToBase64String(MemoryMarshal.AsBytes(test.Image(index)))))];

    private static async Task Json(HttpContext context, byte[] json)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted).ConfigureAwait(false);
    }
}
