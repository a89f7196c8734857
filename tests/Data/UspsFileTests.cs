using System.Globalization;
using System.Text;
using GpuConvnet.Model;
using GpuConvnet.Trainer;
using GpuConvnet.Trainer.Data;

namespace GpuConvnet.Tests.Data;

public sealed class UspsFileTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [Fact]
    public void ALineIsADigitAndItsPixels()
    {
        string path = Write(Line("5.0000", 0.25), "", Line("0", -1) + " ");

        Examples examples = UspsFile.Read(path, 2);

        Assert.Equal([5, 0], examples.Labels);
        Assert.Equal(0.25f, examples.Pixels[255]);
        Assert.Equal(-1f, examples.Pixels[256]);
    }

    [Fact]
    public void ItReadsPackedAndGivesAsManyAsAreAskedFor()
    {
        byte[] text = Encoding.ASCII.GetBytes(Line("7", 1) + "\n" + Line("8", 1));
        string path = _scratch.Write("zip.train.gz", ScratchFolder.Gzip(text));

        Assert.Equal([7], UspsFile.Read(path, 1).Labels);
    }

    [Fact]
    public void WhatIsNotAskedForMustBeRightToo() => Assert.Contains(
        "line 2", Assert.Throws<BadInputException>(() => UspsFile.Read(Write(Line("7", 1), "torn 0 0"), 1)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("12.0000", "the digit is 12")]
    [InlineData("-1", "the digit is -1")]
    [InlineData("2.5", "the digit is 2.5")]
    [InlineData("NaN", "the digit is NaN")]
    [InlineData("five", "'five' is not a number")]
    public void AWrongDigitIsSaidWithItsLine(string digit, string word) =>
        AssertRefused(word, Line("1", 0), Line(digit, 0));

    [Fact]
    public void AWrongPixelIsSaidWithItsLine()
    {
        AssertRefused("value 256 is 1.5", Line("1", 0), Line("2", 0)[..^1] + "1.5");
        AssertRefused("value 256 is NaN", Line("1", 0), Line("2", 0)[..^1] + "NaN");
        AssertRefused("'0x' is not a number", Line("1", 0), Line("2", 0) + "x");
    }

    [Fact]
    public void AWrongCountIsSaidWithItsLine()
    {
        AssertRefused("258 numbers", Line("1", 0), Line("2", 0) + " 0");
        AssertRefused("256 numbers", Line("1", 0), Line("2", 0)[..^2]);
    }

    [Fact]
    public void TooFewLinesAreRefused() => Assert.Contains(
        "has 1 examples; 2 were asked for",
        Assert.Throws<BadInputException>(() => UspsFile.Read(Write(Line("1", 0)), 2)).Message,
        StringComparison.Ordinal);

    public void Dispose() => _scratch.Dispose();

    private static string Line(string digit, double pixel) => digit + string.Concat(
        Enumerable.Repeat(" " + pixel.ToString(CultureInfo.InvariantCulture), 256));

    private string Write(params string[] lines) =>
        _scratch.Write("zip.train", Encoding.ASCII.GetBytes(string.Join('\n', lines) + "\n"));

    private void AssertRefused(string word, params string[] lines)
    {
        string path = Write(lines);
        string message = Assert.Throws<BadInputException>(() => UspsFile.Read(path, 2)).Message;
        Assert.StartsWith($"{path}, line 2: ", message, StringComparison.Ordinal);
        Assert.Contains(word, message, StringComparison.Ordinal);
    }
}
