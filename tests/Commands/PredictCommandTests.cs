using System.Buffers.Binary;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Errors;
using GpuConvnet.Tests.Recognition;
using GpuConvnet.Trainer.Commands;
using SkiaSharp;

namespace GpuConvnet.Tests.Commands;

/// <summary>The command that reads pictures, with networks whose answers are known.</summary>
public sealed class PredictCommandTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    public PredictCommandTests()
    {
        // Whatever it is shown: a 3, else a 5.
        KnownModel.Save(Model, "tanh", "mse", KnownModel.Parameters(-1, -1, -1, 0.9f, -1, 0.5f, -1, -1, -1, -1), test: 10);
        Save("7_001.png");
    }

    private string Model => _scratch.In("model.safetensors");

    [Fact]
    public void One_image_is_shown_with_its_ten_outputs()
    {
        CommandRun run = CommandRun.Of("predict", _scratch.In("7_001.png"), "--model", Model, "--show");

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("7_001.png: 3 (0.716), else 5 (0.462)", run.Output, StringComparison.Ordinal);
        Assert.Equal(10, run.OutputLines.Count(line => line.StartsWith("  ", StringComparison.Ordinal) && char.IsDigit(line[2])));
        Assert.Equal(16, run.OutputLines.Count(line => line.StartsWith("  |", StringComparison.Ordinal)));
        Assert.DoesNotContain("%", run.Output, StringComparison.Ordinal);
        Assert.All(run.Output, letter => Assert.True(char.IsAscii(letter) || letter == 'µ'));
    }

    [Fact]
    public void Cross_entropy_has_probabilities()
    {
        KnownModel.Save(Model, "linear", "crossEntropy", KnownModel.Parameters(0, 0, 0, 0, 0, 2, 0, 0, 0, 1), test: 10);

        JsonNode json = JsonNode.Parse(CommandRun.Of("predict", _scratch.In("7_001.png"), "-m", Model, "--json", "--show").Output)!;

        JsonNode image = json["images"]![0]!;
        Assert.Equal((5, 9), ((int)image["digit"]!, (int)image["runnerUp"]!));
        Assert.Equal(1, image["probabilities"]!.AsArray().Sum(probability => (double)probability!), 1e-9);
        Assert.Equal(Math.Exp(2) / (8 + Math.E + Math.Exp(2)), (double)image["probabilities"]![5]!, 1e-6);
        Assert.Equal(256, image["pixels"]!.AsArray().Count);
    }

    [Fact]
    public void A_folder_is_read_whole_and_its_labels_are_counted()
    {
        foreach (string name in new[] { "set/3/a.png", "set/3/b.JPG", "set/5/a.webp", "set/notes.txt" })
        {
            Save(name);
        }

        CommandRun run = CommandRun.Of("predict", _scratch.In("set"), _scratch.In("7_001.png"), "--labels", "--model", Model);
        JsonNode json = JsonNode.Parse(
            CommandRun.Of("predict", _scratch.In("set"), _scratch.In("7_001.png"), "--labels", "--model", Model, "--json").Output)!;

        // A folder may hold one only.
        CommandRun one = CommandRun.Of("predict", _scratch.In("set", "5"), "--labels", "--model", Model);

        Assert.Equal(0, run.Code);
        Assert.Contains("1 of 1 images read, ", one.Output, StringComparison.Ordinal);
        Assert.Contains("4 of 4 images read, 2 right: accuracy 50.00%", run.Output, StringComparison.Ordinal);
        Assert.Contains("wrong: it is 7", run.Output, StringComparison.Ordinal);
        Assert.Equal([3, 3, 5, 7], json["images"]!.AsArray().Select(image => (int)image!["label"]!));
        Assert.Equal((4, 2, 50.0), ((int)json["answered"]!, (int)json["correct"]!, (double)json["accuracyPercent"]!));
    }

    [Fact]
    public void A_folder_says_what_it_passed_over_and_how_that_would_be_read()
    {
        Save("set/3/a.JPG");
        File.WriteAllText(_scratch.In("set", "3", "b.HEIC"), "");
        File.WriteAllText(_scratch.In("set", "notes.txt"), "");

        CommandRun run = CommandRun.Of("predict", _scratch.In("set"), "--model", Model);
        JsonNode json = JsonNode.Parse(CommandRun.Of("predict", _scratch.In("set"), "--model", Model, "--json").Output)!;

        Assert.Equal(0, run.Code);
        Assert.Contains("passed over: b.HEIC, notes.txt", run.Output, StringComparison.Ordinal);
        Assert.Contains("HEIC is not read. Convert it: 'heif-convert", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, json["passedOver"]!.AsArray().Count);
    }

    [Fact]
    public void One_file_without_a_label_does_not_stop_the_others()
    {
        Save("set/7_001.png");
        Save("set/holiday.png");

        CommandRun run = CommandRun.Of("predict", _scratch.In("set"), "--labels", "--model", Model);

        Assert.Equal(2, run.Code);
        Assert.Contains("holiday.png does not say which digit", run.Error, StringComparison.Ordinal);
        Assert.Contains("1 of 2 images read", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_is_read_with_confidences_and_boxes_and_drawn()
    {
        KnownModel.Save(Model, "linear", "crossEntropy", KnownModel.Parameters(0, 0, 0, 0, 0, 9, 0, 0, 0, 1), test: 10);
        SaveRow("555_row.png");
        string[] command = ["predict", _scratch.In("555_row.png"), "--number", "--labels", "--model", Model];

        CommandRun run = CommandRun.Of([.. command, "--show", "--boxes", _scratch.In("boxes.png")]);
        JsonNode json = JsonNode.Parse(CommandRun.Of([.. command, "--json"]).Output)!;
        CommandRun refused = CommandRun.Of([.. command, "--reject-below", "1"]);

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("555_row.png: 555 (", run.Output, StringComparison.Ordinal);
        Assert.Contains("1 of 1 images read, 1 wholly right: 100.00%", run.Output, StringComparison.Ordinal);
        Assert.Equal(3 * 16, run.OutputLines.Count(line => line.StartsWith("  |", StringComparison.Ordinal)));
        Assert.Contains(": ??? (", refused.Output, StringComparison.Ordinal);
        JsonNode line = json["images"]![0]!["lines"]![0]!;
        Assert.Equal("555", (string?)line["number"]);
        JsonArray digits = line["digits"]!.AsArray();
        Assert.Equal([40, 140, 240], digits.Select(digit => (int)Math.Round((int)digit!["box"]!["left"]! / 10.0) * 10));
        Assert.All(digits, digit => Assert.InRange((double)digit!["confidence"]!, 0.99, 1));
        using SKBitmap drawn = SKBitmap.Decode(_scratch.In("boxes.png"));
        Assert.Equal((340, 120), (drawn.Width, drawn.Height));
        Assert.Contains(drawn.Pixels, pixel => pixel.Red > 180 && pixel.Green < 80);
    }

    [Fact]
    public void Where_there_is_no_number_that_is_said()
    {
        uint[] white = new uint[40_000];
        Array.Fill(white, uint.MaxValue);
        File.WriteAllBytes(_scratch.In("blank.png"), Scene.Encode(white, 200, 200, SKEncodedImageFormat.Png, 100, hasAlpha: false));

        CommandRun run = CommandRun.Of("predict", _scratch.In("blank.png"), "--number", "--model", Model);

        Assert.Equal(2, run.Code);
        Assert.Contains("there is no number to be seen", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_digits_is_no_digit_and_the_way_to_read_it_is_named()
    {
        SaveRow("row.png", count: 5);

        CommandRun run = CommandRun.Of("predict", _scratch.In("row.png"), "--model", Model);

        Assert.Equal(2, run.Code);
        Assert.Contains("marks of one size in it", run.Error, StringComparison.Ordinal);
        Assert.Contains("--number reads a row of 5 digits in it", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("boxes.JPG", new byte[] { 0xFF, 0xD8, 0xFF })]
    [InlineData("boxes.webp", new byte[] { (byte)'R', (byte)'I', (byte)'F', (byte)'F' })]
    [InlineData("boxes.png", new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' })]
    public void The_drawn_picture_has_the_format_of_its_ending(string name, byte[] begins)
    {
        CommandRun run = CommandRun.Of("predict", _scratch.In("7_001.png"), "--boxes", _scratch.In(name), "--model", Model);

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(begins, File.ReadAllBytes(_scratch.In(name))[..begins.Length]);
    }

    [Theory]
    [InlineData("boxes.gif")]
    [InlineData("boxes")]
    public void A_format_that_is_not_drawn_is_refused(string name)
    {
        CommandRun run = CommandRun.Of("predict", _scratch.In("7_001.png"), "--boxes", _scratch.In(name), "--model", Model);

        Assert.Equal(2, run.Code);
        Assert.Contains("--boxes writes PNG, JPEG or WebP, by the file's ending", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_scratch.In(name)));
    }

    [Theory]
    [InlineData("555555_two.png", true)]
    [InlineData("555554_two.png", false)]
    public void The_label_of_several_lines_is_all_their_digits(string name, bool isRight)
    {
        KnownModel.Save(Model, "linear", "crossEntropy", KnownModel.Parameters(0, 0, 0, 0, 0, 9, 0, 0, 0, 1), test: 10);
        SaveRow(name, rows: 2);

        CommandRun run = CommandRun.Of("predict", _scratch.In(name), "--number", "--labels", "--model", Model);

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(2, run.OutputLines.Count(line => line.Contains($"{name}: 555 (", StringComparison.Ordinal)));
        Assert.Contains(isRight ? "1 wholly right" : "0 wholly right", run.Output, StringComparison.Ordinal);
        Assert.Equal(
            isRight ? 0 : 1, run.OutputLines.Count(line => line.EndsWith("wrong: the lines together are 555554", StringComparison.Ordinal)));
    }

    [Fact]
    public void Where_there_is_no_row_either_that_way_is_not_named()
    {
        uint[] white = new uint[40_000];
        Array.Fill(white, uint.MaxValue);
        File.WriteAllBytes(_scratch.In("blank.png"), Scene.Encode(white, 200, 200, SKEncodedImageFormat.Png, 100, hasAlpha: false));

        CommandRun run = CommandRun.Of("predict", _scratch.In("blank.png"), "--model", Model);

        Assert.Equal(2, run.Code);
        Assert.EndsWith("; give a picture of one digit.", run.Error.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_one_picture_is_drawn_at_a_time()
    {
        Save("8.png");

        CommandRun run = CommandRun.Of(
            "predict", _scratch.In("8.png"), _scratch.In("7_001.png"), "--boxes", _scratch.In("boxes.png"), "--model", Model);

        Assert.Equal(2, run.Code);
        Assert.Contains("--boxes draws one picture, and 2 were named", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_image_among_good_ones_is_reported_and_the_others_are_read()
    {
        File.WriteAllText(_scratch.In("bad.png"), "no picture");

        CommandRun run = CommandRun.Of("predict", _scratch.In("bad.png"), _scratch.In("7_001.png"), "--model", Model);

        Assert.Equal(2, run.Code);
        Assert.Contains("bad.png is not an image", run.Error, StringComparison.Ordinal);
        Assert.Contains("7_001.png: 3", run.Output, StringComparison.Ordinal);
        Assert.Contains("1 of 2 images read", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.25", false)]
    [InlineData("0.26", true)]
    public void A_digit_whose_margin_is_too_small_is_refused(string least, bool isRefused)
    {
        // tanh 0.9 - tanh 0.5 = 0.254.
        string[] command = ["predict", _scratch.In("7_001.png"), "--model", Model, "--reject-below", least];
        CommandRun run = CommandRun.Of(command);
        JsonNode json = JsonNode.Parse(CommandRun.Of([.. command, "--json"]).Output)!;

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains(
            isRefused ? "7_001.png: refused, margin 0.254: 3 (0.716) or 5 (0.462)?" : "7_001.png: 3 (0.716), else 5 (0.462)",
            run.Output, StringComparison.Ordinal);
        Assert.Equal(isRefused ? 0 : 1, run.OutputLines.Count(line => line.EndsWith("<- answer", StringComparison.Ordinal)));
        Assert.Equal(isRefused ? 1 : 0, run.OutputLines.Count(line => line.EndsWith("<- refused", StringComparison.Ordinal)));
        JsonNode image = json["images"]![0]!;
        Assert.Equal(isRefused ? null : 3, (int?)image["digit"]);
        Assert.Equal(isRefused ? 3 : null, (int?)image["refused"]);
        Assert.Equal(5, (int)image["runnerUp"]!);
        Assert.Equal(Math.Tanh(0.9) - Math.Tanh(0.5), (double)image["margin"]!, 1e-5);
        Assert.Equal(isRefused ? (0, 1) : (1, 0), ((int)json["answered"]!, (int)json["refused"]!));
        Assert.Equal(least, json["rejectBelow"]!.ToJsonString());
    }

    [Fact]
    public void Refused_digits_are_counted_and_are_no_right_answers()
    {
        Save("set/3/a.png");
        Save("set/7/a.png");
        File.WriteAllText(_scratch.In("set", "3", "bad.png"), "no picture");

        CommandRun refused = CommandRun.Of("predict", _scratch.In("set"), "--labels", "--model", Model, "--reject-below", "1");
        CommandRun answered = CommandRun.Of("predict", _scratch.In("set"), "--labels", "--model", Model, "--reject-below", "0.1");

        // One could not be read: that is another thing, and an error.
        Assert.Equal((2, 2), (refused.Code, answered.Code));
        Assert.Contains("2 of 3 images read, 2 refused, 0 right: accuracy 0.00%;", refused.Output, StringComparison.Ordinal);
        Assert.Contains("it is 7", refused.Output, StringComparison.Ordinal);
        Assert.Contains("2 of 3 images read, 0 refused, 1 right: accuracy 33.33%;", answered.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Beside_all_images_the_answered_have_their_accuracy()
    {
        CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("run"), "--passes", "1");

        // Compression makes another picture of it.
        Save("set/3/a.png");
        Save("set/3/b.jpg");
        string[] command = ["predict", _scratch.In("set"), "--labels", "--model", _scratch.In("run")];
        JsonNode[] images = [.. JsonNode.Parse(CommandRun.Of([.. command, "--json"]).Output)!["images"]!.AsArray()!];
        JsonNode surest = images.MaxBy(image => (double)image["margin"]!)!;
        bool isRight = (int)surest["digit"]! == 3;

        CommandRun run = CommandRun.Of([.. command, "--reject-below", surest["margin"]!.ToJsonString()]);

        Assert.NotEqual((double)images[0]["margin"]!, (double)images[1]["margin"]!);
        Assert.Contains(
            isRight ? "1 refused, 1 right: accuracy 50.00%, and 100.00% of the 1 answered"
                : "1 refused, 0 right: accuracy 0.00%, and 0.00% of the 1 answered",
            run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_threshold_nothing_is_refused_and_the_margin_is_there()
    {
        KnownModel.Save(Model, "linear", "crossEntropy", KnownModel.Parameters(0, 0, 0, 0, 0, 2, 0, 0, 0, 1), test: 10);

        JsonNode json = JsonNode.Parse(CommandRun.Of("predict", _scratch.In("7_001.png"), "--model", Model, "--json").Output)!;

        Assert.Equal((Math.Exp(2) - Math.E) / (8 + Math.E + Math.Exp(2)), (double)json["images"]![0]!["margin"]!, 1e-6);
        Assert.False(json.AsObject().ContainsKey("refused"));
        Assert.False(json.AsObject().ContainsKey("rejectBelow"));
    }

    [Theory]
    [InlineData("--reject-below takes a number that is 0 or more, not 'much'", "much")]
    [InlineData("from 0 to 1.", "1.01")]
    public void A_threshold_that_makes_no_sense_is_refused(string message, string least)
    {
        KnownModel.Save(Model, "linear", "crossEntropy", KnownModel.Parameters(1), test: 10);

        CommandRun run = CommandRun.Of("predict", _scratch.In("7_001.png"), "--model", Model, "--reject-below", least);

        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no image", "nowhere.png")]
    [InlineData("There is no image", "nowhere.png", "--labels")]
    [InlineData("is empty", "empty.png")]
    [InlineData("neither an option nor an image", "empty.png", "--modle")]
    [InlineData("there is no digit to be seen", "blank.png")]
    [InlineData("is a folder without images", "nothing")]
    [InlineData("does not say which digit", "blank.png", "--labels")]
    [InlineData("is not an image", "small.json")]
    [InlineData("pixels; an image may have", "bomb.png")]
    [InlineData("cut short", "cut.png")]
    public void What_cannot_be_read_is_refused(string message, string name, params string[] more)
    {
        File.WriteAllText(_scratch.In("empty.png"), "");
        Directory.CreateDirectory(_scratch.In("nothing"));
        uint[] white = new uint[400];
        Array.Fill(white, uint.MaxValue);
        byte[] blank = Scene.Encode(white, 20, 20, SKEncodedImageFormat.Png, 100, hasAlpha: false);
        File.WriteAllBytes(_scratch.In("blank.png"), blank);
        File.WriteAllBytes(_scratch.In("cut.png"), File.ReadAllBytes(_scratch.In("7_001.png"))[..^60]);

        // The header claims 60,000 x 60,000 pixels, and its checksum is right.
        BinaryPrimitives.WriteInt32BigEndian(blank.AsSpan(16), 60_000);
        BinaryPrimitives.WriteInt32BigEndian(blank.AsSpan(20), 60_000);
        BinaryPrimitives.WriteUInt32BigEndian(blank.AsSpan(29), Crc32(blank.AsSpan(12, 17)));
        File.WriteAllBytes(_scratch.In("bomb.png"), blank);

        CommandRun run = CommandRun.Of(["predict", _scratch.In(name), "--model", Model, .. more]);

        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Contains(more is ["--modle"] ? "--modle" : name, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7, "7.png")]
    [InlineData(7, "set/7_001.png")]
    [InlineData(3, "set/3/001.png")]
    [InlineData(3, "3/3-b.png")]
    [InlineData(3, "3/7_1.png")]
    [InlineData(5, "5/15.png")]
    [InlineData(5, "5/1 (3).png")]
    [InlineData(3, "scan_of_my_own_3.png")]
    [InlineData(null, "001.png")]
    [InlineData(null, "7a.png")]
    public void A_label_is_in_the_name_or_in_the_folder(int? label, string path)
    {
        if (label is { } digit)
        {
            Assert.Equal(digit, FileLabel.Of(path));
        }
        else
        {
            Assert.Throws<BadInputException>(() => FileLabel.Of(path));
        }
    }

    [Fact]
    public void The_newest_run_with_a_model_is_meant_where_none_is_named()
    {
        string runs = _scratch.In("runs");
        Assert.Contains("trains one", Refusal(runs), StringComparison.Ordinal);
        CommandRun.Of("--config", _scratch.Config, "--out", Path.Combine(runs, "a"), "--passes", "1");
        CommandRun.Of("--config", _scratch.Config, "--out", Path.Combine(runs, "z-seeds"), "--passes", "1", "--runs", "2");
        Directory.CreateDirectory(Path.Combine(runs, "empty"));

        string model = GpuConvnet.Trainer.Runs.Listing.NewestModel.In(runs);

        Assert.StartsWith(Path.Combine(runs, "z-seeds", "seed-"), model, StringComparison.Ordinal);
        Assert.EndsWith("model.safetensors", model, StringComparison.Ordinal);

        static string Refusal(string parent) => Assert.Throws<BadInputException>(
            () => GpuConvnet.Trainer.Runs.Listing.NewestModel.In(parent)).Message;
    }

    public void Dispose() => _scratch.Dispose();

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        foreach (byte value in bytes)
        {
            sum ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                sum = (sum & 1) != 0 ? (sum >> 1) ^ 0xEDB88320 : sum >> 1;
            }
        }

        return ~sum;
    }

    /// <summary>Sevens beside one another, 100 pixels apart, in rows 120 pixels apart.</summary>
    private void SaveRow(string name, int count = 3, int rows = 1)
    {
        int width = 100 * count + 40;
        uint[] colours = new uint[width * 120 * rows];
        Array.Fill(colours, uint.MaxValue);
        for (int digit = 0; digit < count * rows; digit++)
        {
            int start = digit / count * 120 * width + digit % count * 100;
            for (int y = 20; y < 100; y++)
            {
                for (int x = 40; x < 90; x++)
                {
                    bool isInk = y < 32 || Math.Abs(x - 90 + y / 2.5) < 6;
                    colours[start + y * width + x] = isInk ? 0xFF000000 : uint.MaxValue;
                }
            }
        }

        File.WriteAllBytes(_scratch.In(name), Scene.Encode(colours, width, 120 * rows, SKEncodedImageFormat.Png, 100, hasAlpha: false));
    }

    /// <summary>A picture of a 7.</summary>
    private void Save(string name)
    {
        float[] digit = new float[400];
        for (int y = 4; y < 16; y++)
        {
            for (int x = 5; x < 15; x++)
            {
                digit[y * 20 + x] = y < 6 || Math.Abs(x - 17 + y / 2) < 2 ? 1 : 0;
            }
        }

        Directory.CreateDirectory(Path.GetDirectoryName(_scratch.In(name))!);
        SKEncodedImageFormat format = Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".jpg" => SKEncodedImageFormat.Jpeg,
            ".webp" => SKEncodedImageFormat.Webp,
            _ => SKEncodedImageFormat.Png,
        };
        File.WriteAllBytes(_scratch.In(name), new Scene { Size = 80, Format = format }.Picture(digit, new Random(1)));
    }
}
