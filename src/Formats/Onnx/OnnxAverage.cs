using System.Globalization;
using GpuConvnet.Model.Ensembles;

namespace GpuConvnet.Formats.Onnx;

/// <summary>The average of an ensemble's outputs as nodes, from two inputs each: readers differ in how many they take.</summary>
/// <remarks>
/// No logarithm of a sum of exponentials, which would be as exact for probabilities below float32's: OpenCV 4.13 takes it for Softplus
/// (findings/opencv-log-of-sum-is-softplus.sh).
/// </remarks>
internal static class OnnxAverage
{
    /// <summary>Writes the average.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="averaging">How to average.</param>
    /// <param name="members">What the members give, (batch, 10) each.</param>
    /// <param name="output">What the result is called.</param>
    public static string Write(OnnxGraph graph, OutputAveraging averaging, IReadOnlyList<string> members, string output)
    {
        string share = graph.Constant("average_share", 1f / members.Count);
        if (averaging.IsOfOutputs)
        {
            return graph.Node("Mul", output, [Chain(graph, "average_sum", members), share]);
        }

        string[] probabilities = [.. members.Select((member, index) => averaging.IsOfLogits(index)
            ? graph.Node("Softmax", Named("probabilities", index), [member], OnnxGraph.Attribute("axis", 1))
            : OfEstimates(graph, member, index))];
        string mean = graph.Node("Mul", "average_mean", [Chain(graph, "average_sum", probabilities), share]);
        string least = graph.Constant("average_least", (float)OutputAveraging.LeastProbability);
        return graph.Node("Log", output, [graph.Node("Add", "average_more", [mean, least])]);
    }

    /// <summary>
    /// Squared error's estimates, bounded and divided by their sum. The bounds are made of ReLUs: in this operator set those of Clip are
    /// inputs, and OpenCV 4.6 takes none.
    /// </summary>
    private static string OfEstimates(OnnxGraph graph, string member, int index)
    {
        string one = graph.Constant(Named("one", index), 1f);
        string half = graph.Constant(Named("half", index), 0.5f);
        string least = graph.Constant(Named("least", index), (float)OutputAveraging.LeastEstimate);
        string estimates = graph.Node(
            "Mul", Named("estimates", index), [graph.Node("Add", Named("above", index), [member, one]), half]);

        // The larger of x and a is a + ReLU(x - a), the smaller of x and 1 is 1 - ReLU(1 - x).
        string over = graph.Node("Relu", Named("over", index), [graph.Node("Sub", Named("overLeast", index), [estimates, least])]);
        string larger = graph.Node("Add", Named("larger", index), [over, least]);
        string minus = graph.Constant(Named("minus", index), -1f);
        string negative = graph.Node("Mul", Named("negative", index), [larger, minus]);
        string under = graph.Node("Relu", Named("under", index), [graph.Node("Add", Named("underOne", index), [negative, one])]);
        string bounded = graph.Node("Add", Named("bounded", index), [graph.Node("Mul", Named("back", index), [under, minus]), one]);

        // Softmax divides by the sum: what it takes the exponentials of are logarithms. OpenCV 4.6 divides by no column.
        string logarithms = graph.Node("Log", Named("logarithms", index), [bounded]);
        return graph.Node("Softmax", Named("probabilities", index), [logarithms], OnnxGraph.Attribute("axis", 1));
    }

    private static string Chain(OnnxGraph graph, string name, IReadOnlyList<string> values)
    {
        string value = values[0];
        for (int index = 1; index < values.Count; index++)
        {
            value = graph.Node("Add", string.Create(CultureInfo.InvariantCulture, $"{name}{index}"), [value, values[index]]);
        }

        return value;
    }

    private static string Named(string what, int member) => string.Create(CultureInfo.InvariantCulture, $"average_{what}{member}");
}
