using System.Runtime.InteropServices;
using System.Text.Json;
using GpuConvnet.Model;

namespace GpuConvnet.Tests;

/// <summary>What PyTorch computed: see golden/net/manifest.json for what each file holds.</summary>
internal static class Golden
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "golden");

    public static JsonElement Manifest { get; } = ReadJson("net/manifest.json");

    public static JsonElement ReadJson(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(s_folder, name)));
        return document.RootElement.Clone();
    }

    public static float[] Net(string name) =>
        MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(s_folder, "net", name + ".f32"))).ToArray();

    /// <summary>The sixteen synthetic examples that all of golden/net was computed on, by the manifest's formula.</summary>
    public static Examples Examples()
    {
        int seed = Manifest.GetProperty("seed").GetInt32();
        int count = Manifest.GetProperty("examples").GetInt32();
        float[] pixels = new float[count * Shape1989.InputUnits];
        byte[] labels = new byte[count];
        for (int n = 0; n < count; n++)
        {
            labels[n] = (byte)(n % 10);
            for (int i = 0; i < Shape1989.InputUnits; i++)
            {
                pixels[n * Shape1989.InputUnits + i] = (float)((n * 7919L + i * 104729L + seed) % 2001 / 1000.0 - 1);
            }
        }

        return new Examples(pixels, labels);
    }
}
