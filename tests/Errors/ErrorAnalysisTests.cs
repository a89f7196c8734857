using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Views.Errors;
using SkiaSharp;

namespace GpuConvnet.Tests.Errors;

public sealed class ErrorAnalysisTests
{
    private static readonly float[] s_threeWins = [-1, -1, -1, 0.5f, -1, -1, -1, 0.25f, -1, -1];

    private readonly Examples _examples = BuiltinDigits.Draw(120, seed: 7);

    [Fact]
    public void A_network_that_says_three_misses_all_but_the_threes()
    {
        ErrorAnalysis analysis = Analyse(NetworkOptions.Base1989, s_threeWins);

        int threes = _examples.Labels.Count(label => label == 3);
        Assert.Equal(120 - threes, analysis.Evaluation.Misses);
        Assert.Equal(120 - threes, analysis.Misclassified.Count);
        Assert.All(analysis.Misclassified, digit =>
        {
            Assert.Equal(_examples.Labels[digit.Index], digit.Label);
            Assert.Equal(3, digit.Predicted);
            Assert.Equal(0.5f, MathF.Atanh(digit.Outputs[3]), 1e-5f);
        });
        Assert.Equal(threes, analysis.Confusion[3, 3]);
        Assert.All(Enumerable.Range(0, 10), digit =>
        {
            Assert.Equal(_examples.Labels.Count(label => label == digit), analysis.Confusion.Examples(digit));
            Assert.Equal(analysis.Confusion.Examples(digit), analysis.Confusion[digit, 3]);
        });
    }

    [Fact]
    public void Under_squared_error_the_confidence_is_half_the_way_from_one_target_to_the_other()
    {
        ErrorAnalysis tanh = Analyse(NetworkOptions.Base1989, s_threeWins);
        ErrorAnalysis beyond = Analyse(
            NetworkOptions.Base1989 with { Output = Activation.Of<Linear>() }, [0, 0, 0, 1.5f, 0, 0, 0, 0, 0, 0]);

        Assert.All(tanh.Misclassified, digit => Assert.Equal((Math.Tanh(0.5) + 1) / 2, digit.Confidence, 1e-5));
        Assert.All(beyond.Misclassified, digit => Assert.Equal(1, digit.Confidence));
    }

    [Fact]
    public void Under_cross_entropy_the_confidence_is_the_softmax()
    {
        NetworkOptions options = new(Activation.Of<Tanh>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>());

        ErrorAnalysis analysis = Analyse(options, s_threeWins);

        double softmax = Math.Exp(0.5) / s_threeWins.Sum(output => Math.Exp(output));
        Assert.All(analysis.Misclassified, digit => Assert.Equal(softmax, digit.Confidence, 1e-6));
    }

    [Fact]
    public void The_most_confident_mistakes_come_first_and_misses_are_those_of_the_evaluation()
    {
        using SimdNetwork network = SimdNetwork.Create(NetworkOptions.Base1989);
        network.Load(InitialParameters.Draw(NetworkOptions.Base1989, 1337));
        network.Train(_examples, 0, 120, 0.03f);

        ErrorAnalysis analysis = ErrorAnalysis.Of(network, _examples, Loss.Of<SquaredError>());

        Assert.Equal(network.Evaluate(_examples).Misses, analysis.Misclassified.Count);
        Assert.InRange(analysis.Misclassified.Count, 2, 119);
        Assert.Equal(analysis.Misclassified.OrderByDescending(digit => digit.Confidence), analysis.Misclassified);
        Assert.All(analysis.Misclassified, digit => Assert.Equal(digit.Outputs.Max(), digit.Outputs[digit.Predicted]));
        Assert.Equal(120, analysis.Confusion.Rows.Sum(row => row.Sum()));
        Assert.Equal(analysis.Misclassified.Count, Enumerable.Range(0, 10).Sum(analysis.Confusion.Misses));
    }

    [Fact]
    public void Weights_too_large_for_a_number_are_refused()
    {
        NetworkOptions options = NetworkOptions.Base1989 with { Output = Activation.Of<Linear>() };
        float[] parameters = KnownModel.Parameters(s_threeWins);
        Parameters.H3b.Of(parameters.AsSpan()).Fill(float.MaxValue);
        Parameters.Outw.Of(parameters.AsSpan()).Fill(float.MaxValue);
        using SimdNetwork network = SimdNetwork.Create(options);
        network.Load(parameters);

        Assert.Throws<BadInputException>(() => ErrorAnalysis.Of(network, _examples, Loss.Of<SquaredError>()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(1000)]
    public void A_sheet_has_the_digits_in_their_places_and_nothing_beyond(int most)
    {
        ErrorAnalysis analysis = Analyse(NetworkOptions.Base1989, s_threeWins);
        int drawn = Math.Min(most, analysis.Misclassified.Count);

        using SKBitmap sheet = SKBitmap.Decode(ErrorSheet.Png("title", analysis, _examples, most));

        Assert.Equal(ErrorSheet.Size(drawn), (sheet.Width, sheet.Height));
        for (int position = 0; position < drawn; position++)
        {
            SKRectI place = ErrorSheet.Place(position, drawn);
            Assert.True(new SKRectI(0, 0, sheet.Width, sheet.Height).Contains(place));
            ReadOnlySpan<float> image = _examples.Image(analysis.Misclassified[position].Index);
            for (int pixel = 0; pixel < image.Length; pixel++)
            {
                byte grey = ContactSheet.Grey(image[pixel]);
                int x = place.Left + (2 * (pixel % 16) + 1) * place.Width / 32;
                int y = place.Top + (2 * (pixel / 16) + 1) * place.Height / 32;
                Assert.Equal(new SKColor(grey, grey, grey), sheet.GetPixel(x, y));
            }
        }

        // The place after the last digit's has stayed white.
        SKRectI next = ErrorSheet.Place(drawn, drawn);
        if (next.Bottom < sheet.Height)
        {
            Assert.Equal(SKColors.White, sheet.GetPixel(next.MidX, next.MidY));
        }
    }

    [Fact]
    public void The_glyphs_of_a_label_are_in_the_program()
    {
        using SheetFont font = SheetFont.Regular(15);

        Assert.True(font.Has("0123456789 → 9% The network's … café (4.04%), built-in MNIST: 1,000"));
        Assert.False(font.Has("語"));
    }

    private ErrorAnalysis Analyse(NetworkOptions options, float[] outputBiases)
    {
        using SimdNetwork network = SimdNetwork.Create(options);
        network.Load(KnownModel.Parameters(outputBiases));
        return ErrorAnalysis.Of(network, _examples, options.Loss);
    }
}
