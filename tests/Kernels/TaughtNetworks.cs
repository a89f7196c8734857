using GpuConvnet.Model.Ensembles;
using GpuConvnet.Model.Families;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Teaching;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Networks that learn from a teacher, a case per kind of lesson.</summary>
internal static class TaughtNetworks
{
    private const string Logits = "1989, cross entropy, dropout";

    /// <summary>The cases.</summary>
    public static TheoryData<string> Names => ["logits", "probabilities", "logits for squared error", "outputs"];

    /// <summary>A network and its teacher.</summary>
    public static (LayerNetwork Network, Teacher Teacher) Of(string name)
    {
        Distillation soft = new() { Temperature = 2.5f, LabelShare = 0.3f };
        Distillation hard = soft with { Temperature = 1 };
        return name switch
        {
            "logits" => (Learner("softmax", soft), Teacher(OutputAverage.Logits, Logits)),
            "probabilities" => (Learner("relu", soft), Teacher(OutputAverage.Probabilities, Logits, Logits)),
            "logits for squared error" => (Learner("base", hard), Teacher(OutputAverage.Logits, Logits, Logits)),
            "outputs" => (Learner("base", hard), Teacher(OutputAverage.Probabilities, "1989", "1989")),
            _ => throw new ArgumentException(name, nameof(name)),
        };
    }

    private static LayerNetwork Learner(string variant, Distillation distillation) =>
        Zip1989.Create(GoldenVariants.Options(variant) with { Distillation = distillation }, dropout: 0.1);

    private static Teacher Teacher(OutputAverage average, params string[] names) => new(
        [.. names.Select((name, seed) =>
        {
            LayerNetwork network = LayerNetworks.All[name]();
            return new TeacherMember(network, LayerNetworks.Parameters(network, seed + 10));
        })],
        average,
        "");
}
