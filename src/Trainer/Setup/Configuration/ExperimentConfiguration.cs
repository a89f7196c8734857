using System.Globalization;
using System.Text.Json.Serialization;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Model.Schedules;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Teaching;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Setup.Networks;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>
/// One experiment: everything that decides which numbers come out, and nothing else (where it runs is the command
/// line's). What a file leaves out is the article's base experiment. <c>configs/schema.json</c> says the same to an editor.
/// </summary>
/// <remarks>
/// Optional properties have setters because the generated reader assigns every init-only one, also when its key is
/// absent, and so would lose the defaults. Change a configuration with <c>with</c>.
/// </remarks>
internal sealed record ExperimentConfiguration
{
    /// <summary>The most examples of a split that is in memory whole.</summary>
    internal const int MostExamples = DataRequest.MostExamples;

    private const int StreamedExamplesBetweenEvaluations = 100_000;

    /// <summary>The most passes.</summary>
    internal const int MostPasses = 1_000_000;

    /// <summary>The most pixels that an image is rolled by.</summary>
    internal const int MostShift = 4;

    /// <summary>The seed of the article, and of everything that names none.</summary>
    internal const uint ArticleSeed = 1337;

    private const int StepsBetweenEvaluations = 50;

    // The bits of a run do not depend on how many threads there are, so neither does this.
    private const int BatchOfAnyNetwork = 512;

    private readonly BuiltNetwork _built = new();

    /// <summary>The largest learning rate that is not surely a slip.</summary>
    internal const double MostLearningRate = 100;

    /// <summary>Where an editor finds the schema; the program does not read it.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; set; }

    /// <summary>A name is shown in tables, and a folder is called after it.</summary>
    private const int LongestName = 200;

    /// <summary>The experiment's name, recorded in its results.</summary>
    public required string Experiment { get; init; }

    /// <summary>What it is and what to expect of it.</summary>
    public string? Description { get; set; }

    /// <summary>Which digits.</summary>
    public DataSet Dataset { get; set; } = DataSets.Auto;

    /// <summary>Where digits of the user's own lie; of the other data sets <c>--data</c> says it.</summary>
    [JsonPropertyName("data")]
    public DataFiles? Files { get; set; }

    /// <summary>In which order a pass presents the training digits, where they are presented one by one; a full batch knows none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public PresentationOrder Shuffle { get; set; }

    /// <summary>Which split is drawn first from the generator that chooses the digits.</summary>
    public SplitOrder Order { get; set; } = SplitOrder.TestThenTrain;

    /// <summary>How many digits to train on.</summary>
    public int Train { get; set; } = 7291;

    /// <summary>How many digits to test on.</summary>
    public int Test { get; set; } = 2007;

    /// <summary>
    /// How many digits to hold out of the training split, after those that are trained on, and to test on instead of the
    /// test split, which is then not looked at; 0 to test on the test split.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Validation { get; set; }

    /// <summary>The seed of the choice (or the drawing) of digits.</summary>
    public uint DataSeed { get; set; } = ArticleSeed;

    /// <summary>Which network; that of 1989 where it is left out.</summary>
    [JsonPropertyName("network")]
    public NetworkDescription? Architecture { get; set; }

    /// <summary>The activation of H1, H2 and H3, or of whatever a family calls hidden; layers that are listed say their own.</summary>
    [JsonConverter(typeof(HiddenActivationConverter))]
    public Activation Hidden { get; set; } = Activation.Of<Tanh>();

    /// <summary>The activation of the outputs; layers that are listed say their own.</summary>
    [JsonConverter(typeof(OutputActivationConverter))]
    public Activation Output { get; set; } = Activation.Of<Tanh>();

    /// <summary>What training minimises.</summary>
    public Loss Loss { get; set; } = Loss.Of<SquaredError>();

    /// <summary>Which maps of H1 each map of H2 reads; the article's table where it is left out.</summary>
    public H2Connections? Connections { get; set; }

    /// <summary>Whether training moves the length and the direction of each weight vector apart from each other.</summary>
    public bool WeightNormalization { get; set; }

    /// <summary>The share of cross entropy's target that training spreads over all ten outputs.</summary>
    public double LabelSmoothing { get; set; }

    /// <summary>
    /// A trained network, or an ensemble, towards whose outputs this one is trained beside its labels: a run's folder or a model's file.
    /// </summary>
    public string? Teacher { get; set; }

    /// <summary>How much, and how softly, training is towards the teacher's outputs; the usual where it is left out.</summary>
    public Distillation? Distillation { get; set; }

    /// <summary>How far the initial weights spread.</summary>
    public InitialWeights InitialWeights { get; set; } = InitialWeights.Article;

    /// <summary>The optimizer and its learning rate.</summary>
    public required OptimizerOptions Optimizer { get; init; }

    /// <summary>How many examples a step looks at.</summary>
    public BatchSize Batch { get; set; } = BatchSize.PerExample;

    /// <summary>The most that an image is rolled in x and y, in pixels, anew for every step.</summary>
    public int Shift { get; set; }

    /// <summary>The most degrees that an image is turned by, either way, anew for every step.</summary>
    public double Rotate { get; set; }

    /// <summary>The most that an image's size changes by, either way, as a fraction, anew for every step.</summary>
    public double Scale { get; set; }

    /// <summary>The standard deviation of an image's elastic displacement in x and y, in pixels, anew for every step.</summary>
    public double Elastic { get; set; }

    /// <summary>The share of the steps, the last ones, whose images are rolled alone, no longer turned, scaled or bent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Undistorted { get; set; }

    /// <summary>The probability of dropping a unit of H2 on its way to H3, or wherever a family drops units.</summary>
    public double Dropout { get; set; }

    /// <summary>
    /// Where training per example on the CPU draws shifts and dropout from. Whatever else trains draws from Philox.
    /// </summary>
    public RandomNumbers RandomNumbers { get; set; } = RandomNumbers.Philox;

    /// <summary>
    /// The most slices that a batch's gradient is cut into: as many processes can share it. Another number, other bits; 32 unless told.
    /// </summary>
    public int? Slices { get; set; }

    /// <summary>Steps between evaluations; a pass where it is left out, fifty where a step is a pass.</summary>
    public int? EvaluateEvery { get; set; }

    /// <summary>How often training goes through the whole training set; this or <see cref="Steps"/>.</summary>
    public int? Passes { get; set; }

    /// <summary>How many steps training takes; this or <see cref="Passes"/>.</summary>
    public int? Steps { get; set; }

    /// <summary>The seed of the initial weights.</summary>
    public uint Seed { get; set; } = ArticleSeed;

    /// <summary>
    /// What training starts from instead of drawn weights: the name or the file of an experiment, which is trained first,
    /// or a saved model, by its run's folder or its file. See <see cref="Training.TrainingStages"/>.
    /// </summary>
    public string? From { get; set; }

    /// <summary>Whether the network is that of 1989, whose sizes all that is fast is cut for.</summary>
    /// <exception cref="NetworkFaultException">There is no such network.</exception>
    [JsonIgnore]
    public bool Is1989 => Architecture is null || Architecture.Shape() == NetworkShape.Zip1989;

    /// <summary>The network of 1989 that the configuration describes.</summary>
    /// <exception cref="InvalidOperationException">It describes another: see <see cref="Layers"/>.</exception>
    [JsonIgnore]
    public NetworkOptions Network => Is1989
        ? Options(NetworkShape.Zip1989)
        : throw new InvalidOperationException($"{Experiment} has a network that is not that of 1989.");

    /// <summary>The network that the configuration describes, whichever it is, as layers.</summary>
    /// <exception cref="NetworkFaultException">There is no such network.</exception>
    [JsonIgnore]
    public LayerNetwork Layers => Built(distillation: null);

    /// <summary>The network's parameters, in the order of their vector.</summary>
    [JsonIgnore]
    public IReadOnlyList<ParameterPart> Parts => Is1989 ? Parameters.Parts : Layers.Parts;

    /// <summary>How many parameters the network has.</summary>
    [JsonIgnore]
    public int ParameterCount => Is1989 ? Parameters.Count : Layers.ParameterCount;

    /// <summary>How training learns from the teacher; null where it learns from labels alone.</summary>
    [JsonIgnore]
    public Distillation? Teaching => Teacher is null ? null : Distillation ?? new Distillation();

    /// <summary>How images are turned, scaled and bent.</summary>
    [JsonIgnore]
    public Distortion Distortion => new(Rotate, Scale, Elastic);

    /// <summary>The digits that the configuration asks for.</summary>
    [JsonIgnore]
    public DataRequest Data => new(Dataset, Train, Test, Order, DataSeed, Validation) { Batch = Batch.Of(Train), Files = Files };

    /// <summary>Whether the experiment is tested on held-out training digits, and not on the test split.</summary>
    [JsonIgnore]
    public bool IsValidation => Validation > 0;

    /// <summary>Whether the training set is drawn while it is trained on.</summary>
    [JsonIgnore]
    public bool IsStreamed => Dataset.IsStreamed(Train, Batch.Of(Train));

    /// <summary>Whether something random happens to an example in training.</summary>
    [JsonIgnore]
    public bool IsPerturbed => Shift > 0 || DropoutOfSteps > 0 || !Distortion.IsNone;

    /// <summary>Whether a run counts passes, not steps: a streamed set's are too long for that.</summary>
    [JsonIgnore]
    public bool CountsPasses => Steps is null && !IsStreamed;

    /// <summary>The steps of a pass; the last one of a pass may look at fewer examples than the others.</summary>
    [JsonIgnore]
    public int StepsPerPass => (Train + Batch.Of(Train) - 1) / Batch.Of(Train);

    /// <summary>Steps from one evaluation to the next.</summary>
    [JsonIgnore]
    public int EvaluationSteps => EvaluateEvery
        ?? (IsStreamed ? Math.Min(StepsPerPass, Math.Max(1, StreamedExamplesBetweenEvaluations / Batch.Of(Train)))
            : StepsPerPass > 1 ? StepsPerPass : StepsBetweenEvaluations);

    /// <summary>The learning rate of every step.</summary>
    [JsonIgnore]
    public LearningRateSchedule LearningRateSchedule => Optimizer.LearningRateSchedule(StepsPerPass);

    /// <summary>Whether a longer run begins with the very steps of this one: no step depends on how many there are.</summary>
    [JsonIgnore]
    public bool CanBeLengthened => DependenceOnLength is null;

    /// <summary>What makes steps depend on how many there are, as a clause; null if nothing does.</summary>
    [JsonIgnore]
    internal string? DependenceOnLength =>
        Optimizer.Schedule != ScheduleKind.Constant
            ? $"its learning rate falls ({ConfigurationNames.Schedule[Optimizer.Schedule]}) until the last of them"
        : Undistorted > 0
            ? FormattableString.Invariant($"the last {100 * Undistorted:0.###}% of them show images undistorted")
        : null;

    /// <summary>How many steps training takes.</summary>
    [JsonIgnore]
    public long TotalSteps => Steps ?? (long)Passes.GetValueOrDefault() * StepsPerPass;

    /// <summary>
    /// What steps are told of dropout: layers that drop units know their own probabilities, and only need to be told that they are
    /// trained.
    /// </summary>
    private double DropoutOfSteps => Dropout > 0 || Is1989 || !Layers.Drops ? Dropout : 0.5;

    /// <summary>Draws the parameters that training begins with.</summary>
    internal float[] DrawParameters() => Is1989 && InitialWeights != InitialWeights.PyTorch
        ? InitialParameters.Draw(Network, Seed)
        : Layers.DrawParameters(Seed);

    /// <summary>How batches are cut, and who shares them.</summary>
    /// <param name="ranks">The processes that share every batch; null for this one alone.</param>
    internal BatchSharing Sharing(IRanks? ranks) => new(new GradientSlices(Slices ?? 0), ranks);

    /// <summary>
    /// Whether the host trains batches by the trainer that is cut for 1989's network. It shares out single examples, where the one of any
    /// network takes 32 at a time and is faster once every thread of sixteen has so many; and it alone knows second derivatives and
    /// normalized weights.
    /// </summary>
    /// <param name="examples">The examples of a pass.</param>
    internal bool IsCutFor1989(int examples) =>
        Is1989 && (Batch.Of(examples) < BatchOfAnyNetwork || WeightNormalization || Optimizer.Kind.UsesCurvature);

    /// <summary>The trainer of batches on the host.</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="train">What is trained on.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="threads">How many threads work; 0 for one per core.</param>
    /// <param name="ranks">The processes that share every batch; null for this one alone.</param>
    /// <param name="teacher">The teacher, which makes the loss that of <see cref="Teaching"/>; null for labels alone.</param>
    internal ITrainer CreateHostTrainer(
        Optimizer optimizer, ITrainingSet train, Examples test, int threads = 0, IRanks? ranks = null, Teacher? teacher = null) =>
        IsCutFor1989(train.Count)
        ? new HostTrainer(NetworkTaughtBy(teacher), optimizer, train, test, threads, Sharing(ranks), teacher)
        : new LayerTrainer(LayersTaughtBy(teacher), optimizer, train, test, threads, Sharing(ranks), teacher);

    /// <summary>The network of 1989 as it is trained.</summary>
    /// <param name="teacher">The teacher; null for labels alone.</param>
    internal NetworkOptions NetworkTaughtBy(Teacher? teacher) =>
        teacher is null ? Network : Network with { Distillation = Teaching };

    /// <summary>The network as it is trained, as layers.</summary>
    /// <param name="teacher">The teacher; null for labels alone.</param>
    internal LayerNetwork LayersTaughtBy(Teacher? teacher) => teacher is null ? Layers : Built(Teaching);

    /// <summary>The network with trained parameters; to be disposed.</summary>
    /// <param name="parameters">The parameters, in the order of <see cref="Parts"/>.</param>
    internal INetwork CreateClassifier(ReadOnlySpan<float> parameters)
    {
        INetwork network = Is1989 ? SimdNetwork.Create(Network) : new LayerClassifier(Layers);
        network.Load(parameters);
        return network;
    }

    /// <summary>Every step that training takes.</summary>
    /// <param name="examples">The examples of a pass, as many as were found.</param>
    internal StepSchedule Schedule(int examples) => new(
        Optimizer,
        LearningRateSchedule,
        (int)TotalSteps,
        examples,
        Batch.Of(examples),
        new Perturbation(Seed, step: 0, Shift, (float)DropoutOfSteps, Distortion),
        Seed,
        Batch == BatchSize.PerExample ? Shuffle : PresentationOrder.AsTheyAre,
        Undistorted);

    /// <summary>The configuration as it runs on digits that were found for it: "auto" has become the data set it is.</summary>
    internal ExperimentConfiguration On(LoadedData data) => this with
    {
        Schema = null,
        Dataset = data.Dataset,
        Files = data.Files,
        Train = data.TrainCount,
        Test = data.IsValidation ? Test : data.Test.Count,
    };

    /// <summary>The configuration with the digits of another.</summary>
    internal ExperimentConfiguration OnDigitsOf(ExperimentConfiguration other) => this with
    {
        Dataset = other.Dataset,
        Files = other.Files,
        Order = other.Order,
        Train = other.Train,
        Test = other.Test,
        Validation = other.Validation,
        DataSeed = other.DataSeed,
    };

    /// <summary>What is wrong with the values, each with the JSON path of the value to change.</summary>
    internal IEnumerable<(string Path, string Problem)> Problems()
    {
        if (string.IsNullOrWhiteSpace(Experiment))
        {
            yield return ("$.experiment", "expected a name, found an empty text");
        }
        else if (Experiment.Length > LongestName || !DisplayText.IsFit(Experiment))
        {
            yield return ("$.experiment", FormattableString.Invariant(
                $"expected a name of at most {LongestName} characters, without control characters or marks of direction, ")
                + FormattableString.Invariant($"found {Experiment.Length:N0} characters, '{Excerpt.Of(Experiment)}'"));
        }

        foreach ((string path, string problem) in Files?.Problems(Dataset) ?? [])
        {
            yield return (path, problem);
        }

        if (Train < 1 || Train > Dataset.MostTrain)
        {
            string more = Train > MostExamples && Dataset.MostTrain == MostExamples
                ? "; only \"dataset\": \"builtin\" has more"
                : "";
            yield return ("$.train", OutOfRange(Train, 1, Dataset.MostTrain) + more);
        }
        else if (Train > MostExamples && !IsStreamed)
        {
            yield return ("$.batch", FormattableString.Invariant(
                $"more than {MostExamples} digits are drawn during training, a batch at a time: expected a batch of up to ")
                + FormattableString.Invariant($"{StreamedSet.MostBatch}, found {Batch}"));
        }

        if (Test is < 1 or > MostExamples)
        {
            yield return ("$.test", OutOfRange(Test, 1, MostExamples));
        }

        if (Validation is < 0 or > MostExamples)
        {
            yield return ("$.validation", OutOfRange(Validation, 0, MostExamples));
        }

        if (Shuffle != PresentationOrder.AsTheyAre
            && (IsStreamed || (Batch != BatchSize.PerExample && Batch != BatchSize.Full)))
        {
            yield return ("$.shuffle", IsStreamed
                ? "is for training sets that are in memory whole, and this one is drawn while it is trained on; remove it"
                : $"is for \"batch\": 1 (a full batch knows no order), and the batch is {Batch}; remove it");
        }

        foreach ((string path, string problem) in OptimizerProblems.Of(Optimizer))
        {
            yield return (path, problem);
        }

        if (WeightNormalization && Optimizer.Kind.UnsupportedByNormalization is { } unsupported)
        {
            yield return ("$.weightNormalization", $"does not go with {Optimizer.Kind}: {unsupported}; remove it");
        }

        if (Shift is < 0 or > MostShift)
        {
            yield return ("$.shift", OutOfRange(Shift, 0, MostShift));
        }

        foreach ((string name, double value, double most) in new[]
        {
            ("rotate", Rotate, Distortion.MostRotate),
            ("scale", Scale, Distortion.MostScale),
            ("elastic", Elastic, Distortion.MostElastic),
        })
        {
            if (!(value >= 0 && value <= most))
            {
                yield return ($"$.{name}", FormattableString.Invariant($"expected a number from 0 to {most}, found {value}"));
            }
        }

        if (!(Undistorted >= 0 && Undistorted < 1))
        {
            yield return ("$.undistorted", FormattableString.Invariant($"expected a number from 0 to below 1, found {Undistorted}"));
        }
        else if (Undistorted > 0 && Rotate == 0 && Scale == 0 && Elastic == 0)
        {
            yield return ("$.undistorted", "ends rotate, scale and elastic, and there is none of them; set one, or remove it");
        }

        if (!(Dropout >= 0 && Dropout < 1))
        {
            yield return ("$.dropout", FormattableString.Invariant($"expected a number from 0 to below 1, found {Dropout}"));
        }

        if (RandomNumbers == RandomNumbers.Article && !Distortion.IsNone)
        {
            yield return ("$.randomNumbers", "the article draws shifts and dropout only; with rotate, scale or elastic, set it "
                + "to \"philox\"");
        }

        if (Slices is < 1 or > GradientSlices.MostAllowed)
        {
            yield return ("$.slices", OutOfRange(Slices.Value, 1, GradientSlices.MostAllowed));
        }

        if (EvaluateEvery is < 1)
        {
            yield return ("$.evaluateEvery", OutOfRange(EvaluateEvery.Value, 1, int.MaxValue));
        }

        if (TotalSteps > int.MaxValue)
        {
            yield return ("$.passes", FormattableString.Invariant(
                $"{Passes} passes of {StepsPerPass} steps are more than the {int.MaxValue} steps of a run"));
        }

        if (Architecture is { IsListed: true })
        {
            foreach ((string path, string problem) in ProblemsOfListed())
            {
                yield return (path, problem);
            }
        }
        else if (!Loss.Takes(Output))
        {
            yield return ("$.loss", $"{Loss} is softmax cross entropy, which takes unbounded outputs; "
                + $"set \"output\": \"linear\" (it is \"{Output}\")");
        }

        if (!(LabelSmoothing >= 0 && LabelSmoothing < 1))
        {
            yield return ("$.labelSmoothing", FormattableString.Invariant(
                $"expected a number from 0 to below 1, found {LabelSmoothing}"));
        }

        if (LabelSmoothing > 0 && !Loss.Smooths)
        {
            yield return ("$.labelSmoothing", "is cross entropy's; remove it, or set \"loss\": \"crossEntropy\" and "
                + "\"output\": \"linear\"");
        }

        foreach ((string path, string problem) in ProblemsOfTeaching())
        {
            yield return (path, problem);
        }

        if (Passes is < 1 or > MostPasses)
        {
            yield return ("$.passes", OutOfRange(Passes.Value, 1, MostPasses));
        }

        if (Steps is < 1)
        {
            yield return ("$.steps", OutOfRange(Steps.Value, 1, int.MaxValue));
        }

        if (Passes is not null && Steps is not null)
        {
            yield return ("$.steps", "expected either 'passes' or 'steps', found both; remove one");
        }

        if (From is not null && string.IsNullOrWhiteSpace(From))
        {
            yield return ("$.from", "expected a configuration or a saved model, found an empty text");
        }

        if (Passes is null && Steps is null)
        {
            yield return ("$", "expected 'passes' or 'steps', found neither; the article's experiment has \"passes\": 23");
        }

        if (NetworkProblem() is { } fault)
        {
            yield return (fault.Path, fault.Problem);
        }
    }

    /// <summary>What is wrong with how the network learns from a teacher.</summary>
    private IEnumerable<(string Path, string Problem)> ProblemsOfTeaching()
    {
        if (Teacher is null)
        {
            if (Distillation is not null)
            {
                yield return ("$.distillation", "says how to learn from a teacher, and there is none; name one (\"teacher\": a run's "
                    + "folder or a saved model), or remove it");
            }

            yield break;
        }

        if (string.IsNullOrWhiteSpace(Teacher))
        {
            yield return ("$.teacher", "expected a run's folder or a saved model, found an empty text");
        }
        else if (Teacher.Contains('\0', StringComparison.Ordinal))
        {
            yield return ("$.teacher", "expected a run's folder or a saved model, found a character that no path has");
        }

        if (WeightNormalization)
        {
            yield return ("$.weightNormalization", "goes without a teacher; remove one of them");
        }

        if (Distillation is { } distillation)
        {
            if (!(distillation.Temperature >= 1 && distillation.Temperature <= Distillation.MostTemperature))
            {
                yield return ("$.distillation.temperature", FormattableString.Invariant(
                    $"expected a number from 1 to {Distillation.MostTemperature}, found {distillation.Temperature}"));
            }

            if (!(distillation.LabelShare >= 0 && distillation.LabelShare < 1))
            {
                yield return ("$.distillation.labelShare", FormattableString.Invariant(
                    $"expected a number from 0 to below 1, found {distillation.LabelShare}"));
            }
        }

        if (Optimizer.Kind.UsesCurvature)
        {
            yield return ("$.teacher", $"{Optimizer.Kind} needs second derivatives, which are those of labels alone; take another "
                + "optimizer, or remove it");
        }

        if (RandomNumbers == RandomNumbers.Article && IsPerturbed && Batch == BatchSize.PerExample)
        {
            yield return ("$.randomNumbers", "a teacher is shown each digit as the step distorts it, which the article's random numbers "
                + "say too late; set it to \"philox\", or remove it");
        }
    }

    /// <summary>What layers that are listed leave no room for.</summary>
    private IEnumerable<(string Path, string Problem)> ProblemsOfListed()
    {
        const string Reason = "'network.layers' says it layer by layer; remove one of them";
        if (Hidden != Activation.Of<Tanh>())
        {
            yield return ("$.hidden", Reason);
        }

        if (Output != Activation.Of<Tanh>())
        {
            yield return ("$.output", Reason);
        }

        if (Dropout != 0)
        {
            yield return ("$.dropout", Reason);
        }
    }

    private (string Path, string Problem)? NetworkProblem()
    {
        if (Architecture is null)
        {
            return null;
        }

        try
        {
            if (Is1989)
            {
                return null;
            }

            if (Optimizer.Kind.UsesCurvature)
            {
                return ("$.optimizer.kind", $"{Optimizer.Kind} needs second derivatives, which the network of 1989 alone passes "
                    + "back; take another optimizer, or remove \"network\"");
            }

            if (Connections is not null)
            {
                return ("$.connections", "is for the network of 1989 at width 1; remove it, or list the layers, whose convolutions "
                    + "have \"connections\" of their own");
            }

            if (WeightNormalization)
            {
                return ("$.weightNormalization", "is for the network of 1989 at width 1; remove it, or \"network\"");
            }

            LayerNetwork network = Layers;
            return !Loss.Takes(network.OutputActivation)
                ? ("$.loss", $"{Loss} is softmax cross entropy, which takes unbounded outputs; the last layer gives "
                    + $"{network.OutputActivation}")
                : null;
        }
        catch (NetworkFaultException fault)
        {
            return (fault.Path, fault.Message);
        }
    }

    private LayerNetwork Built(Distillation? distillation) => _built.Of(
        Options(Architecture is null ? NetworkShape.Zip1989 : Architecture.Shape()) with { Distillation = distillation },
        Dropout,
        Architecture);

    private NetworkOptions Options(NetworkShape? shape) => new(Hidden, Output, Loss)
    {
        Shape = shape ?? NetworkShape.Zip1989,
        Connections = Connections ?? (shape is null ? H2Connections.Article : Zip1989Family.Connections(shape)),
        InitialWeights = InitialWeights,
        LabelSmoothing = LabelSmoothing,
        WeightNormalization = WeightNormalization,
    };

    private static string OutOfRange(int found, int least, int most) => string.Create(
        CultureInfo.InvariantCulture, $"expected a whole number from {least} to {most}, found {found}");
}
