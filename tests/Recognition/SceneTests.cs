using System.Globalization;
using GpuConvnet.Model;
using GpuConvnet.Recognition;
using GpuConvnet.Recognition.Finding;
using GpuConvnet.Recognition.Images;
using GpuConvnet.Trainer.Setup.Data;
using SkiaSharp;

namespace GpuConvnet.Tests.Recognition;

/// <summary>Test digits as people photograph and scan them are read nearly as well as the test digits themselves.</summary>
public sealed class SceneTests
{
    /// <summary>
    /// What part of the digits may be missed, and one, beside what the network misses of the same ones as their data set has
    /// them.
    /// </summary>
    private const double MoreMisses = 0.03;

    /// <summary>
    /// The same of sets whose originals have 16x16 pixels: enlarged and reduced again, their strokes are softer.
    /// </summary>
    private const double MoreMissesOfSmall = 0.06;

    private static readonly Dictionary<string, Scene> s_scenes = new()
    {
        ["light on dark, 28 pixels"] = new() { Paper = 0, Ink = 255 },
        ["dark on light, 28 pixels, BMP"] = new() { Format = SKEncodedImageFormat.Bmp },
        ["56 pixels, low contrast"] = new() { Size = 56, Paper = 150, Ink = 110 },
        ["100 pixels, WebP"] = new() { Size = 100, Format = SKEncodedImageFormat.Webp, Quality = 60 },
        ["200 pixels, grain"] = new() { Size = 200, Paper = 220, Ink = 60, Grain = 25, Sharpness = 4 },
        ["28 pixels, grain"] = new() { Paper = 20, Ink = 230, Grain = 15 },
        ["300 pixels, shadow, JPEG"] = new() { Size = 300, Paper = 240, Ink = 40, Shadow = 0.7, Sharpness = 4, Format = SKEncodedImageFormat.Jpeg, Quality = 40 },
        ["JPEG's artefacts"] = new() { Size = 64, Paper = 230, Ink = 30, Format = SKEncodedImageFormat.Jpeg, Quality = 12 },
        ["off the centre"] = new() { Size = 150, Width = 640, Height = 480, Paper = 210, Ink = 50, Shadow = 0.5, Grain = 8, Sharpness = 4, Format = SKEncodedImageFormat.Jpeg },
        ["small in a large picture"] = new() { Size = 120, Width = 1600, Height = 1200, Paper = 200, Ink = 40, Grain = 10, Sharpness = 4, Format = SKEncodedImageFormat.Jpeg },
        ["2000 pixels"] = new() { Size = 2000, Paper = 235, Ink = 20, Shadow = 0.4, Sharpness = 8, Format = SKEncodedImageFormat.Jpeg },
        ["thick"] = new() { Size = 150, Threshold = 0.35, Sharpness = 8 },
        ["thin"] = new() { Size = 150, Threshold = 0.6, Sharpness = 8 },
        ["dark ink on nothing"] = new() { Size = 140, IsTransparent = true },
        ["light ink on nothing"] = new() { Size = 140, IsTransparent = true, Ink = 255, Format = SKEncodedImageFormat.Webp, Quality = 100 },
        ["specks and a black edge"] = new() { Size = 240, Width = 400, Height = 360, Edge = 24, Specks = 30, Sharpness = 4, Grain = 6, Paper = 225, Ink = 50 },
        ["held upside down and otherwise"] = new() { Size = 90, Width = 130, Height = 110, Orientation = 3, Format = SKEncodedImageFormat.Jpeg },
    };

    private static readonly Lazy<(byte[] Images, byte[] Labels)> s_mnist = new(() =>
    {
        string folder = DataFolder.Resolve(null).Mnist;
        byte[] images = MnistFile.TestImages.Read(DataFolder.Find(folder, MnistFile.TestImages.Name)!);
        byte[] labels = MnistFile.TestLabels.Read(DataFolder.Find(folder, MnistFile.TestLabels.Name)!);
        // What follows the headers.
        return (images[16..], labels[8..]);
    });

    public static TheoryData<string> Names { get; } = [.. s_scenes.Keys];

    /// <summary>
    /// The framing of the other sets, of which there is no larger original than 16x16: thicker, their loops would close.
    /// </summary>
    public static TheoryData<string> Few { get; } =
    [
        "light on dark, 28 pixels", "56 pixels, low contrast", "300 pixels, shadow, JPEG", "off the centre", "thin",
        "dark ink on nothing",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Digits_of_MNIST_are_read_from_pictures(string name)
    {
        DataFolder folder = DataFolder.Resolve(null);
        Assert.SkipWhen(
            MnistDataSet.Missing(folder).Length > 0,
            $"MNIST is not in the data folder; 'trainer data fetch' downloads it, or {DataFolder.Variable} names another.");
        (byte[] images, byte[] labels) = s_mnist.Value;

        // Spread over the split: the first half of MNIST's test split is tidier than the second.
        int count = Count(s_scenes[name]);
        int[] chosen = [.. Enumerable.Range(0, count).Select(i => i * (labels.Length / count))];
        Examples framed = MnistReduction.Reduce(images, labels, chosen);
        List<float[]> digits = [];
        foreach (int i in chosen)
        {
            digits.Add([.. images.AsSpan(i * 784, 784).ToArray().Select(level => level / 255f)]);
        }

        Compare(name, DataSets.Mnist, digits, framed);
    }

    [Theory]
    [MemberData(nameof(Few))]
    public void Built_in_digits_are_read_from_pictures(string name)
    {
        int count = Count(s_scenes[name]);
        Examples all = DataSets.Load(
            TrainedReaders.Configuration(DataSets.Builtin).Data, DataFolder.Resolve(null), _ => { }, CancellationToken.None).Test;
        Examples framed = new(all.Pixels[..(count * Shape1989.InputUnits)], all.Labels[..count]);
        Compare(name, DataSets.Builtin, [.. Enumerable.Range(0, count).Select(i => WithMargin(framed.Image(i)))], framed);
    }

    [Theory]
    [MemberData(nameof(Few))]
    public void Digits_of_USPS_are_read_from_pictures(string name)
    {
        DataFolder folder = DataFolder.Resolve(null);
        Assert.SkipWhen(DataFolder.Find(folder.Usps, "zip.test") is null, $"USPS is not in {folder.Usps}.");
        int count = Count(s_scenes[name]);
        Examples framed = UspsFile.Read(DataFolder.Find(folder.Usps, "zip.test")!, count);
        Compare(name, DataSets.Usps, [.. Enumerable.Range(0, count).Select(i => WithMargin(framed.Image(i)))], framed);
    }

    /// <summary>As many digits as a second or so is enough for.</summary>
    private static int Count(Scene scene) =>
        Math.Clamp(2_500_000 / Math.Max(scene.Size * scene.Size, scene.Width * scene.Height), 12, 250);

    /// <summary>16x16 in the middle of 20x20, 0 paper to 1 ink.</summary>
    private static float[] WithMargin(ReadOnlySpan<float> image)
    {
        const int Side = 20;
        float[] wide = new float[Side * Side];
        for (int i = 0; i < image.Length; i++)
        {
            wide[(i / 16 + 2) * Side + i % 16 + 2] = (image[i] + 1) / 2;
        }

        return wide;
    }

    private static void Compare(string name, DataSet dataset, List<float[]> digits, Examples framed)
    {
        (float[] parameters, var configuration) = TrainedReaders.Trained(dataset);
        using DigitReader reader = new(parameters, configuration.Network, dataset.Framing);
        Random random = new(7);
        int plainMisses = 0;
        List<string> missed = [];
        for (int i = 0; i < digits.Count; i++)
        {
            plainMisses += reader.Read(framed.Image(i)).Digit == framed.Labels[i] ? 0 : 1;
            Scene scene = s_scenes[name];
            if (scene.Orientation > 1)
            {
                scene = scene with { Orientation = 2 + i % 7 };
            }

            byte[] file = scene.Picture(digits[i], random);
            FoundDigit? found = DigitFinder.Find(ImageFile.Read(new MemoryStream(file), "it"));
            int? read = found is null ? null : reader.Read(DigitFrame.Of(found, reader.Framing)).Digit;
            if (read != framed.Labels[i])
            {
                missed.Add(string.Create(CultureInfo.InvariantCulture, $"{i}: {framed.Labels[i]} as {read}"));
            }
        }

        double more = dataset == DataSets.Mnist ? MoreMisses : MoreMissesOfSmall;
        Assert.True(
            missed.Count <= plainMisses + 1 + more * digits.Count,
            $"{missed.Count} of {digits.Count} missed in pictures, {plainMisses} without: {string.Join(", ", missed)}");
    }
}
