using System.Runtime.InteropServices;
using SkiaSharp;

namespace GpuConvnet.Recognition.Images;

/// <summary>
/// Reads PNG, JPEG, GIF, BMP and WebP. What is too large is refused by its header, before its pixels are decoded: a few
/// kilobytes can claim gigabytes.
/// </summary>
public static class ImageFile
{
    /// <summary>The most bytes that a file may have.</summary>
    public const int MostBytes = 64 << 20;

    /// <summary>The most pixels that a picture may have: the largest cameras of phones in common use.</summary>
    public const long MostPixels = 50_000_000;

    /// <summary>
    /// What larger pictures are reduced towards, by whole factors: the longer side ends up from here to almost twice this.
    /// A digit a thirtieth of the picture's size still has as many pixels as the network looks at.
    /// </summary>
    private const int WorkingSize = 512;

    /// <summary>The same of what small digits are looked at closer in.</summary>
    private const int DetailedSize = 1024;

    private const string Formats = "PNG, JPEG, GIF (its first picture), BMP and WebP are read";

    /// <summary>The endings of the files that are looked for in folders.</summary>
    public static IReadOnlyList<string> Endings { get; } = [".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".webp"];

    /// <summary>Reads a picture.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ImageException">There is no such file, or it is no picture that can be read.</exception>
    public static GreyImage Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Read(stream, path);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImageException(Missing(path), failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ImageException($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>What a picture's format is that is not read, by its file's name, and what converts it.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The format and how; null where its name is not that of a known format.</returns>
    internal static (string Name, string Remedy)? NotRead(string path) =>
        OtherFormat.OfName(path) is { } format ? (format.Name, format.Remedy) : null;

    /// <summary>What is said of an image that is not there.</summary>
    internal static string Missing(string path) => $"There is no image {path}.";

    /// <summary>Reads a picture.</summary>
    /// <param name="stream">Where from; read once, to its end or to the most bytes that a file may have.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="ImageException">It is no picture that can be read.</exception>
    public static GreyImage Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using MemoryStream content = new();
        byte[] buffer = new byte[1 << 14];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            content.Write(buffer, 0, read);
            if (content.Length > MostBytes)
            {
                throw new ImageException(
                    $"{name} has more than the {MostBytes >> 20} MiB that an image may have. Save it smaller.");
            }
        }

        try
        {
            return Decode(content.GetBuffer().AsSpan(0, (int)content.Length), name);
        }
        catch (Exception failure) when (failure is TypeInitializationException or DllNotFoundException or BadImageFormatException)
        {
            throw new ImageException(
                $"{name} cannot be decoded: SkiaSharp, which reads pictures, has no native library here for "
                + $"{RuntimeInformation.RuntimeIdentifier}. Install the program for this platform, or build it from source on it; "
                + "all but pictures works without.",
                failure);
        }
    }

    private static GreyImage Decode(ReadOnlySpan<byte> content, string name)
    {
        if (OtherFormat.Of(content) is { } other)
        {
            throw new ImageException($"{name} is {other.Article} {other.Name} file. {other.Remedy} {Formats}.");
        }

        string format = FormatOf(content)
            ?? throw new ImageException(content.IsEmpty
                ? $"{name} is empty; {Formats}."
                : $"{name} is not an image that can be read: its first bytes are {Convert.ToHexString(content[..Math.Min(8, content.Length)])}. {Formats}.");
        using SKData data = SKData.CreateCopy(content);
        using SKCodec codec = SKCodec.Create(data)
            ?? throw new ImageException($"{name} begins as a {format} file does, but is damaged or cut short.");
        SKImageInfo whole = codec.Info;
        long pixels = (long)whole.Width * whole.Height;
        if (whole.Width < 1 || whole.Height < 1 || pixels > MostPixels)
        {
            throw new ImageException(FormattableString.Invariant(
                $"{name} has {whole.Width:N0} x {whole.Height:N0} pixels; an image may have 1 to {MostPixels:N0}. Save it smaller."));
        }

        // JPEG and WebP are decoded smaller at once; the others are as they are.
        int longest = Math.Max(whole.Width, whole.Height);
        SKSizeI size = codec.GetScaledDimensions(longest > 2 * DetailedSize ? 2f * DetailedSize / longest : 1f);
        SKImageInfo info = new(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        using SKData room = SKData.Create(info.BytesSize64)
            ?? throw new ImageException(FormattableString.Invariant(
                $"{name} has {whole.Width:N0} x {whole.Height:N0} pixels, for which there is no memory. Save it smaller."));
        SKCodecResult result = codec.GetPixels(info, room.Data);
        if (result != SKCodecResult.Success)
        {
            throw new ImageException(
                $"{name} is a damaged {format} file: {(result == SKCodecResult.IncompleteInput ? "it is cut short" : "its pixels cannot be decoded")}.");
        }

        ReadOnlySpan<uint> colours = MemoryMarshal.Cast<byte, uint>(room.Span);
        GreyImage image = whole.IsOpaque && Math.Max(size.Width, size.Height) < 2 * DetailedSize
            ? OpaqueGrey(colours, size.Width, size.Height)
            : Grey(colours, size.Width, size.Height);
        image = image with { Reduction = (double)longest / Math.Max(image.Width, image.Height) };
        image = image.Reduced(Math.Max(image.Width, image.Height) / WorkingSize);
        SKEncodedOrigin origin = codec.EncodedOrigin != SKEncodedOrigin.TopLeft || format != "PNG"
            ? codec.EncodedOrigin
            : (SKEncodedOrigin)PngOrientation.Of(content);
        (bool transposed, bool across, bool down) = origin switch
        {
            SKEncodedOrigin.TopRight => (false, true, false),
            SKEncodedOrigin.BottomRight => (false, true, true),
            SKEncodedOrigin.BottomLeft => (false, false, true),
            SKEncodedOrigin.LeftTop => (true, false, false),
            SKEncodedOrigin.RightTop => (true, true, false),
            SKEncodedOrigin.RightBottom => (true, true, true),
            SKEncodedOrigin.LeftBottom => (true, false, true),
            _ => (false, false, false),
        };
        return image.Turned(transposed, across, down);
    }

    /// <summary>What the first bytes say, so that no decoder of another format ever sees the file.</summary>
    private static string? FormatOf(ReadOnlySpan<byte> content) =>
        content.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? "PNG"
        : content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "JPEG"
        : content.StartsWith("GIF8"u8) ? "GIF"
        : content.StartsWith("BM"u8) ? "BMP"
        : content.StartsWith("RIFF"u8) && content.Length >= 12 && content[8..12].SequenceEqual("WEBP"u8) ? "WebP"
        : null;

    /// <summary>To grey, pixel by pixel, where nothing is transparent and there are not too many.</summary>
    private static GreyImage OpaqueGrey(ReadOnlySpan<uint> colours, int width, int height)
    {
        byte[] pixels = GC.AllocateUninitializedArray<byte>(width * height);
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(Luma(colours[i]) + 128 >> 8);
        }

        return new GreyImage(width, height, pixels);
    }

    /// <summary>The luma of Rec. 601 in 256ths, as JPEG has it.</summary>
    private static uint Luma(uint colour) => 77 * (colour & 0xFF) + 150 * (colour >> 8 & 0xFF) + 29 * (colour >> 16 & 0xFF);

    /// <summary>
    /// To grey, each pixel the mean of a square of the decoded ones. What is transparent shows the shade that what is
    /// painted stands out from: white under dark ink, black under light.
    /// </summary>
    private static GreyImage Grey(ReadOnlySpan<uint> colours, int width, int height)
    {
        int factor = Math.Max(1, Math.Max(width, height) / DetailedSize);
        int columns = Math.Max(1, width / factor);
        int rows = Math.Max(1, height / factor);
        float[] painted = new float[columns * rows];
        float[] covered = new float[columns * rows];
        double allPainted = 0;
        double allCovered = 0;
        for (int y = 0; y < rows; y++)
        {
            int bottom = Math.Min(height, (y + 1) * factor);
            for (int x = 0; x < columns; x++)
            {
                int right = Math.Min(width, (x + 1) * factor);
                long light = 0;
                long cover = 0;
                for (int row = y * factor; row < bottom; row++)
                {
                    foreach (uint colour in colours[(row * width + x * factor)..(row * width + right)])
                    {
                        uint alpha = colour >> 24;
                        light += Luma(colour) * alpha;
                        cover += alpha;
                    }
                }

                int count = (bottom - y * factor) * (right - x * factor);
                float paintedHere = light / (256f * 255f * count);
                float coveredHere = cover / (255f * count);
                painted[y * columns + x] = paintedHere;
                covered[y * columns + x] = coveredHere;
                allPainted += paintedHere;
                allCovered += coveredHere;
            }
        }

        float behind = allPainted > 127.5 * allCovered ? 0 : 255;
        byte[] pixels = new byte[painted.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)Math.Clamp(painted[i] + (1 - covered[i]) * behind + 0.5f, 0, 255);
        }

        return new GreyImage(columns, rows, pixels);
    }
}
