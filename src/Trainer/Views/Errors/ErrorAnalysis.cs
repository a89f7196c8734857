using GpuConvnet.Model;
using GpuConvnet.Model.Losses;
using GpuConvnet.Recognition;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Views.Errors;

/// <summary>What a network gets wrong on a set of examples.</summary>
/// <param name="Evaluation">How well it does, as <c>trainer eval</c> has it.</param>
/// <param name="Confusion">Which digits it takes for which.</param>
/// <param name="Misclassified">The digits it gets wrong, the most confident mistake first.</param>
internal sealed record ErrorAnalysis(
    RunEvaluation Evaluation, ConfusionMatrix Confusion, IReadOnlyList<MisclassifiedDigit> Misclassified)
{
    /// <summary>Examines a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="examples">At least one example.</param>
    /// <param name="loss">What the network was trained to minimise.</param>
    /// <exception cref="BadInputException">The network's outputs are so large that they are no numbers.</exception>
    public static ErrorAnalysis Of(IClassifier network, Examples examples, Loss loss)
    {
        Evaluation evaluation = network.Evaluate(examples);
        if (!double.IsFinite(evaluation.Loss))
        {
            throw new BadInputException(
                "The model's loss on these digits is not a finite number: its weights are far too large. Train it again.");
        }

        ConfusionMatrix confusion = new();
        List<MisclassifiedDigit> misclassified = [];
        float[] all = new float[examples.Count * Shape1989.Outputs];
        network.Outputs(examples, all);
        for (int index = 0; index < examples.Count; index++)
        {
            float[] outputs = all[(index * Shape1989.Outputs)..((index + 1) * Shape1989.Outputs)];
            int label = examples.Labels[index];
            int predicted = Array.IndexOf(outputs, outputs.Max());
            confusion.Add(label, predicted);
            if (predicted != label)
            {
                double confidence = Confidence.Of(outputs, predicted, loss);
                misclassified.Add(new MisclassifiedDigit(index, label, predicted, confidence, outputs));
            }
        }

        return new ErrorAnalysis(
            RunEvaluation.Of(evaluation),
            confusion,
            [.. misclassified.OrderByDescending(digit => digit.Confidence).ThenBy(digit => digit.Index)]);
    }
}
