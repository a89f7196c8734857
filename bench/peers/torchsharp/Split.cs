using System.Runtime.InteropServices;
using TorchSharp;

namespace GpuConvnet.Peers;

/// <summary>Digits: images (count, 1, 16, 16), labels (count), and targets (count, 10) of 1 and -1.</summary>
internal sealed record Split(torch.Tensor Images, torch.Tensor Labels, torch.Tensor Targets)
{
    /// <summary>A split as its files have it, little-endian as this machine is.</summary>
    public static Split Read(string folder, string name)
    {
        float[] pixels = Values<float>(Path.Combine(folder, $"{name}.images.f32"));
        long[] labels = Values<long>(Path.Combine(folder, $"{name}.labels.i64"));
        torch.Tensor classes = torch.tensor(labels);
        torch.Tensor targets = torch.nn.functional.one_hot(classes, 10).to(torch.float32) * 2 - 1;
        return new(torch.tensor(pixels, [labels.Length, 1, 16, 16]), classes, targets);
    }

    public static T[] Values<T>(string path)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(File.ReadAllBytes(path)).ToArray();
}
