namespace GpuConvnet.Model.Layers;

/// <summary>Where the numbers of a stack of layers lie in its memory.</summary>
/// <param name="Outputs">Each layer's output.</param>
/// <param name="Kept">What each layer keeps.</param>
/// <param name="Gradients">The two areas of gradients.</param>
/// <param name="Count">How many numbers there are.</param>
internal sealed record LayerMemory(int[] Outputs, int[] Kept, int[] Gradients, int Count)
{
    /// <summary>Plans a stack's memory.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="sharesOutputs">Whether an output may overwrite the input where nobody reads that any more.</param>
    public static LayerMemory Of(Layer[] layers, bool sharesOutputs)
    {
        int[] outputs = new int[layers.Length];
        int[] kept = new int[layers.Length];
        int count = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            bool shares = sharesOutputs && i > 0 && layers[i].IsInPlace && !layers[i - 1].ReadsOutput;
            outputs[i] = shares ? outputs[i - 1] : Take(layers[i].Output.Count);
            kept[i] = Take(layers[i].Kept);
        }

        int largest = layers.Max(layer => layer.Input.Count);
        int[] gradients = [Take(largest), Take(largest)];
        return new LayerMemory(outputs, kept, gradients, count);

        int Take(int numbers)
        {
            int start = count;
            count += numbers;
            return start;
        }
    }
}
