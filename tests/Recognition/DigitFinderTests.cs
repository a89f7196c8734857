using GpuConvnet.Model;
using GpuConvnet.Recognition;
using GpuConvnet.Recognition.Finding;
using GpuConvnet.Recognition.Images;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Recognition;

/// <summary>Which marks are the digit, and where they come in the frame.</summary>
public sealed class DigitFinderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_box_of_20_pixels_stays_as_it_is(bool inverted)
    {
        byte[] pixels = Drawing(28, 28, (4, 10, 20, 3), (6, 4, 12, 3));
        GreyImage image = new(28, 28, inverted ? [.. pixels.Select(level => (byte)(255 - level))] : pixels);

        float[] framed = DigitFrame.Of(DigitFinder.Find(image)!, Framing.Mnist);

        // What the article makes of the same 28x28 pixels with the centre of mass in the middle.
        double mass = pixels.Sum(level => (double)level);
        int down = (int)Math.Round(14 - pixels.Select((level, i) => (double)level * (i / 28)).Sum() / mass);
        int across = (int)Math.Round(14 - pixels.Select((level, i) => (double)level * (i % 28)).Sum() / mass);
        byte[] centred = Drawing(28, 28, (4 + down, 10 + across, 20, 3), (6 + down, 4 + across, 12, 3));
        Assert.Equal(MnistReduction.Reduce(centred, [0], [0]).Pixels, framed);
    }

    [Fact]
    public void Usps_digits_fill_the_frame()
    {
        FoundDigit digit = DigitFinder.Find(new GreyImage(60, 60, Drawing(60, 60, (10, 20, 32, 6))))!;

        float[] framed = DigitFrame.Of(digit, Framing.Usps);

        Assert.Equal((20, 10, 6, 32, 0), (digit.Left, digit.Top, digit.Width, digit.Height, digit.Others));
        for (int y = 0; y < Shape1989.InputSize; y++)
        {
            Assert.InRange(framed[y * 16 + 7], 0.5f, 1f);
            Assert.Equal(-1, framed[y * 16]);
            Assert.Equal(-1, framed[y * 16 + 15]);
        }
    }

    [Fact]
    public void Specks_and_the_edge_are_left_out_a_near_bar_is_not_and_another_digit_is_counted()
    {
        byte[] pixels = Drawing(
            200, 120, (40, 30, 40, 6), (38, 38, 5, 16), (10, 150, 2, 2), (0, 0, 120, 12), (40, 120, 40, 6));

        FoundDigit digit = DigitFinder.Find(new GreyImage(200, 120, pixels))!;

        Assert.Equal((30, 38, 24, 42, 1), (digit.Left, digit.Top, digit.Width, digit.Height, digit.Others));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 200)]
    [InlineData(50, 50)]
    public void On_plain_paper_there_is_none(int width, int height)
    {
        byte[] paper = new byte[width * height];
        Array.Fill(paper, (byte)200);

        Assert.Null(DigitFinder.Find(new GreyImage(width, height, paper)));
    }

    [Fact]
    public void A_bold_0_that_fills_its_picture_is_ink_and_not_paper()
    {
        byte[] pixels = Drawing(28, 28, (4, 2, 20, 24));
        for (int y = 10; y < 18; y++)
        {
            pixels.AsSpan(y * 28 + 9, 10).Clear();
        }

        FoundDigit digit = DigitFinder.Find(new GreyImage(28, 28, pixels))!;

        Assert.Equal((2, 4, 24, 20), (digit.Left, digit.Top, digit.Width, digit.Height));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void On_a_sheet_that_lies_askew_on_a_desk_the_digit_is_found_and_not_the_sheet(int degrees)
    {
        const int Side = 400;
        (double sine, double cosine) = Math.SinCos(degrees * Math.PI / 180);
        byte[] pixels = new byte[Side * Side];
        for (int i = 0; i < pixels.Length; i++)
        {
            // From the middle, along the sheet: 240 x 260 pixels of paper, and a 7 of strokes of 14 on it.
            (double x, double y) = (i % Side - 200, i / Side - 200);
            (double across, double down) = (x * cosine + y * sine, y * cosine - x * sine);
            bool isPaper = Math.Abs(across) < 120 && Math.Abs(down) < 130;
            bool isInk = (down is > -60 and < -46 && Math.Abs(across) < 40) || (across is > 26 and < 40 && Math.Abs(down) < 60);
            pixels[i] = (byte)(isInk ? 50 : isPaper ? 230 : 70 + i / Side % 9);
        }

        FoundDigit digit = DigitFinder.Find(new GreyImage(Side, Side, pixels))!;

        Assert.InRange(digit.Left, 150, 172);
        Assert.InRange(digit.Top, 130, 145);
        Assert.InRange(digit.Height, 112, 132);
        Assert.InRange(digit.Width, 72, 100);
        Assert.InRange(digit.Sureness, 0.9, 1);
        Assert.Empty(digit.Seen);
    }

    /// <summary>White rectangles on black: the first row and column, rows and columns.</summary>
    private static byte[] Drawing(int width, int height, params (int Top, int Left, int Rows, int Columns)[] rectangles)
    {
        byte[] pixels = new byte[width * height];
        foreach ((int top, int left, int rows, int columns) in rectangles)
        {
            for (int y = top; y < top + rows; y++)
            {
                pixels.AsSpan(y * width + left, columns).Fill(255);
            }
        }

        return pixels;
    }
}
