using System.CommandLine;
using GpuConvnet.Model;
using GpuConvnet.Model.Losses;
using GpuConvnet.Recognition;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup;
using GpuConvnet.Trainer.Views.Rejection;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Commands;

/// <summary>The options of <c>trainer eval</c> that reject doubtful digits, and what comes of them.</summary>
internal sealed class RejectionOptions
{
    private const double DefaultTarget = 1;

    private readonly Option<bool> _reject = new("--reject")
    {
        Description = "Show how the errors fall as doubtful digits are rejected, in a table and a picture",
    };

    private readonly Option<double?> _target = RealOption.Create(
        "--reject-to", "PERCENT", 100,
        FormattableString.Invariant($"The errors to leave, in percent of the digits that are kept ({DefaultTarget}, the paper's, unless told)"));

    private readonly RejectBelowOption _below = new(
        "Show what this threshold does, chosen on other digits: those whose two most active outputs differ by less are rejected");

    private readonly OutputFileOptions _file = new(
        "The picture to write, and an SVG beside it (rejection-DATASET-SPLIT.png in this folder unless told)", "FILE.png", "a picture");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_reject, _target, _below.Option, _file.Out, _file.Force])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What is asked for, checked before any digit is evaluated; null where nothing is.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="experiment">What the model is called.</param>
    /// <param name="loss">What its outputs are read by.</param>
    /// <param name="pictureName">What the picture is called where it is not named, without an ending.</param>
    /// <exception cref="BadInputException">An option has no meaning here, or the picture is there already.</exception>
    public Request? Read(ParseResult arguments, string experiment, Loss loss, string pictureName)
    {
        if (!arguments.GetValue(_reject))
        {
            Option? stray = ((Option[])[_target, _below.Option, _file.Out, _file.Force])
                .FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false });
            return stray is null
                ? null
                : throw new BadInputException($"{stray.Name} belongs to --reject, which was not given. Add it, or leave {stray.Name} out.");
        }

        return new Request(
            experiment,
            loss,
            arguments.GetValue(_target) ?? DefaultTarget,
            _below.Of(arguments, loss),
            _file.PictureStem(arguments, pictureName));
    }

    /// <summary>A rejection that was asked for.</summary>
    /// <param name="Experiment">What the model is called.</param>
    /// <param name="Loss">What its outputs are read by.</param>
    /// <param name="Target">The errors to leave, in percent.</param>
    /// <param name="Threshold">The threshold to show, when one was given.</param>
    /// <param name="PictureStem">The pictures' path, without an ending.</param>
    internal sealed record Request(
        string Experiment, Loss Loss, double Target, double? Threshold, string PictureStem)
    {
        private string MarginOf => Confidence.IsProbability(Loss) ? "probabilities" : "outputs";

        /// <summary>Examines a network, prints the tables and saves the pictures.</summary>
        /// <param name="network">The network.</param>
        /// <param name="dataset">The digits' name, for the title.</param>
        /// <param name="train">The training digits, when asked for.</param>
        /// <param name="test">What else it is evaluated on, when asked for.</param>
        /// <param name="tested">What that is called.</param>
        /// <param name="talk">Where to print.</param>
        public ModelRejection Show(
            IClassifier network, string dataset, Examples? train, Examples? test, string tested, TextWriter talk)
        {
            SplitCurve? Curve(string split, Examples? examples) =>
                examples is null ? null : new SplitCurve(split, RejectionCurve.Of(network, examples, Loss));
            SplitCurve? ofTrain = Curve("training", train);
            SplitCurve? ofTest = Curve(tested, test);
            SplitCurve[] all = [.. new[] { ofTrain, ofTest }.OfType<SplitCurve>()];
            foreach (string line in all.SelectMany(curve => RejectionTable.Lines(curve, MarginOf, Target, Threshold)))
            {
                talk.WriteLine(line);
            }

            string title = $"{Experiment}: errors by rejection, {dataset} digits";
            string folder = Path.GetDirectoryName(Path.GetFullPath(PictureStem))!;
            string[] pictures = [];
            string? why = null;
            try
            {
                Picture picture = RejectionPlot.Draw(Path.GetFileName(PictureStem), title, all, Target);
                picture.Save(folder);
                pictures = [.. picture.Paths(folder)];
            }
            catch (Exception failure) when (Drawing.MissingLibrary(failure) is not null)
            {
                why = Drawing.MissingLibrary(failure);
            }

            talk.WriteLine(RejectionTable.Caution);
            if (why is not null)
            {
                talk.WriteLine($"note: there is no picture. {why}");
            }

            foreach (string path in pictures)
            {
                talk.WriteLine($"saved: {path}");
            }

            return new ModelRejection
            {
                MarginOf = MarginOf,
                TargetErrorPercent = Target,
                Train = Result(ofTrain?.Curve),
                Test = Result(ofTest?.Curve),
                Pictures = pictures,
            };
        }

        private SplitRejection? Result(RejectionCurve? curve) => curve is null ? null : new SplitRejection
        {
            ForTarget = curve.LeastFor(Target),
            AtThreshold = Threshold is { } threshold ? curve.At(threshold) : null,
            Curve = curve.Turns,
        };
    }
}
