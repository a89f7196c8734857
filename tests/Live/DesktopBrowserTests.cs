using System.Diagnostics;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Tests.Report;
using GpuConvnet.Trainer.Live;

namespace GpuConvnet.Tests.Live;

/// <summary>The page opens on a desktop, and other users of the machine do not see how.</summary>
public sealed class DesktopBrowserTests : IDisposable
{
    private const string Script = "/usr/bin/script";

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public async Task The_browsers_command_line_names_a_file_and_not_the_token()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(Script), "It takes script, of util-linux, to have a terminal.");
        Directory.CreateDirectory(_scratch.In("bin"));
        string open = _scratch.In("bin", "xdg-open");
        await File.WriteAllTextAsync(
            open,
            $"""
            #!/bin/sh
            echo "$@" > '{_scratch.In("arguments")}'
            stat -c '%a' "$(dirname "${"{1#file://}"}")" "${"{1#file://}"}" > '{_scratch.In("rights")}'
            cp "${"{1#file://}"}" '{_scratch.In("copy")}' && mv '{_scratch.In("copy")}' '{_scratch.In("page")}'

            """,
            TestContext.Current.CancellationToken);
        await Process.Start("chmod", ["+x", open]).WaitForExitAsync(TestContext.Current.CancellationToken);
        string program = $"dotnet '{Path.Combine(AppContext.BaseDirectory, "trainer.dll")}' -c '{Long()}' --no-save --live --live-port 0";
        ProcessStartInfo start = new(Script, ["-qec", program, "/dev/null"]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment["DISPLAY"] = ":0";
        start.Environment["PATH"] = $"{_scratch.In("bin")}:{start.Environment["PATH"]}";
        start.Environment.Remove("SSH_CONNECTION");
        using Process terminal = Process.Start(start)!;
        string printed;
        do
        {
            // What readies the terminal stands before it.
            printed = await terminal.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
                ?? throw new EndOfStreamException("There is no address.");
        }
        while (!printed.Contains("live: http", StringComparison.Ordinal));
        _ = terminal.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(_scratch.In("page")), TimeSpan.FromSeconds(20)), printed);
        terminal.Kill(entireProcessTree: true);

        string address = printed.Split("live: ")[1].Trim();
        string arguments = await File.ReadAllTextAsync(_scratch.In("arguments"), TestContext.Current.CancellationToken);
        Assert.StartsWith("file:///", arguments, StringComparison.Ordinal);
        Assert.DoesNotContain(address.Split("token=")[1], arguments, StringComparison.Ordinal);
        Assert.Equal("700\n600\n", await File.ReadAllTextAsync(_scratch.In("rights"), TestContext.Current.CancellationToken));
        Assert.Contains(
            $"content=\"0; url={address}\"", await File.ReadAllTextAsync(_scratch.In("page"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_leads_a_browser_to_the_page_and_goes()
    {
        using LiveProgram program = LiveProgram.Start("-c", Long(), "--no-save", "--live");
        using RedirectFile redirect = new(program.Address);
        using Browser browser = Browser.Open(redirect.Address);

        DateTime end = DateTime.UtcNow.AddSeconds(20);
        while (!browser.Evaluate<bool>("return Boolean(globalThis.live?.detail()?.steps > 0)"))
        {
            Assert.True(DateTime.UtcNow < end, browser.Page.Url);
            Thread.Sleep(50);
        }

        Assert.Equal(program.Address, new Uri(browser.Page.Url));
        Assert.Empty(browser.Complaints());
        redirect.Dispose();
        Assert.False(Path.Exists(Path.GetDirectoryName(redirect.Address.LocalPath)));
    }

    public void Dispose() => _scratch.Dispose();

    private string Long() => _scratch.Write("long.json", new JsonObject
    {
        ["experiment"] = "long",
        ["dataset"] = "builtin",
        ["train"] = 1000,
        ["test"] = 100,
        ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 0.001 },
        ["passes"] = 100_000,
    });
}
