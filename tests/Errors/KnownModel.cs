using GpuConvnet.Formats.SavedModels;

namespace GpuConvnet.Tests.Errors;

/// <summary>A model whose outputs are its output biases, whatever the image.</summary>
internal static class KnownModel
{
    /// <summary>Parameters that are 0 but for the output biases.</summary>
    public static float[] Parameters(params ReadOnlySpan<float> outputBiases)
    {
        float[] parameters = new float[Model.Network.Parameters.Count];
        outputBiases.CopyTo(parameters.AsSpan(Model.Network.Parameters.Outb.Offset));
        return parameters;
    }

    /// <summary>Saves such a model, for built-in digits.</summary>
    public static void Save(string path, string output, string loss, float[] parameters, int test)
    {
        Dictionary<string, string> metadata = new()
        {
            ["experiment"] = "known",
            ["dataset"] = "builtin",
            ["train"] = "60",
            ["test"] = test.ToString(provider: null),
            ["hidden"] = "tanh",
            ["output"] = output,
            ["loss"] = loss,
        };
        using FileStream stream = File.Create(path);
        Safetensors.Write(stream, new SavedModel(parameters, metadata));
    }
}
