using GpuConvnet.Model;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Tests.Oracle;

/// <summary>Random parameters, biases included, and random images: cases that no golden file holds.</summary>
internal static class RandomNetwork
{
    public static float[] Parameters(Random random)
    {
        float[] parameters = new float[GpuConvnet.Model.Network.Parameters.Count];
        foreach (ParameterPart part in GpuConvnet.Model.Network.Parameters.Parts)
        {
            float range = part.IsBias ? 0.3f : 1.5f / MathF.Sqrt(part.FanIn);
            foreach (ref float parameter in part.Of(parameters.AsSpan()))
            {
                parameter = (random.NextSingle() * 2 - 1) * range;
            }
        }

        return parameters;
    }

    public static Examples Examples(Random random, int count)
    {
        float[] pixels = new float[count * Shape1989.InputUnits];
        byte[] labels = new byte[count];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = random.NextSingle() * 2 - 1;
        }

        for (int i = 0; i < count; i++)
        {
            labels[i] = (byte)random.Next(Shape1989.Outputs);
        }

        return new Examples(pixels, labels);
    }
}
