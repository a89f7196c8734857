namespace GpuConvnet.Tests.Commands;

public sealed class HelpAndCompletionTests
{
    [Fact]
    public void Help_lists_options_commands_and_examples()
    {
        CommandRun run = CommandRun.Of("--help");

        Assert.Equal((0, ""), (run.Code, run.Error));
        foreach (string expected in new[]
        {
            "--config", "--accelerator", "--device", "--batch", "--per-example", "--passes", "--steps", "--seed", "--runs",
            "--dataset", "--data", "--out", "--json", "--quiet", "eval", "reproduce", "sweep", "gradcheck", "data", "devices", "completion",
            "Examples:", "1989-base",
        })
        {
            Assert.Contains(expected, run.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("eval")]
    [InlineData("sweep")]
    [InlineData("scale")]
    [InlineData("reproduce")]
    [InlineData("errors")]
    [InlineData("gradcheck")]
    [InlineData("devices")]
    [InlineData("completion")]
    public void Every_command_has_help(string command)
    {
        CommandRun run = CommandRun.Of(command, "--help");

        Assert.Equal(0, run.Code);
        Assert.Contains("Usage:", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_suggests_what_may_stand_at_the_cursor()
    {
        Assert.Contains("--passes", CommandRun.Of("[suggest:3]", "--p").OutputLines);
        Assert.Contains("opencl", CommandRun.Of("[suggest:14]", "--accelerator ").OutputLines);
        Assert.Contains("1989-base", CommandRun.Of("[suggest:9]", "--config ").OutputLines);
    }

    [Theory]
    [InlineData("bash", "complete ")]
    [InlineData("zsh", "compdef ")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public void Completion_prints_a_script(string shell, string word) =>
        Assert.Contains(word, CommandRun.Of("completion", shell).Output, StringComparison.Ordinal);

    [Fact]
    public void Devices_lists_the_host() =>
        Assert.StartsWith("host: ", CommandRun.Of("devices").Output, StringComparison.Ordinal);
}
