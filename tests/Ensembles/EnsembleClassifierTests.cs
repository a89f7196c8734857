using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;
using GpuConvnet.Tests.Errors;

namespace GpuConvnet.Tests.Ensembles;

/// <summary>Networks whose answers are known, joined.</summary>
public sealed class EnsembleClassifierTests
{
    /// <summary>Answers whatever the image: three of the digit 1, one of the digit 2, each as sure as the other.</summary>
    private static readonly int[] s_answers = [1, 1, 1, 2];

    [Fact]
    public void It_answers_one_by_one_as_it_does_a_whole_set()
    {
        using EnsembleClassifier ensemble = Ensemble(s_answers);
        Examples examples = Golden.Examples();
        float[] all = new float[examples.Count * 10];
        float[] one = new float[10];

        ensemble.Outputs(examples, all);

        for (int example = 0; example < examples.Count; example++)
        {
            ensemble.Outputs(examples.Image(example), one);
            Assert.Equal(one, all[(example * 10)..((example + 1) * 10)]);
        }
    }

    [Fact]
    public void It_takes_what_most_are_sure_of_and_counts_who_disagrees()
    {
        using EnsembleClassifier ensemble = Ensemble(s_answers);
        Examples examples = new(new float[3 * 256], [1, 2, 3]);

        EnsembleEvaluation evaluation = EnsembleEvaluation.Of(ensemble, examples);

        Assert.Equal(ensemble.Evaluate(examples), evaluation.Whole);
        Assert.Equal(2, evaluation.Whole.Misses);
        Assert.Equal([2, 2, 2, 2], evaluation.Members.Select(member => member.Misses));

        // Of six pairs three differ, on every example.
        Assert.Equal(50, evaluation.PairwisePercent, 1e-12);
        Assert.Equal(3, evaluation.Disputed);
        Assert.Equal(1, evaluation.WrongTogether);
    }

    [Fact]
    public void A_member_is_evaluated_as_it_is_alone()
    {
        using EnsembleClassifier ensemble = Ensemble(s_answers);
        Examples examples = Golden.Examples();

        EnsembleEvaluation evaluation = EnsembleEvaluation.Of(ensemble, examples);

        foreach ((int index, Evaluation member) in evaluation.Members.Index())
        {
            Evaluation alone = ensemble.Members[index].Evaluate(examples);
            Assert.Equal(alone.Misses, member.Misses);
            Assert.Equal(alone.Loss, member.Loss, 1e-12);
        }
    }

    [Fact]
    public void Outputs_are_refused_without_room_for_all()
    {
        using EnsembleClassifier ensemble = Ensemble(s_answers);

        Assert.Throws<ArgumentException>(() => ensemble.Outputs(new float[256], new float[9]));
        Assert.Throws<ArgumentException>(() => ensemble.Outputs(Golden.Examples(), new float[9]));
        Assert.Throws<ArgumentException>(() => ensemble.Evaluate(new Examples([], [])));
    }

    private static EnsembleClassifier Ensemble(int[] answers) => new(
        [.. answers.Select(answer =>
        {
            float[] biases = new float[10];
            biases[answer] = 2;
            SimdNetwork network = SimdNetwork.Create(
                new NetworkOptions(Activation.Of<Tanh>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()));
            network.Load(KnownModel.Parameters(biases));
            return network;
        })],
        new OutputAveraging([.. answers.Select(_ => Loss.Of<SoftmaxCrossEntropy>())], OutputAverage.Probabilities));
}
