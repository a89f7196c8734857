using System.Diagnostics;
using System.Runtime.ExceptionServices;
using GpuConvnet.Recognition;
using GpuConvnet.Recognition.Finding;
using GpuConvnet.Recognition.Images;
using GpuConvnet.Tests.Recognition;
using SkiaSharp;

namespace GpuConvnet.Tests.Fuzzing;

/// <summary>A damaged image is read or refused by its name, soon, and without taking the machine's memory.</summary>
public sealed class ImageFuzzTests
{
    private const int Count = 10_000;
    private const string Name = "fuzzed-image";

    /// <summary>
    /// Of what the finder allocates, the most for the largest picture that it works on; a claim must not add to it.
    /// </summary>
    private const long MostAllocated = 128L << 20;

    private static readonly TimeSpan s_mostTime = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Bmp)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void Ten_thousand_damaged_ones_are_read_or_refused(SKEncodedImageFormat format)
    {
        byte[][] seeds = Seeds(format);
        foreach (byte[] seed in seeds)
        {
            Assert.NotNull(DigitFinder.Find(ImageFile.Read(new MemoryStream(seed), Name)));
        }

        // In a thread of its own, so that one that never ends is found too.
        int number = 0;
        int refused = 0;
        byte[] current = [];
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Try();
            }
            catch (Exception thrown)
            {
                failure = ExceptionDispatchInfo.Capture(thrown);
            }
        })
        { IsBackground = true };
        thread.Start();
        for (int before = -1; !thread.Join(s_mostTime); before = Volatile.Read(ref number))
        {
            Assert.True(before != Volatile.Read(ref number), $"copy {number} takes for ever: {Convert.ToBase64String(current)}");
        }

        failure?.Throw();
        Assert.Equal(Count, number);
        Assert.InRange(refused, Count / 20, Count - 1);

        void Try()
        {
            foreach (byte[] bad in Mutations.Of(seeds, Count, seed: (int)format))
            {
                current = bad;
                long allocated = GC.GetAllocatedBytesForCurrentThread();
                long started = Stopwatch.GetTimestamp();
                try
                {
                    FoundDigit? digit = DigitFinder.Find(ImageFile.Read(new MemoryStream(bad), Name));
                    if (digit is not null)
                    {
                        Framing framing = (Framing)(number % 2);
                        Assert.All(DigitFrame.Of(digit, framing), pixel => Assert.InRange(pixel, -1f, 1f));
                    }
                }
                catch (ImageException refusal)
                {
                    Assert.Contains(Name, refusal.Message, StringComparison.Ordinal);
                    refused++;
                }
                catch (Exception other) when (other is not Xunit.Sdk.XunitException)
                {
                    Assert.Fail($"Copy {number}, {Convert.ToBase64String(bad)}: {other}");
                }

                TimeSpan taken = Stopwatch.GetElapsedTime(started);
                Assert.True(taken < s_mostTime, $"copy {number} took {taken}: {Convert.ToBase64String(bad)}");
                allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
                Assert.True(allocated < MostAllocated, $"copy {number} allocated {allocated}: {Convert.ToBase64String(bad)}");
                number++;
            }
        }
    }

    private static byte[][] Seeds(SKEncodedImageFormat format)
    {
        // A 7: a bar and a slanted stroke.
        const int Side = 12;
        float[] digit = new float[Side * Side];
        for (int y = 2; y < Side - 1; y++)
        {
            for (int x = 2; x < Side - 2; x++)
            {
                digit[y * Side + x] = y == 2 || x == Side - 2 - y / 2 ? 1 : 0;
            }
        }

        Random random = new(1);
        return
        [
            new Scene { Size = 12, Format = format, Quality = 80 }.Picture(digit, random),
            new Scene { Size = 16, Paper = 30, Ink = 220, Grain = 5, Format = format, Quality = 100 }.Picture(digit, random),
            new Scene
            {
                Size = 14, Width = 20, Height = 16, Format = format,
                IsTransparent = format is SKEncodedImageFormat.Png or SKEncodedImageFormat.Webp,
                Orientation = format == SKEncodedImageFormat.Jpeg ? 6 : 1,
            }.Picture(digit, random),
        ];
    }
}
