using SkiaSharp;

namespace GpuConvnet.Scenes;

/// <summary>All kinds of pictures, with all that varies in them drawn by chance.</summary>
public static class SceneKinds
{
    /// <summary>Pictures of one digit.</summary>
    public static IReadOnlyList<SceneKind> OfOneDigit { get; } =
    [
        new("plain", 1, Plain),
        new("whiteboard", 1, Whiteboard),
        new("chalkboard", 1, Chalkboard),
        new("small", 1, Small),
        new("ruled", 1, (digits, chosen, random) => Lined(digits, chosen, random, isSquared: false)),
        new("squared", 1, (digits, chosen, random) => Lined(digits, chosen, random, isSquared: true)),
        new("box", 1, Box),
        new("fields", 1, Fields),
        new("shadow", 1, Shadow),
        new("desk", 1, Desk),
        new("colour", 1, Colour),
        new("jpeg", 1, Jpeg),
        new("tilted", 1, Tilted),
    ];

    /// <summary>Pictures without a digit.</summary>
    public static IReadOnlyList<SceneKind> OfNone { get; } =
    [
        new("no-plain", 0, Plain),
        new("no-ruled", 0, (digits, chosen, random) => Lined(digits, chosen, random, isSquared: false)),
        new("no-squared", 0, (digits, chosen, random) => Lined(digits, chosen, random, isSquared: true)),
        new("no-box", 0, Box),
        new("no-fields", 0, Fields),
        new("no-shadow", 0, Shadow),
        new("no-desk", 0, Desk),
        new("no-face", 0, Face),
        new("no-text", 0, Text),
    ];

    /// <summary>Pictures of numbers.</summary>
    public static IReadOnlyList<SceneKind> OfNumbers { get; } =
    [
        new("number", 5, (digits, chosen, random) => Row(digits, chosen, random, lines: 1, tight: false)),
        new("number-touching", 5, (digits, chosen, random) => Row(digits, chosen, random, lines: 1, tight: true)),
        new("number-fields", 5, RowOfFields),
        new("number-lines", 15, (digits, chosen, random) => Row(digits, chosen, random, lines: 3, tight: false)),
    ];

    private static byte[] Plain(TestDigits digits, int[] chosen, Random random)
    {
        using Page page = Paper(random, 420, 640);
        page.Tilt(Between(random, -5, 5));
        Write(page, digits, chosen, random, Between(random, 0.25, 0.7), Pen(random));
        page.Light(Uneven(page, random, 0.25));
        page.Photograph(Between(random, 0, 1), Between(random, 0, 5));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(60, 95));
    }

    private static byte[] Whiteboard(TestDigits digits, int[] chosen, Random random)
    {
        using Page page = new(800, 600, Grey(random, 215, 240), random);
        SKColor[] markers = [new(20, 30, 120), new(170, 25, 35), new(20, 110, 50), new(25, 25, 30)];
        Write(page, digits, chosen, random, Between(random, 0.3, 0.7), markers[random.Next(markers.Length)]);

        // The glare of a lamp, and what was wiped off.
        for (int smear = 0; smear < 4; smear++)
        {
            page.Ellipse(
                random.Next(page.Width), random.Next(page.Height), Between(random, 40, 160), Between(random, 10, 40),
                new SKColor(120, 125, 140, (byte)random.Next(8, 25)), 14);
        }

        double x = random.Next(page.Width);
        double y = random.Next(page.Height);
        page.Light((column, row) =>
            0.86 + 0.3 * Math.Exp(-((column - x) * (column - x) + (row - y) * (row - y)) / (2.0 * 160 * 160)));
        page.Photograph(Between(random, 0.3, 1.2), Between(random, 1, 5));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(60, 92));
    }

    private static byte[] Chalkboard(TestDigits digits, int[] chosen, Random random)
    {
        using Page page = new(700, 560, random.Next(2) == 0 ? new SKColor(32, 52, 42) : Grey(random, 15, 45), random);
        for (int smear = 0; smear < 6; smear++)
        {
            page.Ellipse(
                random.Next(page.Width), random.Next(page.Height), Between(random, 60, 200), Between(random, 20, 60),
                new SKColor(200, 205, 200, (byte)random.Next(6, 22)), 20);
        }

        Write(page, digits, chosen, random, Between(random, 0.3, 0.7), Grey(random, 195, 245));
        page.Light(Uneven(page, random, 0.25));
        page.Photograph(Between(random, 0.3, 1.2), Between(random, 1, 6));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(60, 92));
    }

    private static byte[] Small(TestDigits digits, int[] chosen, Random random)
    {
        // 44 pixels of ink: 20 of 28.
        using Page page = new(1100, 1500, Grey(random, 225, 252), random);
        double half = 44 * 0.7;
        foreach (int index in chosen)
        {
            page.Digit(
                digits.Image(index), Between(random, 100, 1000), Between(random, 100, 1400), 2 * half, Pen(random),
                Between(random, -4, 4), Between(random, 0.4, 0.5));
        }

        page.Light(Uneven(page, random, 0.15));
        page.Photograph(Between(random, 0, 0.7), Between(random, 0, 4));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(70, 95));
    }

    private static byte[] Lined(TestDigits digits, int[] chosen, Random random, bool isSquared)
    {
        using Page page = Paper(random, 500, 700);
        page.Tilt(Between(random, -6, 6));
        double apart = page.Height / Between(random, isSquared ? 12 : 7, isSquared ? 26 : 13);
        SKColor colour = Blend(new SKColor(90, 130, 200), new SKColor(60, 70, 110), random.NextDouble());
        double width = Between(random, 1, 2.4);
        for (double y = -2 * page.Height + random.Next((int)apart); y < 3 * page.Height; y += apart)
        {
            page.Line(-page.Width, y, 2 * page.Width, y, colour, width);
        }

        if (isSquared)
        {
            for (double x = -2 * page.Width + random.Next((int)apart); x < 3 * page.Width; x += apart)
            {
                page.Line(x, -page.Height, x, 2 * page.Height, colour, width);
            }
        }
        else if (random.Next(2) == 0)
        {
            double x = page.Width * Between(random, 0.08, 0.2);
            page.Line(x, -page.Height, x, 2 * page.Height, new SKColor(210, 80, 80), width);
        }

        // From one line's room to four.
        double size = Math.Min(apart * Between(random, 1.2, isSquared ? 7 : 4), 0.8 * Math.Min(page.Width, page.Height)) * 1.4;
        foreach (int index in chosen)
        {
            double room = size * 0.6;
            page.Digit(
                digits.Image(index), Between(random, room, page.Width - room), Between(random, room, page.Height - room), size,
                Pen(random), Between(random, -4, 4), Between(random, 0.4, 0.5));
        }

        page.Light(Uneven(page, random, 0.25));
        page.Photograph(Between(random, 0.2, 0.9), Between(random, 0, 4));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(65, 95));
    }

    private static byte[] Box(TestDigits digits, int[] chosen, Random random)
    {
        bool isLight = random.Next(4) == 0;
        int side = random.Next(230, 420);
        SKColor paper = isLight ? Grey(random, 10, 50) : Grey(random, 225, 255);
        SKColor ink = isLight ? Grey(random, 200, 245) : Pen(random);
        using Page page = new(side, (int)(side * Between(random, 0.9, 1.2)), paper, random);
        page.Tilt(Between(random, -4, 4));
        double margin = side * Between(random, 0.04, 0.2);
        double thick = Between(random, 1.5, 5);
        page.Frame(margin, margin, page.Width - margin, page.Height - margin, ink, thick);
        double inner = Math.Min(page.Width, page.Height) - 2 * margin;

        // Some touch the frame.
        Write(page, digits, chosen, random, inner / Math.Min(page.Width, page.Height) * Between(random, 0.6, 1.02), ink, inTheMiddle: true);
        page.Photograph(Between(random, 0, 0.8), Between(random, 0, 4));
        return page.Encode(random.Next(2) == 0 ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, random.Next(60, 95));
    }

    private static byte[] Fields(TestDigits digits, int[] chosen, Random random)
    {
        int fields = random.Next(3, 6);
        double room = Between(random, 90, 140);
        using Page page = new((int)(room * (fields + 0.7)), (int)(room * 1.8), Grey(random, 228, 255), random);
        page.Tilt(Between(random, -3, 3));
        double left = 0.35 * room;
        double top = Between(random, 0.25, 0.5) * room;
        SKColor line = Grey(random, 30, 120);
        double thick = Between(random, 1, 3);
        for (int field = 0; field < fields; field++)
        {
            page.Frame(left + field * room, top, left + (field + 1) * room, top + room, line, thick);
        }

        int own = random.Next(fields);
        foreach (int index in chosen)
        {
            page.Digit(
                digits.Image(index), left + (own + Between(random, 0.45, 0.55)) * room, top + Between(random, 0.45, 0.55) * room,
                room * Between(random, 0.85, 1.25), Pen(random), Between(random, -4, 4), Between(random, 0.4, 0.5));
        }

        page.Photograph(Between(random, 0, 0.9), Between(random, 0, 4));
        return page.Encode(random.Next(2) == 0 ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, random.Next(60, 95));
    }

    private static byte[] Shadow(TestDigits digits, int[] chosen, Random random)
    {
        using Page page = new(600, 800, Grey(random, 215, 245), random);
        Write(page, digits, chosen, random, Between(random, 0.35, 0.7), Pen(random));

        // The edge of somebody's shadow, at any angle, sharp or soft, through the digit or beside it.
        double angle = Between(random, 0, Math.Tau);
        double offset = Between(random, -200, 200);
        double softness = Between(random, 2, 70);
        double dark = Between(random, 0.35, 0.65);
        Func<int, int, double> lamp = Uneven(page, random, 0.3);
        page.Light((x, y) =>
        {
            double depth = ((x - 300) * Math.Cos(angle) + (y - 400) * Math.Sin(angle) - offset) / softness;
            return lamp(x, y) * (1 - dark / (1 + Math.Exp(-depth * 2)));
        });
        page.Photograph(Between(random, 0.2, 1), Between(random, 1, 5));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(65, 92));
    }

    private static byte[] Desk(TestDigits digits, int[] chosen, Random random)
    {
        SKColor desk = random.Next(3) switch
        {
            0 => Grey(random, 35, 80),
            1 => new SKColor((byte)random.Next(120, 160), (byte)random.Next(85, 115), (byte)random.Next(50, 75)),
            _ => new SKColor((byte)random.Next(50, 80), (byte)random.Next(35, 50), (byte)random.Next(25, 40)),
        };
        using Page page = new(1000, 800, desk, random);

        // The grain of wood, along.
        for (int line = 0; line < 160; line++)
        {
            double y = random.Next(-100, 900);
            SKColor grain = Blend(desk, SKColors.Black, Between(random, 0, 0.25));
            page.Line(-100, y, 1100, y + Between(random, -30, 30), grain.WithAlpha(150), Between(random, 1, 4));
        }

        page.Tilt(Between(random, -12, 12));
        double width = Between(random, 420, 700);
        double height = Between(random, 420, 620);
        double left = Between(random, 60, 940 - width);
        double top = Between(random, 60, 740 - height);
        page.Fill(left + 6, top + 8, left + width + 6, top + height + 8, new SKColor(0, 0, 0, 90));
        page.Fill(left, top, left + width, top + height, Grey(random, 215, 245));
        double size = Math.Min(width, height) * Between(random, 0.45, 0.9);
        foreach (int index in chosen)
        {
            double room = size * 0.5;
            page.Digit(
                digits.Image(index), Between(random, left + room, left + width - room), Between(random, top + room, top + height - room),
                size, Pen(random), Between(random, -4, 4), Between(random, 0.4, 0.5));
        }

        page.Light(Uneven(page, random, 0.25));
        page.Photograph(Between(random, 0.3, 1), Between(random, 1, 5));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(65, 92));
    }

    private static byte[] Colour(TestDigits digits, int[] chosen, Random random)
    {
        // Paper and ink of any hue, told apart by at least 70 levels of luma.
        SKColor paper;
        SKColor ink;
        do
        {
            paper = new SKColor((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));
            ink = new SKColor((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));
        }
        while (Math.Abs(Luma(paper) - Luma(ink)) < 70);
        using Page page = new(520, 560, paper, random);
        Write(page, digits, chosen, random, Between(random, 0.3, 0.7), ink);
        page.Light(Uneven(page, random, 0.2));
        page.Photograph(Between(random, 0, 1), Between(random, 0, 5));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(60, 92));
    }

    private static byte[] Jpeg(TestDigits digits, int[] chosen, Random random)
    {
        using Page page = Paper(random, 200, 320);
        Write(page, digits, chosen, random, Between(random, 0.3, 0.7), Pen(random));
        page.Photograph(Between(random, 0, 0.8), Between(random, 0, 8));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(5, 16));
    }

    private static byte[] Tilted(TestDigits digits, int[] chosen, Random random)
    {
        using Page page = Paper(random, 420, 640);
        page.Tilt(Between(random, -25, 25));
        Write(page, digits, chosen, random, Between(random, 0.3, 0.6), Pen(random));
        page.Light(Uneven(page, random, 0.2));
        page.Photograph(Between(random, 0, 0.8), Between(random, 0, 4));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(60, 92));
    }

    private static byte[] Face(TestDigits digits, int[] chosen, Random random)
    {
        using Page page = new(520, 640, Blend(new SKColor(150, 160, 175), new SKColor(225, 220, 205), random.NextDouble()), random);
        SKColor skin = Blend(new SKColor(236, 200, 175), new SKColor(120, 80, 60), random.NextDouble());
        SKColor hair = Blend(new SKColor(35, 25, 20), new SKColor(150, 110, 60), random.NextDouble());
        SKColor shade = Blend(skin, SKColors.Black, 0.3);
        double x = 260 + Between(random, -30, 30);
        double y = 300 + Between(random, -30, 30);
        page.Ellipse(x, y + 330, 230, 150, Blend(new SKColor(40, 60, 110), new SKColor(160, 40, 50), random.NextDouble()), 4);
        page.Ellipse(x, y - 40, 150, 185, hair, 4);
        page.Fill(x - 45, y + 100, x + 45, y + 200, shade);
        page.Ellipse(x, y, 118, 155, skin, 3);
        page.Ellipse(x, y - 130, 112, Between(random, 45, 70), hair, 6);
        foreach (int side in new[] { -1, 1 })
        {
            page.Ellipse(x + side * 48, y - 20, 24, 11, SKColors.White, 1);
            page.Ellipse(x + side * 48, y - 20, 10, 11, new SKColor(50, 40, 35), 1);
            page.Ellipse(x + side * 48, y - 48, 30, 5, hair, 2);
            page.Ellipse(x + side * 75, y + 45, 26, 20, shade.WithAlpha(50), 12);
        }

        page.Ellipse(x + 8, y + 20, 10, 32, shade.WithAlpha(120), 7);
        page.Ellipse(x, y + 48, 22, 6, shade, 3);
        page.Ellipse(x, y + 88, 42, 9, new SKColor(165, 75, 75), 2);
        page.Ellipse(x, y + 88, 40, 2, new SKColor(90, 35, 35), 1);
        page.Light(Uneven(page, random, 0.4));
        page.Photograph(Between(random, 0.5, 1.5), Between(random, 1, 5));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(60, 92));
    }

    private static byte[] Text(TestDigits digits, int[] chosen, Random random)
    {
        const string Words = "handwritten zip code recognition by a network that was trained with back propagation on real "
            + "digits taken from the mail of one post office in the year nineteen hundred and eighty nine and read since";
        string[] words = Words.Split(' ');
        using Page page = Paper(random, 600, 900);
        page.Tilt(Between(random, -3, 3));
        double size = Between(random, 12, 40);
        for (double y = 2 * size; y < page.Height - size; y += 1.5 * size)
        {
            string line = string.Join(' ', Enumerable.Range(0, 12).Select(_ => words[random.Next(words.Length)]));
            page.Print(line[..Math.Min(line.Length, (int)((page.Width - 3 * size) / (0.55 * size)))], 1.5 * size, y, size, Grey(random, 10, 60));
        }

        page.Light(Uneven(page, random, 0.25));
        page.Photograph(Between(random, 0, 0.8), Between(random, 0, 4));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(60, 92));
    }

    private static byte[] Row(TestDigits digits, int[] chosen, Random random, int lines, bool tight)
    {
        int count = chosen.Length / lines;
        double size = Between(random, 80, 130);
        using Page page = new((int)(size * (0.75 * count + 1.2)), (int)(size * (1.2 * lines + 0.8)), Grey(random, 220, 250), random);
        page.Tilt(Between(random, -3, 3));
        SKColor ink = Pen(random);
        for (int line = 0; line < lines; line++)
        {
            double x = size * Between(random, 0.7, 0.9);
            double y = size * (0.9 + 1.2 * line);
            for (int i = 0; i < count; i++)
            {
                int index = chosen[line * count + i];
                (double left, double right) = Extent(digits.Image(index));
                double scale = size / TestDigits.Side;

                // The gap between two digits' ink, in parts of a digit's height: in tight rows it is often none.
                double gap = size * 20 / 28 * (tight ? Between(random, -0.04, 0.08) : Between(random, 0.1, 0.4));
                x += gap;
                page.Digit(
                    digits.Image(index), x + (TestDigits.Side / 2.0 - left) * scale, y + size * Between(random, -0.06, 0.06),
                    size * Between(random, 0.92, 1.08), ink, Between(random, -4, 4), Between(random, 0.4, 0.5));
                x += (right - left) * scale;
            }
        }

        page.Light(Uneven(page, random, 0.2));
        page.Photograph(Between(random, 0, 0.8), Between(random, 0, 4));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(65, 95));
    }

    private static byte[] RowOfFields(TestDigits digits, int[] chosen, Random random)
    {
        double room = Between(random, 70, 110);
        using Page page = new((int)(room * (chosen.Length + 0.8)), (int)(room * 1.9), Grey(random, 225, 252), random);
        page.Tilt(Between(random, -2, 2));
        SKColor line = Grey(random, 60, 140);
        double thick = Between(random, 1, 2.5);
        SKColor ink = Pen(random);
        for (int i = 0; i < chosen.Length; i++)
        {
            double left = (0.4 + i) * room;
            page.Frame(left, 0.4 * room, left + room, 1.4 * room, line, thick);
            page.Digit(
                digits.Image(chosen[i]), left + Between(random, 0.45, 0.55) * room, Between(random, 0.85, 0.95) * room,
                room * Between(random, 0.8, 1.1), ink, Between(random, -4, 4), Between(random, 0.4, 0.5));
        }

        page.Photograph(Between(random, 0, 0.8), Between(random, 0, 4));
        return page.Encode(SKEncodedImageFormat.Jpeg, random.Next(65, 95));
    }

    /// <summary>The digits' first column with ink, and the one after the last.</summary>
    private static (double Left, double Right) Extent(ReadOnlySpan<byte> pixels)
    {
        int left = TestDigits.Side;
        int right = 0;
        for (int i = 0; i < pixels.Length; i++)
        {
            if (pixels[i] > 100)
            {
                left = Math.Min(left, i % TestDigits.Side);
                right = Math.Max(right, i % TestDigits.Side + 1);
            }
        }

        return (left, right);
    }

    /// <summary>The chosen digits, somewhere on the page, as high as a part of its shorter side.</summary>
    private static void Write(
        Page page, TestDigits digits, int[] chosen, Random random, double part, SKColor ink, bool inTheMiddle = false)
    {
        double size = part * Math.Min(page.Width, page.Height) * TestDigits.Side / 20;
        double room = part * Math.Min(page.Width, page.Height) * 0.55;
        foreach (int index in chosen)
        {
            page.Digit(
                digits.Image(index),
                inTheMiddle ? page.Width / 2.0 : Between(random, room, page.Width - room),
                inTheMiddle ? page.Height / 2.0 : Between(random, room, page.Height - room),
                size, ink, Between(random, -4, 4), Between(random, 0.4, 0.5));
        }
    }

    private static Page Paper(Random random, int least, int most) =>
        new(random.Next(least, most), random.Next(least, most), Grey(random, 215, 252), random);

    /// <summary>A lamp from one side, and the lens's darker corners.</summary>
    private static Func<int, int, double> Uneven(Page page, Random random, double most)
    {
        double angle = Between(random, 0, Math.Tau);
        double slope = Between(random, 0, most);
        double corners = Between(random, 0, most / 2);
        (double across, double down) = (page.Width / 2.0, page.Height / 2.0);
        return (x, y) =>
        {
            (double right, double below) = ((x - across) / across, (y - down) / down);
            return 1 - slope * (0.5 + 0.35 * (right * Math.Cos(angle) + below * Math.Sin(angle)))
                - corners * (right * right + below * below) / 2;
        };
    }

    private static SKColor Pen(Random random) => random.Next(4) switch
    {
        0 => new SKColor((byte)random.Next(10, 40), (byte)random.Next(20, 50), (byte)random.Next(90, 150)),
        1 => Grey(random, 70, 105),
        _ => Grey(random, 10, 60),
    };

    private static SKColor Grey(Random random, int least, int most)
    {
        byte level = (byte)random.Next(least, most);
        return new SKColor(level, level, level);
    }

    private static SKColor Blend(SKColor a, SKColor b, double share) => new(
        (byte)(a.Red + (b.Red - a.Red) * share), (byte)(a.Green + (b.Green - a.Green) * share),
        (byte)(a.Blue + (b.Blue - a.Blue) * share));

    private static double Luma(SKColor colour) => 0.299 * colour.Red + 0.587 * colour.Green + 0.114 * colour.Blue;

    private static double Between(Random random, double least, double most) => least + (most - least) * random.NextDouble();
}
