using GpuConvnet.Trainer.Commands;

namespace GpuConvnet.Tests.Live;

/// <summary>The program with a page, in this process: a real server, a real training.</summary>
internal sealed class LiveProgram : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _interruption = new();
    private readonly AddressWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly Task<int> _run;

    private LiveProgram(string[] arguments)
    {
        _run = Task.Factory.StartNew(
            () => TrainerCommandLine.Run(arguments, TextWriter.Synchronized(_output), TextWriter.Synchronized(_error), _interruption.Token),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Task.WhenAny(_run, _output.Address).Wait(s_patience, TestContext.Current.CancellationToken);
        Assert.True(_output.Address.IsCompletedSuccessfully, Error);
        Address = _output.Address.Result;
        Token = Address.Query["?token=".Length..];
        Client = new HttpClient { BaseAddress = new Uri(Address.GetLeftPart(UriPartial.Authority)), Timeout = s_patience };
    }

    /// <summary>The page's address, with its token.</summary>
    public Uri Address { get; }

    /// <summary>The token.</summary>
    public string Token { get; }

    /// <summary>Asks the server, without a token.</summary>
    public HttpClient Client { get; }

    /// <summary>What it printed so far.</summary>
    public string Output => _output.ToString();

    /// <summary>What it complained about so far.</summary>
    public string Error => _error.ToString();

    /// <summary>Whether it has come to its end.</summary>
    public bool HasEnded => _run.IsCompleted;

    /// <summary>Starts it on any free port.</summary>
    public static LiveProgram Start(params string[] arguments) => new([.. arguments, "--live-port", "0"]);

    /// <summary>Starts it as it is told.</summary>
    public static LiveProgram StartAs(params string[] arguments) => new(arguments);

    /// <summary>A path with the token.</summary>
    public string WithToken(string path) => $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}token={Token}";

    /// <summary>Gives a command, as the page does.</summary>
    public HttpResponseMessage Command(string path, string? token = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path);
        request.Headers.Authorization = new("Bearer", token ?? Token);
        return Client.Send(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for the end.</summary>
    public int Wait()
    {
        Assert.True(_run.Wait(s_patience, TestContext.Current.CancellationToken), "The program does not end.");
        return _run.Result;
    }

    /// <summary>Ctrl-C.</summary>
    public void Interrupt() => _interruption.Cancel();

    public void Dispose()
    {
        _interruption.Cancel();
        _run.Wait(s_patience);
        Client.Dispose();
        _interruption.Dispose();
        _output.Dispose();
        _error.Dispose();
    }
}
