using System.Text;

namespace GpuConvnet.Tests.Streams;

/// <summary>What others wrote gives a terminal no orders, and stays readable.</summary>
public sealed class DisplayTextTests
{
    [Theory]
    [InlineData("a plain name, ünïcode, 数字 and 🙂", "a plain name, ünïcode, 数字 and 🙂")]
    [InlineData("two\nlines\tand a tab\r\n", "two\nlines\tand a tab\r\n")]
    [InlineData("\u001b]0;title\u0007", "\\u001b]0;title\\u0007")]
    [InlineData("\u009b31m red", "\\u009b31m red")]
    [InlineData("over\rwritten", "over\\u000dwritten")]
    [InlineData("gp\u202ej.exe", "gp\\u202ej.exe")]
    [InlineData("\u2066a\u2069\u200f", "\\u2066a\\u2069\\u200f")]
    [InlineData("a\0b\u007f", "a\\u0000b\\u007f")]
    public void Only_lines_and_tabs_are_left_of_what_a_terminal_obeys(string text, string expected) =>
        Assert.Equal(expected, DisplayText.Of(text));

    [Fact]
    public void A_name_that_no_file_can_have_is_cut_in_a_message_and_others_are_not()
    {
        string longest = new('a', DisplayText.LongestName);
        string tooLong = new('ü', 200);
        string message = $"/tmp/{longest}/{tooLong}/b is missing. Name another: '{tooLong}'.";

        string shown = DisplayText.WithShortNames(message);

        Assert.Equal(
            $"/tmp/{longest}/{tooLong[..60]}... (200 characters)/b is missing. Name another: '{tooLong[..60]}... (200 characters)'.", shown);
    }

    [Theory]
    [InlineData("my base", "my-base")]
    [InlineData("../../etc/passwd", "etc-passwd")]
    [InlineData("\u001b]0;x\u0007y", "]0;x-y")]
    [InlineData("--force", "force")]
    [InlineData("\u202e", "run")]
    [InlineData("..", "run")]
    public void A_file_is_called_after_a_text_without_what_names_cannot_have(string text, string expected) =>
        Assert.Equal(expected, DisplayText.FileName(text, "run"));

    [Fact]
    public void A_files_name_is_never_too_long()
    {
        string name = DisplayText.FileName(string.Concat(Enumerable.Repeat("🙂", 300)), "run");

        Assert.InRange(Encoding.UTF8.GetByteCount(name), 100, DisplayText.LongestName);
        Assert.DoesNotContain('\ufffd', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)));
    }
}
