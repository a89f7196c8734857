using System.Globalization;
using GpuConvnet.Recognition;
using GpuConvnet.Recognition.Finding;
using GpuConvnet.Recognition.Images;
using GpuConvnet.Recognition.Numbers;
using GpuConvnet.Scenes;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Recognition;

/// <summary>Digits and numbers in the pictures that people really have, and pictures without any.</summary>
public sealed class PictureTests
{
    /// <summary>How many pictures of a kind are drawn.</summary>
    private const int Count = 6;

    private static readonly Lazy<TestDigits> s_digits = new(() => TestDigits.Read(DataFolder.Resolve(null).Mnist));

    public static TheoryData<string> OfOne { get; } = [.. SceneKinds.OfOneDigit.Select(kind => kind.Name)];

    public static TheoryData<string> OfNone { get; } = [.. SceneKinds.OfNone.Select(kind => kind.Name)];

    public static TheoryData<string> OfNumbers { get; } = [.. SceneKinds.OfNumbers.Select(kind => kind.Name)];

    /// <summary>Of a network that misses 6 in 100 of the digits as they are.</summary>
    [Theory]
    [MemberData(nameof(OfOne))]
    public void Digits_are_read_in_every_kind_of_picture(string name)
    {
        using DigitReader reader = Reader();
        List<string> wrong = [];
        foreach ((string file, GreyImage image) in Pictures(SceneKinds.OfOneDigit.Single(kind => kind.Name == name), Count))
        {
            PictureReading reading = PictureReader.Read(image, reader);
            if (reading.Prediction?.Digit != file[0] - '0')
            {
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{file} as {reading.Prediction?.Digit}: {reading.Instead}"));
            }
        }

        Assert.True(wrong.Count <= 2, $"{wrong.Count} of {Count}: {string.Join("; ", wrong)}");
    }

    [Theory]
    [MemberData(nameof(OfNone))]
    public void Where_there_is_no_digit_neither_one_nor_a_number_is_read(string name)
    {
        using DigitReader reader = Reader();
        List<string> read = [];
        foreach ((string file, GreyImage image) in Pictures(SceneKinds.OfNone.Single(kind => kind.Name == name), Count))
        {
            PictureReading reading = PictureReader.Read(image, reader);
            if (reading.Found is not null)
            {
                read.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{file} as {reading.Prediction!.Digit}, sure {reading.Found.Sureness:F2}"));
            }
            else
            {
                Assert.NotNull(reading.Instead);
            }

            NumberSearch search = NumberReader.Search(image, reader);
            read.AddRange(search.Lines.Select(line => $"{file} as {line.Text}"));
            Assert.Equal(search.Lines.Count == 0, search.Instead is not null);
        }

        Assert.True(read.Count == 0, string.Join("; ", read));
    }

    /// <summary>Of digit by digit right with 94 in 100, five together are with 73.</summary>
    [Theory]
    [MemberData(nameof(OfNumbers))]
    public void Numbers_are_read_line_by_line(string name)
    {
        using DigitReader reader = Reader();
        int lines = 0;
        int right = 0;
        int digits = 0;
        foreach ((string file, GreyImage image) in Pictures(SceneKinds.OfNumbers.Single(kind => kind.Name == name), count: 6))
        {
            IReadOnlyList<NumberLine> read = NumberReader.Read(image, reader);
            string[] expected = [.. file.Split('_')[0].Chunk(5).Select(line => new string(line))];
            lines += expected.Length;
            right += expected.Zip(read).Count(pair => pair.First == pair.Second.Text);
            digits += expected.Zip(read).Count(pair => pair.First.Length == pair.Second.Digits.Count);
            Assert.All(read.SelectMany(line => line.Digits), digit => Assert.InRange(digit.Confidence, 0, 1));
            Assert.All(read, line => Assert.Equal(
                line.Digits.Select(digit => digit.Found.Left + digit.Found.Width / 2).Order(),
                line.Digits.Select(digit => digit.Found.Left + digit.Found.Width / 2)));
        }

        Assert.True(digits >= 0.7 * lines, $"{digits} of {lines} lines have five digits");
        Assert.True(right >= 0.5 * lines, $"{right} of {lines} lines are right");
    }

    [Theory]
    [InlineData("3_ruled.jpg", "lines removed")]
    [InlineData("8_squared.jpg", "read inside a frame")]
    [InlineData("5_box.png", "read inside a frame")]
    [InlineData("3_fields.png", "read inside a frame")]
    [InlineData("7_shadow.jpg", null)]
    [InlineData("3_desk.jpg", null)]
    [InlineData("3_small.jpg", null)]
    [InlineData("3_exif6.png", null)]
    [InlineData("3.gif", null)]
    [InlineData("3.jfif", null)]
    [InlineData("3_upper.JPG", null)]
    public void What_was_seen_is_said(string name, string? seen)
    {
        FoundDigit digit = DigitFinder.Find(ImageFile.Read(Path.Combine(AppContext.BaseDirectory, "pictures", name)))!;

        Assert.Equal(seen is null ? [] : [seen], digit.Seen);
        Assert.InRange(digit.Sureness, 0.5, 1);
        Assert.True(digit.Height > digit.Width, $"{digit.Width} x {digit.Height}");
    }

    [Theory]
    [InlineData("3.heic", "HEIC", "heif-convert")]
    [InlineData("3.tif", "TIFF", "magick")]
    public void A_format_that_is_not_read_is_named_with_what_converts_it(string name, string format, string remedy)
    {
        ImageException refusal = Assert.Throws<ImageException>(
            () => ImageFile.Read(Path.Combine(AppContext.BaseDirectory, "pictures", name)));

        Assert.Contains($"is a {format} file", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void So_is_AVIF()
    {
        byte[] file = [0, 0, 0, 28, .. "ftypavif"u8, 0, 0, 0, 0, .. "avifmif1miaf"u8];

        ImageException refusal = Assert.Throws<ImageException>(() => ImageFile.Read(new MemoryStream(file), "it"));

        Assert.Contains("it is an AVIF file. Convert it: 'avifdec", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_digit_is_told()
    {
        GreyImage image = Side(Digits(1), Digits(7));

        FoundDigit digit = DigitFinder.Find(image)!;

        Assert.Equal((1, "two candidates"), (digit.Others, Assert.Single(digit.Seen)));
        Assert.InRange(digit.Sureness, 0.2, 0.8);

        static byte[] Digits(int width)
        {
            // A stroke down, and a bar of the given width above it.
            byte[] pixels = new byte[100 * 100];
            for (int y = 20; y < 80; y++)
            {
                for (int x = y < 28 ? 50 - 5 * width : 50; x < 58; x++)
                {
                    pixels[y * 100 + x] = 255;
                }
            }

            return pixels;
        }

        static GreyImage Side(byte[] left, byte[] right) => new(
            200, 100, [.. Enumerable.Range(0, 100).SelectMany(y => left[(100 * y)..(100 * y + 100)].Concat(right[(100 * y)..(100 * y + 100)]))]);
    }

    private static DigitReader Reader()
    {
        DataFolder folder = DataFolder.Resolve(null);
        Assert.SkipWhen(
            MnistDataSet.Missing(folder).Length > 0,
            $"MNIST is not in the data folder; 'trainer data fetch' downloads it, or {DataFolder.Variable} names another.");
        (float[] parameters, var configuration) = TrainedReaders.Trained(DataSets.Mnist);
        return new DigitReader(parameters, configuration.Network, Framing.Mnist);
    }

    private static IEnumerable<(string Name, GreyImage Image)> Pictures(SceneKind kind, int count)
    {
        for (int i = 0; i < count; i++)
        {
            (string name, byte[] file) = GpuConvnet.Scenes.Scene.Draw(kind, s_digits.Value, seed: 2, i);
            yield return (name, ImageFile.Read(new MemoryStream(file), name));
        }
    }
}
