using SkiaSharp;

namespace GpuConvnet.Tests.Recognition;

/// <summary>A picture of a digit as people take them: on paper, in a light, with a camera, in a file.</summary>
internal sealed record Scene
{
    private static readonly float[] s_normal = Normal();

    /// <summary>The side of the square that the digit's image becomes, in pixels.</summary>
    public int Size { get; init; } = 28;

    /// <summary>The picture's columns; 0: as many as the digit's square has.</summary>
    public int Width { get; init; }

    /// <summary>The picture's rows; 0: as many as the digit's square has.</summary>
    public int Height { get; init; }

    /// <summary>The shade of the paper.</summary>
    public double Paper { get; init; } = 255;

    /// <summary>The shade of the ink.</summary>
    public double Ink { get; init; }

    /// <summary>How much darker the light makes the far corner, from 0, an even light, to 1, none at all.</summary>
    public double Shadow { get; init; }

    /// <summary>The standard deviation of the grain.</summary>
    public double Grain { get; init; }

    /// <summary>How many specks of dirt there are.</summary>
    public int Specks { get; init; }

    /// <summary>How wide the black edge of the scan is.</summary>
    public int Edge { get; init; }

    /// <summary>Where, between paper and ink, a stroke's edge is: less than a half makes strokes thicker, more thinner.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>How sharp a stroke's edge is; 0: as soft as enlarging leaves it, at any threshold.</summary>
    public double Sharpness { get; init; }

    /// <summary>Whether the paper is transparent.</summary>
    public bool IsTransparent { get; init; }

    /// <summary>How the camera was held, by EXIF: 1 to 8.</summary>
    public int Orientation { get; init; } = 1;

    public SKEncodedImageFormat Format { get; init; } = SKEncodedImageFormat.Png;

    public int Quality { get; init; } = 90;

    /// <summary>The picture's file.</summary>
    /// <param name="digit">(side, side), 0 paper to 1 ink.</param>
    /// <param name="random">Where the digit is, the grain and the specks.</param>
    public byte[] Picture(float[] digit, Random random)
    {
        int width = Width == 0 ? Size : Width;
        int height = Height == 0 ? Size : Height;
        int left = random.Next(width - Size + 1);
        int top = random.Next(height - Size + 1);
        float[] ink = new float[width * height];
        float[] large = Enlarge(digit, Size);
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                float level = large[y * Size + x];
                ink[(top + y) * width + left + x] =
                    Sharpness > 0 ? (float)Math.Clamp((level - Threshold) * Sharpness + 0.5, 0, 1) : level;
            }
        }

        for (int speck = 0; speck < Specks; speck++)
        {
            int side = 1 + random.Next(Math.Max(1, Size / 60));
            (int row, int column) = (random.Next(height - side), random.Next(width - side));
            for (int pixel = 0; pixel < side * side; pixel++)
            {
                ink[(row + pixel / side) * width + column + pixel % side] = 1;
            }
        }

        uint[] colours = new uint[ink.Length];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double level = ink[y * width + x];
                double light = 1 - Shadow * (x + y) / (width + height);
                double shade = (Paper + (Ink - Paper) * (IsTransparent ? 1 : level)) * light;
                if (Edge > 0 && (x < Edge || y < Edge / 2 || x >= width - Edge / 3))
                {
                    shade = 10;
                }

                if (Grain > 0)
                {
                    shade += Grain * s_normal[random.Next(s_normal.Length)];
                }

                uint grey = (uint)Math.Clamp(shade + 0.5, 0, 255);
                uint alpha = IsTransparent ? (uint)(level * 255 + 0.5) : 255;
                colours[y * width + x] = grey | grey << 8 | grey << 16 | alpha << 24;
            }
        }

        (uint[] stored, int storedWidth, int storedHeight) = Hold(colours, width, height, Orientation);
        byte[] file = Encode(stored, storedWidth, storedHeight, Format, Quality, IsTransparent);
        return Orientation == 1 ? file : WithOrientation(file, Orientation);
    }

    /// <summary>A file of colours, alpha in the highest byte, red in the lowest.</summary>
    public static byte[] Encode(uint[] colours, int width, int height, SKEncodedImageFormat format, int quality, bool hasAlpha)
    {
        if (format == SKEncodedImageFormat.Bmp)
        {
            return Bmp(colours, width, height);
        }

        SKImageInfo info = new(width, height, SKColorType.Rgba8888, hasAlpha ? SKAlphaType.Unpremul : SKAlphaType.Opaque);
        using SKBitmap bitmap = new(info);
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(colours.AsSpan()).CopyTo(bitmap.GetPixelSpan());
        using SKData data = bitmap.Encode(format, quality);
        return data.ToArray();
    }

    /// <summary>Skia reads BMP, but writes none: 24 bits a pixel, the lowest row first.</summary>
    private static byte[] Bmp(uint[] colours, int width, int height)
    {
        int stride = (3 * width + 3) / 4 * 4;
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write("BM"u8);
        writer.Write(54 + stride * height);
        writer.Write(0);
        writer.Write(54);
        writer.Write(40);
        writer.Write(width);
        writer.Write(height);
        writer.Write((short)1);
        writer.Write((short)24);
        writer.Write(0);
        writer.Write(stride * height);
        writer.Write(2835);
        writer.Write(2835);
        writer.Write(0);
        writer.Write(0);
        for (int y = height - 1; y >= 0; y--)
        {
            for (int x = 0; x < width; x++)
            {
                uint colour = colours[y * width + x];
                writer.Write((byte)(colour >> 16));
                writer.Write((byte)(colour >> 8));
                writer.Write((byte)colour);
            }

            writer.Write(new byte[stride - 3 * width]);
        }

        return stream.ToArray();
    }

    /// <summary>Normal deviates to choose from (Box and Muller, 1958).</summary>
    private static float[] Normal()
    {
        Random random = new(11);
        return
        [
            .. Enumerable.Range(0, 1 << 14).Select(_ => (float)(
                Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()))),
        ];
    }

    private static float[] Enlarge(float[] digit, int size)
    {
        int side = (int)Math.Sqrt(digit.Length);
        if (side == size)
        {
            return digit;
        }

        using SKBitmap small = new(new SKImageInfo(side, side, SKColorType.Gray8, SKAlphaType.Opaque));
        for (int i = 0; i < digit.Length; i++)
        {
            small.GetPixelSpan()[i / side * small.RowBytes + i % side] = (byte)(digit[i] * 255 + 0.5f);
        }

        using SKBitmap large = small.Resize(
            new SKImageInfo(size, size, SKColorType.Gray8, SKAlphaType.Opaque), new SKSamplingOptions(SKCubicResampler.Mitchell));
        float[] enlarged = new float[size * size];
        for (int i = 0; i < enlarged.Length; i++)
        {
            enlarged[i] = large.GetPixelSpan()[i / size * large.RowBytes + i % size] / 255f;
        }

        return enlarged;
    }

    /// <summary>What the sensor of a camera held like that records: the EXIF orientation, taken back.</summary>
    private static (uint[] Colours, int Width, int Height) Hold(uint[] seen, int width, int height, int orientation)
    {
        bool isTurned = orientation >= 5;
        (int storedWidth, int storedHeight) = isTurned ? (height, width) : (width, height);
        uint[] stored = new uint[seen.Length];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                // The standard names where row 0 and column 0 of what is stored are seen.
                (int row, int column) = orientation switch
                {
                    2 => (y, width - 1 - x),
                    3 => (height - 1 - y, width - 1 - x),
                    4 => (height - 1 - y, x),
                    5 => (x, y),
                    6 => (width - 1 - x, y),
                    7 => (width - 1 - x, height - 1 - y),
                    8 => (x, height - 1 - y),
                    _ => (y, x),
                };
                stored[row * storedWidth + column] = seen[y * width + x];
            }
        }

        return (stored, storedWidth, storedHeight);
    }

    /// <summary>Puts an EXIF block after the first marker of a JPEG.</summary>
    private static byte[] WithOrientation(byte[] jpeg, int orientation)
    {
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif"u8, 0, 0, .. "MM"u8, 0, 42, 0, 0, 0, 8,
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0,
        ];
        return [.. jpeg[..2], .. exif, .. jpeg[2..]];
    }
}
