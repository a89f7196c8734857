using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Live.Serving;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Live;

/// <summary>Whom the live page's server answers, with what, and what it does not let itself be led into.</summary>
public sealed class LiveServerTests : IDisposable
{
    private static readonly CancellationToken s_cancellation = TestContext.Current.CancellationToken;

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public async Task Only_this_machines_own_names_are_answered()
    {
        using LiveProgram program = Start();

        Assert.Equal("127.0.0.1", program.Address.Host);
        Assert.Equal(HttpStatusCode.OK, await Status(program, "/"));
        Assert.Equal(HttpStatusCode.OK, await Status(program, "/", ("Host", "localhost:8080")));
        foreach (string host in new[] { "evil.example", "evil.example:1989", "127.0.0.2", "localhost.evil.example", "[::1]", "0.0.0.0", Dns.GetHostName() })
        {
            Assert.Equal(HttpStatusCode.Forbidden, await Status(program, "/", ("Host", host)));
            Assert.Equal(HttpStatusCode.Forbidden, await Status(program, "/parameters?run=0", ("Host", host)));
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/events")]
    [InlineData("/run?run=0")]
    [InlineData("/parameters?run=0")]
    [InlineData("/digits?run=0&of=1")]
    public async Task Without_the_token_nothing_is_told(string path)
    {
        using LiveProgram program = Start();

        foreach (string asked in new[] { path, With(path, "token="), With(path, $"token={program.Token[1..]}"), With(path, $"token={program.Token}&token={program.Token}") })
        {
            using HttpResponseMessage answer = await program.Client.GetAsync(asked, HttpCompletionOption.ResponseHeadersRead, s_cancellation);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("Open the address", await answer.Content.ReadAsStringAsync(s_cancellation), StringComparison.Ordinal);
        }

        using HttpResponseMessage right = await program.Client.GetAsync(program.WithToken(path), HttpCompletionOption.ResponseHeadersRead, s_cancellation);
        Assert.NotEqual(HttpStatusCode.Forbidden, right.StatusCode);
    }

    [Theory]
    [InlineData("/pause")]
    [InlineData("/resume")]
    [InlineData("/stop")]
    public async Task A_command_is_a_post_with_the_token_in_a_header(string path)
    {
        using LiveProgram program = Start();

        Assert.Equal(HttpStatusCode.MethodNotAllowed, await Status(program, path));
        using (HttpResponseMessage form = await program.Client.PostAsync(program.WithToken(path), content: null, s_cancellation))
        {
            Assert.Equal(HttpStatusCode.Forbidden, form.StatusCode);
        }

        using (HttpResponseMessage wrong = program.Command(path, new string('0', 32)))
        {
            Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
        }

        Assert.False(program.HasEnded);
        using HttpResponseMessage right = program.Command(path);
        Assert.Equal(HttpStatusCode.NoContent, right.StatusCode);
    }

    [Fact]
    public async Task Other_sites_are_not_answered()
    {
        using LiveProgram program = Start();

        Assert.Equal(HttpStatusCode.Forbidden, await Status(program, "/run?run=0", ("Origin", "https://evil.example")));
        Assert.Equal(HttpStatusCode.Forbidden, await Status(program, "/run?run=0", ("Origin", "null")));
        Assert.Equal(HttpStatusCode.Forbidden, await Status(program, "/run?run=0", ("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(HttpStatusCode.Forbidden, await Status(program, "/events", ("Sec-Fetch-Site", "same-site")));
        Assert.Equal(HttpStatusCode.OK, await Status(program, "/", ("Sec-Fetch-Site", "cross-site")));
        string own = program.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Assert.Equal(HttpStatusCode.OK, await Status(program, "/run?run=0", ("Origin", own)));
        using HttpResponseMessage page = await program.Client.GetAsync(program.WithToken("/"), s_cancellation);
        Assert.DoesNotContain(page.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(["frame-ancestors 'none'"], page.Headers.GetValues("Content-Security-Policy"));
        Assert.Equal(["same-origin"], page.Headers.GetValues("Cross-Origin-Resource-Policy"));
        Assert.Equal(["no-store"], page.Headers.GetValues("Cache-Control"));
    }

    [Theory]
    [InlineData("/index.html")]
    [InlineData("/live.js")]
    [InlineData("/../trainer.dll")]
    [InlineData("/..%2f..%2fetc%2fpasswd")]
    [InlineData("/etc/passwd")]
    [InlineData("/run/0")]
    [InlineData("/run?run=1")]
    [InlineData("/run?run=-1")]
    [InlineData("/run?run=99999999999999999999")]
    [InlineData("/events?run=7")]
    [InlineData("/parameters")]
    public async Task Nothing_else_is_there(string path)
    {
        using LiveProgram program = Start();

        Assert.Equal(HttpStatusCode.NotFound, await Status(program, path));
    }

    [Fact]
    public async Task Digits_are_given_a_few_at_a_time()
    {
        using LiveProgram program = Start();

        JsonArray digits = JsonNode.Parse(await program.Client.GetStringAsync(program.WithToken("/digits?run=0&of=0,7,99999"), s_cancellation))!.AsArray();
        Assert.Equal([0, 7], digits.Select(digit => (int)digit!["index"]!));
        Assert.All(digits, digit => Assert.Equal(1024, Convert.FromBase64String((string)digit!["pixels"]!).Length));
        Assert.Equal(HttpStatusCode.BadRequest, await Status(program, $"/digits?run=0&of={string.Join(',', Enumerable.Range(0, 201))}"));
        Assert.Equal(HttpStatusCode.BadRequest, await Status(program, "/digits?run=0&of=-1"));
        Assert.Equal(HttpStatusCode.BadRequest, await Status(program, "/digits?run=0&of=a"));
        Assert.Equal(HttpStatusCode.BadRequest, await Status(program, "/digits?of=1"));
    }

    [Fact]
    public async Task Two_hundred_pages_look_on_at_once()
    {
        using LiveProgram program = Start();
        using SocketsHttpHandler handler = new() { MaxConnectionsPerServer = 1000 };
        using HttpClient client = new(handler) { BaseAddress = program.Client.BaseAddress, Timeout = TimeSpan.FromSeconds(30) };

        long[] steps = await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            using Stream stream = await client.GetStreamAsync(program.WithToken("/events?run=0"), s_cancellation);
            using StreamReader reader = new(stream);
            JsonNode first = await Message(reader);
            JsonNode later = first;
            for (int message = 0; message < 5; message++)
            {
                later = await Message(reader);
            }

            return (long)later["run"]!["steps"]! - (long)first["run"]!["steps"]!;
        }));

        Assert.All(steps, since => Assert.True(since > 0));
        Assert.False(program.HasEnded);
    }

    /// <summary>
    /// The first message is more than the sockets of both sides hold: a page that does not read it is told nothing more, while training goes
    /// on and others are told of it. When it reads at last, the newest comes right after the first.
    /// </summary>
    [Fact]
    public async Task A_page_that_reads_slowly_is_given_the_newest_and_holds_up_nobody()
    {
        const int Others = 450;
        const int Frames = 8;
        using LiveBoard board = new("a test", stop: null);
        ExperimentConfiguration configuration = ConfigurationFile.Load("1989-base");
        Lazy<LiveDigits> none = new(new LiveDigits(null, null, "none"));
        LiveRun run = board.Add(new LiveRunOrder("the run", configuration, none) { Cores = 0 });
        for (int other = 0; other < Others; other++)
        {
            board.Add(new LiveRunOrder(new string('x', 300), configuration, none) { Cores = 0 });
        }

        using LiveServer server = new(board, new LiveRequest(0, IPAddress.Loopback));
        string path = $"/events{server.Address.Query}&run=0";
        using TcpClient slow = new() { ReceiveBufferSize = 4096 };
        await slow.ConnectAsync(IPAddress.Loopback, server.Port, s_cancellation);
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), s_cancellation);
        using HttpClient client = new() { BaseAddress = server.Address };
        using Stream quick = await client.GetStreamAsync(path, s_cancellation);
        using StreamReader told = new(quick);
        await Message(told);
        Assert.True(SpinWait.SpinUntil(() => server.Listeners == 2, TimeSpan.FromSeconds(10)));

        long steps = 0;
        for (int frame = 0; frame < Frames; frame++)
        {
            steps++;
            Assert.Equal(0, run.Trained(steps, seconds: steps, trainer: null));
            while ((long)(await Message(told))["run"]!["steps"]! < steps)
            {
                // The frame before.
            }
        }

        using StreamReader reader = new(slow.GetStream());
        List<long> seen = [];
        while (seen.Count == 0 || seen[^1] < steps)
        {
            seen.Add((long)(await Message(reader))["run"]!["steps"]!);
        }

        Assert.Equal([0, steps], seen);
    }

    /// <summary>Who listened comes again, as browsers do of themselves, and what others look at goes on.</summary>
    [Fact]
    public async Task A_page_whose_run_cannot_be_told_of_is_hung_up_on_and_nobody_else()
    {
        using LiveBoard board = new("a test", stop: null);
        Lazy<LiveDigits> none = new(new LiveDigits(null, null, "none"));
        ExperimentConfiguration configuration = ConfigurationFile.Load("1989-base");
        LiveRun broken = board.Add(new LiveRunOrder("broken", configuration with { Optimizer = null! }, none) { Cores = 0 });
        LiveRun whole = board.Add(new LiveRunOrder("whole", configuration, none) { Cores = 0 });
        using LiveServer server = new(board, new LiveRequest(0, IPAddress.Loopback));
        using HttpClient client = new() { BaseAddress = server.Address };
        using Stream first = await client.GetStreamAsync($"/events{server.Address.Query}&run=0", s_cancellation);
        using Stream second = await client.GetStreamAsync($"/events{server.Address.Query}&run=1", s_cancellation);
        using StreamReader toBroken = new(first);
        using StreamReader toWhole = new(second);
        await Message(toBroken);
        await Message(toWhole);

        // Without an optimizer there is no learning rate to tell of.
        broken.Trained(steps: 1, seconds: 1, trainer: null);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (true)
            {
                await Message(toBroken);
            }
        });

        whole.Trained(steps: 1, seconds: 1, trainer: null);
        while ((long)(await Message(toWhole))["run"]!["steps"]! < 1)
        {
            // The frame before.
        }

        Assert.True(SpinWait.SpinUntil(() => server.Listeners == 1, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_thousand_steps_a_second_are_five_messages()
    {
        const int Messages = 10;
        using LiveProgram program = Start();
        Stopwatch clock = Stopwatch.StartNew();
        using Stream stream = await program.Client.GetStreamAsync(program.WithToken("/events?run=0"), s_cancellation);
        using StreamReader reader = new(stream);
        JsonNode first = await Message(reader);
        JsonNode last = first;
        for (int message = 0; message < Messages; message++)
        {
            last = await Message(reader);
        }

        // A thousand digits a pass, in blocks of 512: as many as there are is told of, not each.
        Assert.InRange(clock.ElapsedMilliseconds, 190 * Messages, long.MaxValue);
        Assert.True(((long)last["run"]!["steps"]! - (long)first["run"]!["steps"]!) / 512 > Messages);
    }

    [Fact]
    public async Task A_port_that_is_taken_gives_way_to_the_next_and_that_is_said()
    {
        using Socket taken = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        using LiveProgram program = LiveProgram.StartAs("--config", Long(), "--no-save", "--live", "--live-port", Text(port));

        Assert.InRange(program.Address.Port, port + 1, port + 100);
        Assert.Contains($"note: port {port} is taken; the page is on the next that is free, {program.Address.Port}", program.Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await Status(program, "/"));
    }

    [Fact]
    public async Task At_another_address_of_this_machine_it_answers_to_that()
    {
        using LiveProgram program = Start("--live-address", "127.0.0.2");

        Assert.Equal("127.0.0.2", program.Address.Host);
        Assert.Equal(HttpStatusCode.OK, await Status(program, "/"));
        Assert.Equal(HttpStatusCode.Forbidden, await Status(program, "/", ("Host", "127.0.0.1")));
    }

    [Theory]
    [InlineData("--live-port 65536", "--live-port takes a whole number from 0 to 65535, not '65536'")]
    [InlineData("--live-port x", "--live-port takes a whole number")]
    [InlineData("--live-address example.org", "--live-address takes an IP address")]
    [InlineData("--live-address 1989", "--live-address takes an IP address")]
    [InlineData("--live-address 192.0.2.1", "192.0.2.1 is no address of this machine. It has 127.0.0.1")]
    public void What_is_no_place_for_a_page_is_refused(string arguments, string message)
    {
        CommandRun run = CommandRun.Of(["--config", Long(), "--live", .. arguments.Split(' ')]);

        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_without_a_page_is_refused()
    {
        CommandRun run = CommandRun.Of("--config", Long(), "--live-port", "2000");

        Assert.Equal(2, run.Code);
        Assert.Contains("--live-port says where the page of --live is", run.Error, StringComparison.Ordinal);
    }

    /// <summary>What trains otherwise is held, goes on and is stopped by the page as well.</summary>
    [Theory]
    [InlineData("few", "-a", "cpu", "--batch", "2")]
    [InlineData("staged", "-a", "host")]
    public async Task Simulated_devices_and_stages_are_shown_and_stopped(string config, params string[] more)
    {
        JsonObject few = new()
        {
            ["experiment"] = "few",
            ["dataset"] = "builtin",
            ["train"] = 4,
            ["test"] = 4,
            ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 0.001 },
            ["passes"] = 100_000,
        };
        JsonObject first = few.DeepClone().AsObject();
        JsonObject staged = few.DeepClone().AsObject();
        (first["passes"], staged["from"]) = (1, _scratch.Write("first.json", first));
        string file = _scratch.Write("config.json", config == "staged" ? staged : few);
        using LiveProgram program = LiveProgram.Start(["--config", file, "--no-save", "--live", .. more]);
        int last = config == "staged" ? 1 : 0;
        JsonNode run = await Reached(program, last, run => (long)run["steps"]! > 0 && run["parameters"] is not null);

        program.Command("/pause").Dispose();
        program.Command("/resume").Dispose();
        await Reached(program, last, now => (long)now["steps"]! > (long)run["steps"]!);
        program.Command("/stop").Dispose();

        Assert.Equal(130, program.Wait());
    }

    /// <summary>A page looks as the browser's does: at the run, its network as it is between two steps, its mistakes; and holds it.</summary>
    [Theory]
    [InlineData("""{ "kind": "sgd", "learningRate": 0.001 }""", "1")]
    [InlineData("""{ "kind": "scheduleFreeAdamw", "learningRate": 0.003, "warmupSteps": 10 }""", "1")]
    [InlineData("""{ "kind": "scheduleFreeAdamw", "learningRate": 0.02, "warmupSteps": 10 }""", "\"full\"")]
    [InlineData("""{ "kind": "muon", "learningRate": 0.1 }""", "100")]
    public async Task What_is_trained_has_the_same_bits_with_a_page_that_somebody_looks_at_and_without(string optimizer, string batch)
    {
        string configuration = Long(JsonNode.Parse(optimizer), JsonNode.Parse(batch));
        string with = _scratch.In("with");
        string without = _scratch.In("without");
        HashSet<long> looked = [];
        using (LiveProgram program = LiveProgram.Start("--config", configuration, "--out", with, "--live"))
        {
            Ready(program).Dispose();
            using Stream stream = await program.Client.GetStreamAsync(program.WithToken("/events?run=0"), s_cancellation);
            using StreamReader reader = new(stream);
            bool hasSeenMistakes = false;
            while (looked.Count < 4 || !hasSeenMistakes)
            {
                JsonNode run = (await Message(reader))["run"]!;
                hasSeenMistakes |= run["mistakes"] is not null;
                if ((long?)run["parameters"] is > 0 and long steps && looked.Add(steps))
                {
                    byte[] network = await program.Client.GetByteArrayAsync(program.WithToken("/parameters?run=0"), s_cancellation);
                    Assert.Equal(9760 * sizeof(float), network.Length);
                    program.Command("/pause").Dispose();
                    program.Command("/resume").Dispose();
                }
            }

            program.Command("/stop").Dispose();
            Assert.Equal(130, program.Wait());
        }

        JsonNode stopped = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(with, "result.json"), s_cancellation))!;
        int stepsOfPass = batch switch { "1" => 1000, "100" => 10, _ => 1 };
        string passes = Text((int)stopped["steps"]! / stepsOfPass);
        Assert.Equal(0, CommandRun.Of("--config", configuration, "--passes", passes, "--out", without, "--no-report").Code);
        JsonNode whole = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(without, "result.json"), s_cancellation))!;
        Assert.Equal((int)stopped["steps"]!, (int)whole["steps"]!);
        Assert.Equal((string)whole["parametersSha256"]!, (string)stopped["parametersSha256"]!);
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Waits for a run to be so far; it may not be there yet.</summary>
    private static async Task<JsonNode> Reached(LiveProgram program, int run, Func<JsonNode, bool> condition)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(20);
        while (await Status(program, $"/run?run={run}") != HttpStatusCode.OK)
        {
            Assert.True(DateTime.UtcNow < end, "The run does not begin.");
            await Task.Delay(20, s_cancellation);
        }

        using Stream stream = await program.Client.GetStreamAsync(program.WithToken($"/events?run={run}"), s_cancellation);
        using StreamReader reader = new(stream);
        while (true)
        {
            if ((await Message(reader))["run"]! is var found && condition(found))
            {
                return found;
            }
        }
    }

    private static async Task<JsonNode> Message(StreamReader reader)
    {
        while (true)
        {
            string line = await reader.ReadLineAsync(s_cancellation) ?? throw new EndOfStreamException("The server has hung up.");
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return JsonNode.Parse(line["data: ".Length..])!;
            }
        }
    }

    private static async Task<HttpStatusCode> Status(LiveProgram program, string path, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, program.WithToken(path));
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage answer = await program.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, s_cancellation);
        return answer.StatusCode;
    }

    private static string With(string path, string query) => $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{query}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private LiveProgram Start(params string[] more)
    {
        LiveProgram program = LiveProgram.Start(["--config", Long(), "--no-save", "--live", .. more]);
        using HttpResponseMessage first = Ready(program);
        return program;
    }

    /// <summary>Waits for the training's first parameters.</summary>
    private static HttpResponseMessage Ready(LiveProgram program)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(20);
        while (true)
        {
            HttpResponseMessage answer = program.Client.GetAsync(program.WithToken("/parameters?run=0"), s_cancellation).GetAwaiter().GetResult();
            if (answer.StatusCode == HttpStatusCode.OK || DateTime.UtcNow > end)
            {
                return answer;
            }

            answer.Dispose();
            Thread.Sleep(20);
        }
    }

    private string Long(JsonNode? optimizer = null, JsonNode? batch = null) => _scratch.Write("long.json", new JsonObject
    {
        ["experiment"] = "long",
        ["dataset"] = "builtin",
        ["train"] = 1000,
        ["test"] = 100,
        ["optimizer"] = optimizer ?? new JsonObject { ["kind"] = "sgd", ["learningRate"] = 0.001 },
        ["batch"] = batch ?? 1,
        ["passes"] = 100_000,
    });
}
