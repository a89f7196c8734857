using System.Text.Json.Nodes;
using GpuConvnet.Recognition;
using GpuConvnet.Recognition.Finding;
using GpuConvnet.Recognition.Images;
using GpuConvnet.Tests.Commands;

namespace GpuConvnet.Tests.Report;

/// <summary>Pictures on the report's pad, in a browser: what the page's script finds is what the program finds.</summary>
public sealed class PicturePadTests : IDisposable
{
    /// <summary>A picture as a file of the browser's.</summary>
    private const string FileOf = """
        const bytes = Uint8Array.from(atob(arguments[0]), (letter) => letter.charCodeAt(0));
        const file = new File([bytes], arguments[1], { type: arguments[1].endsWith("png") ? "image/png" : "image/jpeg" });

        """;

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void The_page_finds_and_frames_what_the_program_does()
    {
        using Browser browser = Browser.Open(Report());
        foreach (string name in new[] { "3_ruled.jpg", "5_box.png", "3_fields.png", "7_shadow.jpg", "3_desk.jpg", "8_squared.jpg", "3_small.jpg" })
        {
            FoundDigit expected = DigitFinder.Find(ImageFile.Read(Picture(name)))!;

            float[] found = browser.Numbers(
                FileOf + """
                return createImageBitmap(file).then((bitmap) => {
                  const { digit, sureness } = report.findDigit(report.greyOf(bitmap, bitmap.width, bitmap.height));
                  return [digit.left, digit.top, digit.width, digit.height, sureness, ...report.frameFound(digit, "mnist")];
                });
                """,
                Base64(name), name);

            Assert.All(
                ((int[])[expected.Left, expected.Top, expected.Width, expected.Height]).Zip(found),
                pair => Assert.True(Math.Abs(pair.First - pair.Second) <= 2, $"{name}: {string.Join(' ', found[..5])}, not {expected}"));
            Assert.Equal((float)expected.Sureness, found[4], 0.1f);
            float[] pixels = DigitFrame.Of(expected, Framing.Mnist);
            Assert.InRange(pixels.Zip(found[5..], (a, b) => Math.Abs(a - b)).Average(), 0, 0.05f);
        }

        Assert.Empty(browser.Complaints());
    }

    [Fact]
    public void A_small_digit_on_a_large_page_is_looked_at_closer()
    {
        using Browser browser = Browser.Open(Report());
        FoundDigit expected = DigitFinder.Find(ImageFile.Read(Picture("3_small.jpg")))!;

        float[] found = browser.Numbers(
            FileOf + """
            return createImageBitmap(file).then((bitmap) => {
              const plane = report.greyOf(bitmap, bitmap.width, bitmap.height);
              const search = report.findDigit(plane);
              report.readPicture(bitmap, bitmap.width, bitmap.height);
              return [search.digit.height, search.of.width / plane.width, report.found().picture.width / plane.width];
            });
            """,
            Base64("3_small.jpg"), "3_small.jpg");

        Assert.Equal(expected.Height, found[0], 2f);
        Assert.True(found[1] > 1.5f, "it was not");
        Assert.Equal(found[1], found[2]);
        Assert.Empty(browser.Complaints());
    }

    [Theory]
    [InlineData("drop")]
    [InlineData("paste")]
    public void A_picture_that_is_dropped_or_pasted_is_read(string how)
    {
        using Browser browser = Browser.Open(Report());
        browser["clear"].Click();

        string read = browser.Evaluate<string>(
            FileOf + """
            const files = new DataTransfer();
            files.items.add(file);
            (arguments[2] === "drop" ? document.getElementById("pad") : document).dispatchEvent(arguments[2] === "drop"
              ? new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true })
              : new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true }));
            return new Promise((resolve) => setTimeout(() => resolve(document.getElementById("verdict").textContent), 1500));
            """,
            Base64("3_ruled.jpg"), "3_ruled.jpg", how);

        Assert.StartsWith("The network reads ", read, StringComparison.Ordinal);
        Assert.Contains("lines removed", read, StringComparison.Ordinal);
        Assert.True(browser.Evaluate<bool>("return report.found().digit.height > 100"));

        browser["clear"].Click();
        Assert.Equal("Nothing is drawn yet.", browser["verdict"].Text);
        Assert.Empty(browser.Complaints());
    }

    [Fact]
    public void A_picture_without_a_digit_and_a_file_that_is_none_say_so()
    {
        using Browser browser = Browser.Open(Report());

        string blank = browser.Evaluate<string>("""
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 300;
            const context = canvas.getContext("2d");
            context.fillStyle = "#eee";
            context.fillRect(0, 0, 300, 300);
            report.readPicture(canvas, 300, 300);
            return document.getElementById("verdict").textContent;
            """);
        string other = browser.Evaluate<string>("""
            const files = new DataTransfer();
            files.items.add(new File(["no picture"], "notes.txt"));
            document.getElementById("pad").dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
            return new Promise((resolve) => setTimeout(() => resolve(document.getElementById("verdict").textContent), 500));
            """);

        Assert.StartsWith("There is no digit to be seen", blank, StringComparison.Ordinal);
        Assert.StartsWith("notes.txt is no picture", other, StringComparison.Ordinal);
        Assert.Empty(browser.Complaints());
    }

    /// <summary>Chromium's fake camera shows a film of one picture.</summary>
    [Fact]
    public void What_the_camera_sees_is_read()
    {
        byte[] frame = File.ReadAllBytes(Picture("3_ruled.jpg"));
        string film = _scratch.In("film.mjpeg");
        File.WriteAllBytes(film, [.. Enumerable.Repeat(frame, 10).SelectMany(bytes => bytes)]);
        using Browser browser = Browser.Open(
            Report(), more: ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", $"--use-file-for-fake-video-capture={film}"]);

        browser["camera"].Click();
        Wait(browser, "return document.getElementById('camera').textContent === 'Read it'");
        Assert.True(browser["video"].Displayed);
        browser.Evaluate<object?>("return new Promise((resolve) => setTimeout(resolve, 500))");
        browser["camera"].Click();

        Assert.StartsWith("The network reads ", browser["verdict"].Text, StringComparison.Ordinal);
        Assert.Contains("lines removed", browser["verdict"].Text, StringComparison.Ordinal);
        Assert.False(browser["video"].Displayed);
        Assert.Equal("Camera", browser["camera"].Text);
        Assert.Empty(browser.Complaints());
    }

    public void Dispose() => _scratch.Dispose();

    private static void Wait(Browser browser, string until)
    {
        for (int tries = 0; !browser.Evaluate<bool>(until); tries++)
        {
            Assert.True(tries < 50, browser["verdict"].Text);
            Thread.Sleep(100);
        }
    }

    private static string Picture(string name) => Path.Combine(AppContext.BaseDirectory, "pictures", name);

    private static string Base64(string name) => Convert.ToBase64String(File.ReadAllBytes(Picture(name)));

    private string Report()
    {
        JsonObject configuration = new()
        {
            ["experiment"] = "pad",
            ["dataset"] = "builtin",
            ["train"] = 2_000,
            ["test"] = 100,
            ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 0.03 },
            ["passes"] = 4,
        };
        string run = _scratch.In("run");
        CommandRun trained = CommandRun.Of("--config", _scratch.Write("pad.json", configuration), "--out", run);
        Assert.True(trained.Code == 0, trained.Error);
        return Path.Combine(run, "report.html");
    }
}
