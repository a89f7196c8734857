using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using GpuConvnet.Tests.Commands;
using SkiaSharp;

namespace GpuConvnet.Tests.Report;

public sealed class ReportCommandTests : IDisposable
{
    private static readonly string[] s_pictures = ["activations", "errors", "h1-kernels", "losses", "mistakes"];

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void A_saved_run_has_a_report_and_its_pictures()
    {
        string run = Train("run");

        Assert.True(File.Exists(Path.Combine(run, "report.html")));
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(run, "pictures")).Select(file => Path.GetFileName(file)!).Order()];
        Assert.Equal(s_pictures.SelectMany(name => new[] { $"{name}.png", $"{name}.svg" }), files);
        foreach (string name in s_pictures)
        {
            using SKBitmap picture = SKBitmap.Decode(Path.Combine(run, "pictures", $"{name}.png"));
            Assert.True(picture.Pixels.Distinct().Count() > 10);
            XElement vector = XDocument.Load(Path.Combine(run, "pictures", $"{name}.svg")).Root!;
            Assert.Equal("svg", vector.Name.LocalName);

            // Who has no Inter sees another face without serifs.
            string[] faces = [.. vector.DescendantsAndSelf().Attributes("font-family").Select(face => face.Value)];
            Assert.NotEmpty(faces);
            Assert.All(faces, face => Assert.Matches("^Inter.*, sans-serif$", face));

            // And letters where that face has them: only the first has a place.
            string[] places = [.. vector.DescendantsAndSelf().Where(element => element.Name.LocalName == "text")
                .Attributes("x").Select(place => place.Value)];
            Assert.NotEmpty(places);
            Assert.All(places, place => Assert.DoesNotContain(',', place));
        }
    }

    [Fact]
    public void No_report_is_written_where_none_is_wanted()
    {
        string run = _scratch.In("run");
        Assert.Equal(0, CommandRun.Of("--config", _scratch.Config, "--out", run, "--no-report").Code);

        Assert.False(File.Exists(Path.Combine(run, "report.html")));
        Assert.False(Directory.Exists(Path.Combine(run, "pictures")));
    }

    [Fact]
    public void It_is_made_again_as_it_was()
    {
        string run = Train("run");
        string page = Path.Combine(run, "report.html");
        string before = File.ReadAllText(page);
        File.WriteAllText(page, before.Replace("small", "old", StringComparison.Ordinal));

        CommandRun again = CommandRun.Of("report", run);

        Assert.Equal((0, ""), (again.Code, again.Error));

        // Skia numbers the clipping paths of all pictures that a process draws.
        static string WithoutPictures(string page) => Regex.Replace(page, "src=\"data:[^\"]*\"", "");
        Assert.Equal(WithoutPictures(before), WithoutPictures(File.ReadAllText(page)));
        Assert.Equal($"saved: {page}", again.OutputLines[0]);
    }

    [Fact]
    public void A_page_of_somebody_elses_is_not_overwritten()
    {
        string run = Train("run");
        string page = Path.Combine(run, "report.html");
        File.WriteAllText(page, "mine");

        CommandRun refused = CommandRun.Of("report", run);

        Assert.Equal(2, refused.Code);
        Assert.Contains("is no report of this program", refused.Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(page));
        Assert.Equal(0, CommandRun.Of("report", run, "--out", _scratch.In("elsewhere", "deep")).Code);
        Assert.True(File.Exists(_scratch.In("elsewhere", "deep", "report.html")));
    }

    [Fact]
    public void Several_runs_stand_in_one_table()
    {
        string one = Train("one");
        string two = _scratch.In("two");
        Assert.Equal(0, CommandRun.Of("--config", _scratch.Config, "--runs", "3", "--out", two).Code);

        Assert.Equal(0, CommandRun.Of("report", one, two, "--out", _scratch.In("both")).Code);

        string page = File.ReadAllText(_scratch.In("both", "report.html"));
        JsonNode joint = JsonNode.Parse(File.ReadAllText(Path.Combine(two, "result.json")))!;
        double mean = (double)joint["summary"]!["testMisses"]!["mean"]!;
        Assert.Contains($"<td>{mean.ToString("0.0", CultureInfo.InvariantCulture)} ± ", System.Net.WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.Contains($"{two}, 3 seeds", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_digits_there_is_a_report_without_digits()
    {
        string run = Train("run");
        string config = Path.Combine(run, "config.json");
        JsonNode configuration = JsonNode.Parse(File.ReadAllText(config))!;
        configuration["dataset"] = "mnist";
        File.WriteAllText(config, configuration.ToJsonString());

        string nothing = Directory.CreateDirectory(_scratch.In("nothing")).FullName;
        CommandRun report = CommandRun.Of("report", run, "--data", nothing, "--out", _scratch.In("report"));

        Assert.Equal(0, report.Code);
        Assert.Contains("MNIST is not at hand", report.Output, StringComparison.Ordinal);
        Assert.Contains("trainer data fetch", File.ReadAllText(_scratch.In("report", "report.html")), StringComparison.Ordinal);
        Assert.False(File.Exists(_scratch.In("report", "pictures", "mistakes.png")));
        Assert.True(File.Exists(_scratch.In("report", "pictures", "h1-kernels.png")));
    }

    [Theory]
    [InlineData("nowhere", "is not a folder")]
    [InlineData("empty", "holds no run")]
    [InlineData("torn-result", "result.json")]
    [InlineData("torn-model", "model.safetensors")]
    [InlineData("unfinished", "has no result yet")]
    [InlineData("without-history", "result.json")]
    public void What_is_no_run_is_refused(string fault, string expected)
    {
        string run = fault is "nowhere" or "empty" ? _scratch.In(fault) : Train(fault);
        string result = Path.Combine(run, "result.json");
        string model = Path.Combine(run, "model.safetensors");
        switch (fault)
        {
            case "empty":
                Directory.CreateDirectory(run);
                break;
            case "torn-result":
                File.WriteAllText(result, File.ReadAllText(result)[..200]);
                break;
            case "torn-model":
                File.WriteAllBytes(model, File.ReadAllBytes(model)[..5000]);
                break;
            case "unfinished":
                File.Delete(result);
                break;
            case "without-history":
                JsonNode changed = JsonNode.Parse(File.ReadAllText(result))!;
                changed["history"] = new JsonArray();
                File.WriteAllText(result, changed.ToJsonString());
                break;
            default:
                break;
        }

        CommandRun refused = CommandRun.Of("report", run, "--out", _scratch.In("report"));

        Assert.Equal(2, refused.Code);
        Assert.Contains(expected, refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_scratch.In("report")));
    }

    [Fact]
    public void More_runs_than_colours_are_refused()
    {
        string run = Train("run");

        CommandRun refused = CommandRun.Of(["report", .. Enumerable.Repeat(run, 9)]);

        Assert.Equal(2, refused.Code);
        Assert.Contains("9 runs are too many", refused.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private string Train(string name)
    {
        string run = _scratch.In(name);
        CommandRun trained = CommandRun.Of("--config", _scratch.Config, "--out", run);
        Assert.True(trained.Code == 0, trained.Error);
        return run;
    }
}
