using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using GpuConvnet.Model.Optimizers;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// Parameters and the optimizer's state, in <see cref="SimdLayout"/>: one network's, or shared by several threads'.
/// </summary>
internal sealed unsafe class TrainedParameters : IDisposable
{
    /// <summary>
    /// From the parameters to the first states, and from those to the second: eleven pages and a third. Were it whole pages and a
    /// little, loads would wait for the stores of shortly before that lie at the same place of another page, up to a tenth of a step.
    /// </summary>
    private const int Distance = SimdLayout.Count + 416;

    private readonly AlignedFloats _memory = new(3 * Distance);

    /// <summary>Parameters, gradient and states in the order of <see cref="Parameters"/>; null until matrices are moved.</summary>
    private float[][]? _unpacked;
    private MatrixStep? _matrices;

    /// <summary>The packed parameters.</summary>
    public float* Pointer => _memory.Pointer;

    private float* State1 => _memory.Pointer + Distance;

    private float* State2 => _memory.Pointer + 2 * Distance;

    /// <summary>Sets the parameters and forgets the optimizer's state.</summary>
    /// <param name="parameters">9,760 values in the order of <see cref="Parameters"/>.</param>
    public void Load(ReadOnlySpan<float> parameters)
    {
        SimdLayout.Pack(parameters, All(Pointer));
        All(State1).Clear();
        All(State2).Clear();
    }

    /// <summary>Sets the parameters and leaves the optimizer's state as it is.</summary>
    /// <param name="parameters">9,760 values in the order of <see cref="Parameters"/>.</param>
    public void Replace(ReadOnlySpan<float> parameters) => SimdLayout.Pack(parameters, All(Pointer));

    /// <summary>Copies the parameters out.</summary>
    /// <param name="parameters">Room for 9,760 values.</param>
    public void Store(Span<float> parameters) => SimdLayout.Unpack(All(Pointer), parameters);

    /// <summary>Sets the parameters and the optimizer's state.</summary>
    public void LoadState(TrainingState state)
    {
        state = state.AtGradients();
        SimdLayout.Pack(state.Parameters, All(Pointer));
        SimdLayout.Pack(state.States[0], All(State1));
        SimdLayout.Pack(state.States[1], All(State2));
    }

    /// <summary>Copies the parameters and the optimizer's state out.</summary>
    public TrainingState SaveState()
    {
        return new TrainingState(Unpacked(Pointer), Unpacked(State1), Unpacked(State2));

        static float[] Unpacked(float* packed)
        {
            float[] values = new float[Parameters.Count];
            SimdLayout.Unpack(All(packed), values);
            return values;
        }
    }

    /// <summary>One step of the optimizer, each parameter's when its gradient comes.</summary>
    /// <param name="step">The step's constants.</param>
    public UpdateBy<TRule> UpdateBy<TRule>(in OptimizerConstants step)
        where TRule : struct, IUpdateRule => new(Pointer, State1, State2, step);

    /// <summary>One step of the optimizer. Lanes in no use have no gradient, and stay 0.</summary>
    /// <param name="packedGradient">The gradient, in the same layout.</param>
    /// <param name="step">The step's constants.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Update<TRule>(float* packedGradient, in OptimizerConstants step)
        where TRule : struct, IUpdateRule
    {
        float* parameters = Pointer;
        float* state1 = State1;
        float* state2 = State2;
        OptimizerConstants constants = step;
        for (int i = 0; i < SimdLayout.Count; i += SimdLayout.Lanes)
        {
            Wide parameter = Vector512.LoadAligned(parameters + i);
            Wide first = Vector512.LoadAligned(state1 + i);
            Wide second = Vector512.LoadAligned(state2 + i);
            TRule.Update(ref parameter, Vector512.LoadAligned(packedGradient + i), ref first, ref second, constants);
            parameter.StoreAligned(parameters + i);
            first.StoreAligned(state1 + i);
            second.StoreAligned(state2 + i);
        }
    }

    /// <summary>One step of an optimizer that knows second derivatives, whose means are its first state.</summary>
    /// <param name="packedGradient">The gradient, in the same layout.</param>
    /// <param name="packedCurvature">The second derivatives, in the same layout.</param>
    /// <param name="step">The step's constants.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Update<TRule>(float* packedGradient, float* packedCurvature, in OptimizerConstants step)
        where TRule : struct, ICurvatureRule
    {
        float* parameters = Pointer;
        float* means = State1;
        OptimizerConstants constants = step;
        for (int i = 0; i < SimdLayout.Count; i += SimdLayout.Lanes)
        {
            Wide parameter = Vector512.LoadAligned(parameters + i);
            Wide mean = Vector512.LoadAligned(means + i);
            TRule.Update(
                ref parameter, Vector512.LoadAligned(packedGradient + i), Vector512.LoadAligned(packedCurvature + i), ref mean,
                constants);
            parameter.StoreAligned(parameters + i);
            mean.StoreAligned(means + i);
        }
    }

    /// <summary>One step of an optimizer that moves weight matrices as a whole, in the order of <see cref="Parameters"/>.</summary>
    /// <param name="packedGradient">The gradient, in the same layout.</param>
    /// <param name="step">The step's constants.</param>
    public void Update<TRule, TVectors>(float* packedGradient, in OptimizerConstants step)
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule
    {
        _matrices ??= new MatrixStep(Parameters.Parts);
        _unpacked ??= [new float[Parameters.Count], new float[Parameters.Count], new float[Parameters.Count], new float[Parameters.Count]];
        (float[] parameters, float[] gradient, float[] state1, float[] state2) = (_unpacked[0], _unpacked[1], _unpacked[2], _unpacked[3]);
        SimdLayout.Unpack(All(Pointer), parameters);
        SimdLayout.Unpack(new ReadOnlySpan<float>(packedGradient, SimdLayout.Count), gradient);
        SimdLayout.Unpack(All(State1), state1);
        SimdLayout.Unpack(All(State2), state2);
        _matrices.Take<TRule, TVectors>(parameters, gradient, state1, state2, step);
        SimdLayout.Pack(parameters, All(Pointer));
        SimdLayout.Pack(state1, All(State1));
        SimdLayout.Pack(state2, All(State2));
    }

    /// <summary>
    /// Until it is disposed, the parameters are their average, where the optimizer keeps one: what evaluations take. Nobody may take
    /// a step meanwhile.
    /// </summary>
    /// <param name="optimizer">The optimizer.</param>
    public Average AtAverage(Optimizer optimizer) => new(optimizer.EvaluatesAverage ? this : null);

    /// <summary>Sets the means of second derivatives.</summary>
    /// <param name="packedCurvature">The means, in the same layout.</param>
    public void SetCurvature(float* packedCurvature) =>
        new ReadOnlySpan<float>(packedCurvature, SimdLayout.Count).CopyTo(All(State1));

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory.Dispose();
        _matrices?.Dispose();
    }

    private static Span<float> All(float* packed) => new(packed, SimdLayout.Count);

    /// <summary>A while in which the parameters are their average.</summary>
    public readonly struct Average : IDisposable
    {
        private readonly TrainedParameters? _of;
        private readonly float[]? _before;

        /// <summary>Begins it.</summary>
        /// <param name="of">Whose; null for nobody's.</param>
        public Average(TrainedParameters? of)
        {
            _of = of;
            if (of is not null)
            {
                Span<float> parameters = All(of.Pointer);
                _before = parameters.ToArray();
                for (int i = 0; i < parameters.Length; i++)
                {
                    parameters[i] += of.State1[i];
                }
            }
        }

        /// <summary>Ends it.</summary>
        public void Dispose() => _before?.CopyTo(All(_of!.Pointer));
    }
}
