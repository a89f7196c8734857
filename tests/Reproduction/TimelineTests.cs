using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Studies.Timeline;

namespace GpuConvnet.Tests.Reproduction;

/// <summary>The timeline: its rows, what they are trained by, and how it goes on.</summary>
public sealed class TimelineTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new(passes: 4);

    private string Out => _scratch.In("timeline");

    [Fact]
    public void Every_row_is_a_configuration_of_the_program()
    {
        Assert.All(TimelineRow.All, row => Assert.Equal(row.Experiment, ConfigurationFile.Load(row.Experiment).Experiment));
        Assert.All(TimelineRow.All, row => Assert.Equal(row.Teacher is not null, ConfigurationFile.Load(row.Experiment).Teacher is not null));
        Assert.All(
            TimelineRow.All.Where(row => row.Teacher is not null),
            row => Assert.Equal(Path.GetFullPath($"runs/{row.Teacher!.Experiment}"), ConfigurationFile.Load(row.Experiment).Teacher));
        Assert.Equal(TimelineRow.All.OrderBy(row => row.Year), TimelineRow.All);
    }

    [Fact]
    public void It_trains_teachers_first_and_goes_on_with_what_is_finished()
    {
        using StringWriter output = new();
        Assert.Equal(0, Run(output));

        JsonArray rows = JsonNode.Parse(File.ReadAllText(Path.Combine(Out, "timeline.json")))!["rows"]!.AsArray();
        Assert.Equal(["plain", "2 x plain", "taught", "pupil"], rows.Select(row => (string)row!["experiment"]!));
        Assert.Equal([9_760, 19_520, 9_760, 9_760], rows.Select(row => (int)row!["parameters"]!));
        Assert.Equal([63_660, 127_320, 63_660, 63_660], rows.Select(row => (int)row!["multiplyAccumulates"]!));
        Assert.Equal(Misses("wide", 1337), (int)rows[2]!["teacherTestMisses"]!);
        Assert.Equal((Misses("plain", 1337) + Misses("plain", 1338)) / 2.0, (double)rows[0]!["testMisses"]!["mean"]!);
        Assert.Equal((double)rows[1]!["testMisses"]!["min"]!, (double)rows[1]!["testMisses"]!["max"]!);
        Assert.Contains("of 50 test digits", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("![Test misses from 1989 to 2026](timeline.png)", File.ReadAllText(Path.Combine(Out, "timeline.md")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Out, "timeline.png")));

        // The teacher's run is where the taught one names it.
        JsonNode taught = JsonNode.Parse(File.ReadAllText(Path.Combine(Out, "taught", "seed-1338", "result.json")))!;
        Assert.Equal(Path.Combine(Out, "wide", "seed-1337"), (string)taught["teacher"]!);

        // Two of them are one ensemble.
        JsonNode pupil = JsonNode.Parse(File.ReadAllText(Path.Combine(Out, "pupil", "seed-1338", "result.json")))!;
        Assert.Equal(Path.Combine(Out, "pair"), (string)pupil["teacher"]!);
        CommandRun pair = CommandRun.Of("ensemble", Path.Combine(Out, "pair"), "--no-report", "--json", "--out", _scratch.In("pair"));
        Assert.True(pair.Code == 0, pair.Error);
        Assert.Equal((string)JsonNode.Parse(pair.Output)!["parametersSha256"]!, (string)pupil["teacherSha256"]!);
        Assert.Equal((int)JsonNode.Parse(pair.Output)!["test"]!["misses"]!, (int)rows[3]!["teacherTestMisses"]!);

        // A run of another teacher is not one of this.
        string other = Path.Combine(Out, "pupil", "seed-1337", "result.json");
        JsonNode changed = JsonNode.Parse(File.ReadAllText(other))!;
        changed["teacherSha256"] = new string('0', 64);
        File.WriteAllText(other, changed.ToJsonString());
        Directory.Delete(Path.Combine(Out, "taught", "seed-1338"), recursive: true);
        using StringWriter again = new();
        Assert.Equal(0, Run(again));
        Assert.Contains("2 of 6 runs are to be trained", again.ToString(), StringComparison.Ordinal);
        JsonNode anew = JsonNode.Parse(File.ReadAllText(Path.Combine(Out, "taught", "seed-1338", "result.json")))!;
        Assert.Equal((string)taught["parametersSha256"]!, (string)anew["parametersSha256"]!);
    }

    [Fact]
    public void A_teacher_that_a_row_cannot_learn_from_is_refused_before_any_row_is_trained()
    {
        BadInputException refusal = Assert.Throws<BadInputException>(() => Run(TextWriter.Null, teachesLogits: false));

        Assert.Contains("taught cannot learn from", refusal.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Out, "wide", "seed-1337", "result.json")));
        Assert.False(Directory.Exists(Path.Combine(Out, "plain")));
    }

    [Fact]
    public void A_folder_of_something_else_is_left_alone()
    {
        Directory.CreateDirectory(Out);
        File.WriteAllText(Path.Combine(Out, "letter.txt"), "Dear Yann");

        BadInputException refusal = Assert.Throws<BadInputException>(() => Run(TextWriter.Null));

        Assert.Contains("holds letter.txt", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--quick")]
    [InlineData("--engine", "both")]
    [InlineData("--python", "python3")]
    [InlineData("--only", "no-such-row")]
    public void Options_of_the_articles_table_are_refused(params string[] options)
    {
        CommandRun run = CommandRun.Of(["reproduce", "--timeline", .. options, "--out", Out]);

        Assert.Equal(2, run.Code);
        Assert.Contains(options[0], run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Out));
    }

    public void Dispose() => _scratch.Dispose();

    private int Misses(string experiment, int seed) => (int)JsonNode.Parse(
        File.ReadAllText(Path.Combine(Out, experiment, $"seed-{seed}", "result.json")))!["test"]!["misses"]!;

    private int Run(TextWriter output, bool teachesLogits = true)
    {
        JsonObject plain = Logits("plain");
        JsonObject wide = teachesLogits ? Logits("wide") : Small("wide");
        wide["network"] = JsonNode.Parse("""{ "family": "1989", "width": 2 }""");
        wide["batch"] = 20;
        JsonObject taught = Logits("taught");
        taught["teacher"] = "anywhere";
        JsonObject pair = teachesLogits ? Logits("pair") : Small("pair");
        JsonObject pupil = Logits("pupil");
        pupil["teacher"] = "anywhere";
        TimelineRequest request = new()
        {
            Rows =
            [
                new TimelineRow(2022, Write(plain), "the first"),
                new TimelineRow(2026, Write(plain), "all seeds") { IsEnsemble = true },
                new TimelineRow(2026, Write(taught), "a teacher") { Teacher = new(Write(wide)) },
                new TimelineRow(2026, Write(pupil), "two teachers") { Teacher = new(Write(pair), Seeds: 2) },
            ],
            Runs = 2,
            Seed = 1337,
            Data = new DataFolder(_scratch.In("data"), "a test"),
            Out = Out,
        };
        return new TimelineJob(request, output, TextWriter.Null).Execute("trainer reproduce --timeline", CancellationToken.None);
    }

    private string Write(JsonObject configuration) => _scratch.Write($"{configuration["experiment"]}.json", configuration);

    private JsonObject Small(string name)
    {
        JsonObject configuration = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        configuration["experiment"] = name;
        return configuration;
    }

    private JsonObject Logits(string name)
    {
        JsonObject configuration = Small(name);
        configuration["output"] = "linear";
        configuration["loss"] = "crossEntropy";
        return configuration;
    }
}
