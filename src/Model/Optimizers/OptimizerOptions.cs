using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using GpuConvnet.Model.Schedules;

namespace GpuConvnet.Model.Optimizers;

/// <summary>An optimizer, its constants and the learning rate's schedule. Defaults are PyTorch's.</summary>
/// <remarks>
/// Optional properties have setters because a configuration's generated reader would lose the defaults of init-only ones.
/// </remarks>
public sealed record OptimizerOptions
{
    private const int DefaultCurvatureExamples = 500;

    /// <summary>Creates options whose required properties an initializer sets.</summary>
    public OptimizerOptions()
    {
    }

    /// <summary>Creates options with a constant learning rate.</summary>
    /// <param name="kind">The optimizer.</param>
    /// <param name="learningRate">The size of a step: positive and finite.</param>
    [SetsRequiredMembers]
    public OptimizerOptions(Optimizer kind, double learningRate)
    {
        Kind = kind;
        LearningRate = learningRate;
    }

    /// <summary>The optimizer.</summary>
    /// <remarks>What its authors begin with comes with it: whatever is set afterwards goes before that.</remarks>
    public required Optimizer Kind
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
            (Momentum, Nesterov) = (value.Defaults.Momentum, value.Defaults.Nesterov);
            (Beta1, Beta2) = (value.Defaults.Beta1, value.Defaults.Beta2);
        }
    }

    /// <summary>The size of a step at its peak: positive and finite.</summary>
    public required double LearningRate { get; init; }

    /// <summary>How the learning rate falls.</summary>
    public ScheduleKind Schedule { get; set; } = ScheduleKind.Constant;

    /// <summary>How long a rate of the schedule holds.</summary>
    public ScheduleSpan ScheduleSpan { get; set; } = ScheduleSpan.Step;

    /// <summary>The learning rate of the last step, for schedules that fall.</summary>
    public double FinalLearningRate { get; set; }

    /// <summary>Steps over which the learning rate first rises to its peak.</summary>
    public int WarmupSteps { get; set; }

    /// <summary>The momentum of SGD, 0 unless set, or of Muon's matrices, 0.95; in [0, 1).</summary>
    public double Momentum { get; set; }

    /// <summary>Whether the momentum is Nesterov's: Muon's unless set, SGD's if set.</summary>
    public bool Nesterov { get; set; }

    /// <summary>
    /// Adam's decay of the gradient's mean, 0.9 unless set, in [0, 1). Lion's for the direction. In schedule-free AdamW how near to
    /// the average gradients are taken.
    /// </summary>
    public double Beta1 { get; set; }

    /// <summary>Adam's decay of the squared gradient's mean, 0.999 unless set, in [0, 1). Lion's of the momentum, 0.99.</summary>
    public double Beta2 { get; set; }

    /// <summary>What Adam adds to the root, above 0.</summary>
    public double Epsilon { get; set; } = 1e-8;

    /// <summary>What Newton adds to a second derivative before it divides by it, above 0; null for 0.1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Damping { get; set; }

    /// <summary>
    /// The weight of a step's second derivatives in Newton's running means, in [0, 1]: 0 leaves them as they were estimated, 1
    /// takes each step's own. Null for 0.001.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? CurvatureRate { get; set; }

    /// <summary>
    /// On how many examples, spread over the training set, Newton's means are estimated, or all of a smaller one; null for 500.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? CurvatureExamples { get; set; }

    /// <summary>Steps from one estimate to the next; null for one before the first step and no other.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? CurvatureEvery { get; set; }

    /// <summary>The rate at which parameters shrink, times the learning rate, a step.</summary>
    public double WeightDecay { get; set; }

    /// <summary>
    /// The size of a step of what Muon does not take as a matrix, biases above all, at its peak; null for that of matrices.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? VectorLearningRate { get; set; }

    /// <summary>The weight decay of these; null for that of matrices.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? VectorWeightDecay { get; set; }

    /// <summary>What Muon's orthogonal matrices are multiplied with; null for <see cref="Optimizers.MatrixScale.Original"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MatrixScale? MatrixScale { get; set; }

    /// <summary>Whether a step is parameter -= learningRate * gradient, at one learning rate, and nothing else.</summary>
    internal bool IsPlainSgd() => Kind == Optimizer.Of<Sgd>()
        && this is { Schedule: ScheduleKind.Constant, WarmupSteps: 0, Momentum: 0, WeightDecay: 0 };

    /// <summary>On how many examples second derivatives are estimated before a step; 0 for no estimate.</summary>
    /// <param name="step">The step, from 0.</param>
    internal int CurvatureExamplesBefore(int step) =>
        Kind.UsesCurvature && (step == 0 || (CurvatureEvery is { } every && step % every == 0))
            ? CurvatureExamples ?? DefaultCurvatureExamples
            : 0;

    /// <summary>The learning rate of every step.</summary>
    /// <param name="stepsPerPass">The steps of a pass.</param>
    internal LearningRateSchedule LearningRateSchedule(int stepsPerPass) => new(
        Schedule, LearningRate, FinalLearningRate, WarmupSteps, ScheduleSpan == ScheduleSpan.Pass ? stepsPerPass : 1);

    /// <summary>The constants of one step.</summary>
    /// <param name="learningRate">This step's learning rate.</param>
    /// <param name="step">The step, from 0.</param>
    internal OptimizerConstants Constants(double learningRate, int step) => Kind.Constants(this, learningRate, step);
}
