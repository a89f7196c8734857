using System.Globalization;
using System.Text;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Data;

public sealed class UspsFileTests : IDisposable
{
    private static readonly string s_pixels = string.Join(' ', Enumerable.Range(0, 256).Select(PixelText));

    private readonly ScratchFolder _scratch = new();

    [Theory]
    [InlineData("zip.train")]
    [InlineData("zip.train.gz")]
    public void PlainAndCompressedFilesReadAlike(string name)
    {
        // As the real files are: the digit as a float, and a space before the end of the line.
        Examples examples = Read($"6.0000 {s_pixels} \n0.0000 {s_pixels} \n", 2, name);

        Assert.Equal([6, 0], examples.Labels);
        float[] expected = [.. Enumerable.Range(0, 256).Select(i => float.Parse(PixelText(i), CultureInfo.InvariantCulture))];
        Assert.Equal(expected, examples.Image(0).ToArray());
        Assert.Equal(expected, examples.Image(1).ToArray());
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\n\n")]
    public void LinesEndAsOnAnySystem(string ending)
    {
        Examples examples = Read($"1 {s_pixels}{ending}2 {s_pixels}{ending}3 {s_pixels}", 3);

        Assert.Equal([1, 2, 3], examples.Labels);
    }

    [Fact]
    public void SpacesMayBeManyAndTabs()
    {
        Assert.Equal([7], Read($"  7\t{s_pixels.Replace(" ", " \t ", StringComparison.Ordinal)}\t\n", 1).Labels);
    }

    [Fact]
    public void TheFirstExamplesMayBeAskedFor()
    {
        Assert.Equal([4, 5], Read($"4 {s_pixels}\n5 {s_pixels}\n6 {s_pixels}\n", 2).Labels);
        Assert.Equal(0, Read("", 0).Count);
    }

    [Fact]
    public void ADecimalCommaInTheUsersCultureChangesNothing()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            comma.NumberFormat.NumberGroupSeparator = ".";
            CultureInfo.CurrentCulture = comma;

            Assert.Equal(-0.5f, Read($"4 -0.5{s_pixels[s_pixels.IndexOf(' ', StringComparison.Ordinal)..]}\n", 1).Pixels[0]);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(255)]
    [InlineData(257)]
    [InlineData(1)]
    [InlineData(0)]
    public void ALineWithAWrongCountIsRefused(int pixels)
    {
        AssertThirdLineRefused($"5{string.Concat(Enumerable.Repeat(" 0.5", pixels))}", $"{pixels + 1} numbers");
    }

    [Theory]
    [InlineData("0.1x")]
    [InlineData("-")]
    [InlineData("0,5")]
    [InlineData("0x1")]
    public void AWordThatIsNoNumberIsRefused(string word)
    {
        AssertThirdLineRefused($"5 {word} {s_pixels}", $"'{word}' is not a number");
        AssertThirdLineRefused($"{word} {s_pixels}", $"'{word}' is not a number");
    }

    [Theory]
    [InlineData("12")]
    [InlineData("10")]
    [InlineData("-1")]
    [InlineData("3.5")]
    [InlineData("NaN")]
    public void ADigitThatIsNoneIsRefused(string digit)
    {
        AssertThirdLineRefused($"{digit} {s_pixels}", $"the digit is {digit}");
    }

    [Theory]
    [InlineData("1.001")]
    [InlineData("-1.5")]
    [InlineData("255")]
    [InlineData("NaN")]
    [InlineData("-Infinity")]
    public void APixelOutsideTheRangeIsRefused(string pixel)
    {
        AssertThirdLineRefused($"5 0.25 {pixel}{string.Concat(Enumerable.Repeat(" -1", 254))}", $"value 2 is {pixel}");
    }

    [Fact]
    public void AByteOrderMarkIsPassedOver()
    {
        Assert.Equal([7], Read($"\ufeff7 {s_pixels}\n", 1).Labels);
    }

    [Theory]
    [InlineData(0.5, 0.5, "0 to 1, ink is 1")]
    [InlineData(127.5, 127.5, "0 to 255, ink is 255")]
    [InlineData(0.5, -0.5, "0 to 1, paper is 1")]
    [InlineData(127.5, -127.5, "0 to 255, paper is 255")]
    [InlineData(0, -1, "-1 to 1, paper is 1")]
    public void PixelsOfAnotherRangeOrTurnedRoundAreConvertedAndThatIsSaid(double offset, double factor, string what)
    {
        double[] pixels = [.. Enumerable.Range(0, 256).Select(pixel => IsEdge(pixel) ? -1.0 : (pixel - 128) / 128.0)];
        pixels[40] = 1;
        string path = _scratch.Write("zip.train", Encoding.UTF8.GetBytes("3 " + string.Join(
            ' ', pixels.Select(pixel => (offset + factor * pixel).ToString("0.#####", CultureInfo.InvariantCulture))) + "\n"));
        List<string> said = [];

        Examples examples = UspsFile.Read(path, 1, said.Add);

        Assert.All(pixels.Zip(examples.Pixels), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.StartsWith($"note: {path}: its pixels are {what}: ", Assert.Single(said), StringComparison.Ordinal);

        static bool IsEdge(int pixel) => pixel / 16 is 0 or 15 || pixel % 16 is 0 or 15;
    }

    [Theory]
    [InlineData(0.0, 0.5, "-0.5 to 0.5, ink is 0.5")]
    [InlineData(0.0, -0.5, "-0.5 to 0.5, paper is 0.5")]
    public void HalvedPixelsAreConvertedAndThatIsSaid(double offset, double factor, string what)
    {
        string path = WriteMany(pixel => offset + factor * pixel);
        List<string> said = [];

        Examples examples = UspsFile.Read(path, 30, said.Add);

        Assert.Equal(-1, examples.Pixels.Min(), 1e-4f);
        Assert.Equal(1, examples.Pixels.Max(), 1e-4f);
        Assert.Equal(-1, examples.Pixels[0], 1e-4f);
        Assert.Contains(what, Assert.Single(said), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.25, 0.75, "its images lie on grey")]
    [InlineData(0.1, 0.5, "which is no range that is known")]
    public void PixelsOnGreyPaperOrOfAnOddRangeAreRefused(double offset, double factor, string what)
    {
        string path = WriteMany(pixel => pixel == -1 && offset == 0.25 ? 0.4 : offset + factor * pixel);

        string message = Assert.Throws<BadInputException>(() => UspsFile.Read(path, 30)).Message;

        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(' ')]
    [InlineData(';')]
    [InlineData('\t')]
    public void DecimalCommasAreNamed(char between)
    {
        string line = $"5{between}{s_pixels.Replace('.', ',').Replace(' ', between)}";

        Assert.Contains("line 1: its numbers have decimal commas", Refusal($"{line}\n", 1), StringComparison.Ordinal);
    }

    [Fact]
    public void TheRangeIsThatOfTheWholeFileAndNotOfTheDigitsThatAreAskedFor()
    {
        string paper = string.Join(' ', Enumerable.Repeat("0", 256));
        string ink = string.Join(' ', Enumerable.Repeat("0", 255)) + " 255";

        Assert.All(Read($"3 {paper}\n4 {ink}\n", 1).Pixels, pixel => Assert.Equal(-1, pixel));
    }

    [Theory]
    [InlineData("16")]
    [InlineData("256")]
    public void PixelsOfNoKnownRangeAreRefused(string most)
    {
        string zeros = string.Join(' ', Enumerable.Repeat("0", 255));

        AssertThirdLineRefused($"5 {zeros} {most}", $"value 256 is {most}", first: $"{zeros} 0");
    }

    [Fact]
    public void CommasAndLibsvmsPairsAreNamedForWhatTheyAre()
    {
        string pairs = string.Join(' ', Enumerable.Range(1, 256).Select(index => $"{index}:-1"));

        Assert.Contains("line 1: its numbers are parted by commas", Refusal($"5,{s_pixels.Replace(' ', ',')}\n", 1), StringComparison.Ordinal);
        Assert.Contains("line 1: it has 'index:value', as LIBSVM's", Refusal($"6 {pairs}\n", 1), StringComparison.Ordinal);
        Assert.Contains("docs/data.md", Refusal($"6 {pairs}\n", 1), StringComparison.Ordinal);
    }

    [Fact]
    public void AWebPageInItsPlaceIsNamed()
    {
        Assert.Contains("is a web page", Refusal("<html><body>Not found</body></html>", 1), StringComparison.Ordinal);
    }

    [Fact]
    public void BlankLinesAreCountedForTheMessage()
    {
        Assert.Contains(", line 4: ", Refusal($"5 {s_pixels}\n\n\nx {s_pixels}\n", 2), StringComparison.Ordinal);
    }

    [Fact]
    public void AFileWithoutALineBreakIsRefusedWithAShortMessage()
    {
        string message = Refusal(new string('7', 1 << 20) + "x", 1);

        Assert.InRange(message.Length, 1, 500);
    }

    [Fact]
    public void TooFewExamplesAreRefused()
    {
        string message = Refusal($"4 {s_pixels}\n5 {s_pixels}\n", 3);

        Assert.Contains("2 examples", message, StringComparison.Ordinal);
        Assert.Contains("0 examples", Refusal("", 1), StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingFileIsRefused()
    {
        string path = _scratch.In("zip.test");

        string message = Assert.Throws<BadInputException>(() => UspsFile.Read(path, 1)).Message;

        Assert.Contains(path, message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATruncatedCompressedFileIsRefused()
    {
        byte[] packed = ScratchFolder.Pack(Encoding.ASCII.GetBytes($"4 {s_pixels}\n"));
        string path = _scratch.In("zip.train.gz");
        File.WriteAllBytes(path, packed[..(packed.Length / 2)]);

        string message = Assert.Throws<BadInputException>(() => UspsFile.Read(path, 1)).Message;

        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains("gzip", message, StringComparison.Ordinal);

        // Which brings MNIST and nothing else.
        Assert.DoesNotContain("data fetch", message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheRealFilesHoldTheArticlesCounts()
    {
        DataFolder folder = DataFolder.Resolve(null);
        string? train = DataFolder.Find(folder.Usps, "zip.train");
        string? test = DataFolder.Find(folder.Usps, "zip.test");
        Assert.SkipWhen(
            train is null || test is null,
            $"zip.train and zip.test are not in the data folder; {DataFolder.Variable} names another.");

        Examples trained = UspsFile.Read(train!, UspsFile.TrainCount);
        Examples tested = UspsFile.Read(test!, UspsFile.TestCount);

        // The table in the files' own description, digit by digit.
        Assert.Equal([1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644], DigitCounts(trained));
        Assert.Equal([359, 264, 198, 166, 200, 160, 170, 147, 166, 177], DigitCounts(tested));
    }

    public void Dispose() => _scratch.Dispose();

    private static IEnumerable<int> DigitCounts(Examples examples) =>
        Enumerable.Range(0, Shape1989.Outputs).Select(digit => examples.Labels.Count(label => label == digit));

    /// <summary>Thirty digits: ink, a ramp to it, on paper; what becomes of -1 (paper) to 1 (ink).</summary>
    private string WriteMany(Func<double, double> convert)
    {
        double[] pixels = [.. Enumerable.Range(0, 256)
            .Select(pixel => pixel / 16 is < 3 or > 12 || pixel % 16 is < 3 or > 12 ? -1.0 : Math.Min(1, (pixel - 51) / 100.0))];
        string line = "3 " + string.Join(' ', pixels.Select(pixel => convert(pixel).ToString("0.#####", CultureInfo.InvariantCulture)));
        return _scratch.Write("zip.train", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(line + "\n", 30))));
    }

    private static string PixelText(int pixel) => ((pixel - 128) / 128.0).ToString("0.000", CultureInfo.InvariantCulture);

    private Examples Read(string text, int count, string name = "zip.train") =>
        UspsFile.Read(_scratch.Write(name, Encoding.UTF8.GetBytes(text)), count);

    private string Refusal(string text, int count)
    {
        string message = Assert.Throws<BadInputException>(() => Read(text, count)).Message;
        Assert.Contains(_scratch.In("zip.train"), message, StringComparison.Ordinal);
        return message;
    }

    private void AssertThirdLineRefused(string line, string why, string? first = null)
    {
        string pixels = first ?? s_pixels;
        string message = Refusal($"4 {pixels}\n5 {pixels}\n{line}\n6 {pixels}\n", 4);
        Assert.Contains(", line 3: ", message, StringComparison.Ordinal);
        Assert.Contains(why, message, StringComparison.Ordinal);
    }
}
