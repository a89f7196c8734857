using System.CommandLine;
using GpuConvnet.Trainer.Commands;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Commands;

/// <summary>What is no number is refused by every option that takes one, and never read as another.</summary>
public sealed class NumbersOfOptionsTests : IDisposable
{
    private static readonly Type[] s_numbers = [typeof(long?), typeof(double?), typeof(int[]), typeof(BatchSize?)];

    private readonly ScratchExperiment _scratch = new();

    public static TheoryData<string> NotNumbers => ["0,03", "NaN", "Infinity", "-Infinity", "1e999", "1,000,000", "٣", ""];

    [Theory]
    [MemberData(nameof(NotNumbers))]
    public void EveryOptionThatTakesANumberRefuses(string text)
    {
        int options = 0;
        foreach ((string[] path, Command command) in Commands([], TrainerCommandLine.Create()))
        {
            foreach (Option option in command.Options.Where(option => s_numbers.Contains(option.ValueType)))
            {
                CommandRun run = CommandRun.Of([.. path, .. Needed(command), option.Name, text]);

                Assert.True(run.Code == 2, $"{string.Join(' ', path)} {option.Name} '{text}' ends with {run.Code}: {run.Output}");
                Assert.Contains(option.Name, run.Error, StringComparison.Ordinal);
                options++;
            }
        }

        Assert.InRange(options, 20, 100);
    }

    [Fact]
    public void ADecimalCommaIsNamed()
    {
        CommandRun run = CommandRun.Of("eval", "m.safetensors", "--reject-to", "0,5");

        Assert.EndsWith("not '0,5'. Write a decimal point: 0.5.", run.Error.Split('\n')[0].TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("optimizer.learningRate=0,03", "'03' is no number")]
    [InlineData("optimizer.learningRate=0.01,0,03", "'03' is no number")]
    [InlineData("optimizer.learningRate=0,1..0,3", "two numbers")]
    [InlineData("optimizer.learningRate=NaN", "found \"NaN\"")]
    [InlineData("optimizer.learningRate=Infinity", "found \"Infinity\"")]
    [InlineData("optimizer.learningRate=1e999", "found Infinity")]
    [InlineData("optimizer.learningRate=0.1..Infinity", "two numbers")]
    public void ASweepRefusesThemToo(string set, string why)
    {
        CommandRun run = CommandRun.Of("sweep", "-c", _scratch.Config, "--set", set, "--random", "1");

        Assert.Equal(2, run.Code);
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("optimizer.learningRate=1,5", "note: optimizer.learningRate=1,5 is two values, 1 and 5. For one: write a decimal point: 1.5.")]
    [InlineData("optimizer.learningRate=0.1,0.5", null)]
    [InlineData("passes=1,2", null)]
    public void ASweepSaysWhereTwoValuesMayBeOne(string set, string? note)
    {
        CommandRun run = CommandRun.Of("sweep", "-c", _scratch.Config, "--set", set, "--runs", "1", "--validation", "10");

        Assert.Equal(0, run.Code);
        Assert.Equal(note, run.OutputLines.SingleOrDefault(line => line.StartsWith("note: opt", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("predict", "@7.png", "--model")]
    [InlineData("export", "--format", "csv")]
    public void AFileWhoseNameBeginsWithAnAtSignIsAFile(params string[] arguments)
    {
        CommandRun run = CommandRun.Of([.. arguments, "@nowhere.safetensors"]);

        Assert.Equal(2, run.Code);
        Assert.Contains("There is no model @nowhere.safetensors", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private static IEnumerable<(string[] Path, Command Command)> Commands(string[] path, Command command) =>
        [(path, command), .. command.Subcommands.SelectMany(inner => Commands([.. path, inner.Name], inner))];

    /// <summary>Whatever else the command wants; it is not come to.</summary>
    private static IEnumerable<string> Needed(Command command) =>
        command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0).Select(_ => "x");
}
