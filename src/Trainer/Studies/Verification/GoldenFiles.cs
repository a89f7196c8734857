using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Trainer.Studies.Verification;

/// <summary>
/// What PyTorch computed of the network on synthetic inputs: the files that come with the program, or a folder of the
/// same names.
/// </summary>
internal sealed class GoldenFiles
{
    private const string ResourcePrefix = "golden/";
    private const int MostExamples = 10_000;

    private readonly string? _folder;
    private readonly JsonElement _manifest;

    /// <summary>Opens a folder, or what comes with the program.</summary>
    /// <param name="folder">The folder; null for the program's own.</param>
    /// <exception cref="BadInputException">The folder or its manifest is missing or no such manifest.</exception>
    public GoldenFiles(string? folder)
    {
        _folder = folder;
        try
        {
            using JsonDocument document = JsonDocument.Parse(Read("manifest.json"));
            _manifest = document.RootElement.Clone();
            Seed = _manifest.GetProperty("seed").GetInt32();
            ExampleCount = _manifest.GetProperty("examples").GetInt32();
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw new BadInputException(
                $"{Path.Combine(folder ?? "", "manifest.json")} is no manifest of golden files: {failure.Message}", failure);
        }

        if (ExampleCount is < 1 or > MostExamples)
        {
            throw new BadInputException(string.Create(
                CultureInfo.InvariantCulture,
                $"{Path.Combine(folder ?? "", "manifest.json")}: examples is {ExampleCount}, not 1 to {MostExamples:N0}."));
        }
    }

    /// <summary>The three variants of the network: their names in the files, and what they are.</summary>
    public static IReadOnlyList<(string Name, NetworkOptions Options)> Variants { get; } =
    [
        ("base", NetworkOptions.Base1989),
        ("softmax", new(Activation.Of<Tanh>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>())),
        ("relu", new(Activation.Of<ReLU>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>())),
    ];

    /// <summary>The optimizers of the files that hold parameters after twenty full-batch steps.</summary>
    public static IReadOnlyList<(string Name, OptimizerOptions Options)> Optimizers { get; } =
    [
        ("adam", new(Optimizer.Of<Adam>(), 1e-3)),
        ("adamw", new(Optimizer.Of<AdamW>(), 3e-4) { WeightDecay = 0.01 }),
        ("sgdm", new(Optimizer.Of<Sgd>(), 0.1) { Momentum = 0.9, Nesterov = true }),
    ];

    /// <summary>The seed of the initial parameters and of the examples' formula.</summary>
    public int Seed { get; }

    /// <summary>How many examples all files were computed on.</summary>
    public int ExampleCount { get; }

    /// <summary>One file's numbers.</summary>
    /// <param name="name">Its name without extension.</param>
    /// <param name="count">How many there must be.</param>
    /// <exception cref="BadInputException">It is missing or has another size.</exception>
    public float[] Floats(string name, int count)
    {
        byte[] content = Read(name + ".f32");
        return content.Length == count * sizeof(float)
            ? MemoryMarshal.Cast<byte, float>(content).ToArray()
            : throw new BadInputException(
                $"{name}.f32 of the golden files has {content.Length:N0} bytes; {count:N0} float32 are "
                + $"{count * sizeof(float):N0}.");
    }

    /// <summary>One of the manifest's numbers.</summary>
    /// <exception cref="BadInputException">The manifest has none of that name.</exception>
    public double Scalar(string name) =>
        _manifest.TryGetProperty("scalars", out JsonElement scalars)
        && scalars.ValueKind == JsonValueKind.Object
        && scalars.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : throw new BadInputException($"The golden files' manifest.json has no scalar '{name}'.");

    /// <summary>The examples, by the manifest's formula.</summary>
    public Examples Examples()
    {
        float[] pixels = new float[ExampleCount * Shape1989.InputUnits];
        byte[] labels = new byte[ExampleCount];
        for (int n = 0; n < ExampleCount; n++)
        {
            labels[n] = (byte)(n % Shape1989.Outputs);
            for (int i = 0; i < Shape1989.InputUnits; i++)
            {
                pixels[n * Shape1989.InputUnits + i] = (float)((n * 7919L + i * 104729L + Seed) % 2001 / 1000.0 - 1);
            }
        }

        return new Examples(pixels, labels);
    }

    private byte[] Read(string name)
    {
        if (_folder is not null)
        {
            try
            {
                return File.ReadAllBytes(Path.Combine(_folder, name));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new BadInputException(
                    $"{Path.Combine(_folder, name)} cannot be read: {failure.Message} --golden names a folder with "
                    + "manifest.json and its .f32 files; without it the program's own are used.",
                    failure);
            }
        }

        using Stream stream = typeof(GoldenFiles).Assembly.GetManifestResourceStream(ResourcePrefix + name)
            ?? throw new FileNotFoundException($"The program was built without {name}.");
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
