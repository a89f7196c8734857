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
    private readonly AlignedFloats _parameters = new(SimdLayout.Count);
    private readonly AlignedFloats _state1 = new(SimdLayout.Count);
    private readonly AlignedFloats _state2 = new(SimdLayout.Count);

    /// <summary>Parameters, gradient and states in the order of <see cref="Parameters"/>; null until matrices are moved.</summary>
    private float[][]? _unpacked;
    private MatrixStep? _matrices;

    /// <summary>The packed parameters.</summary>
    public float* Pointer => _parameters.Pointer;

    /// <summary>Sets the parameters and forgets the optimizer's state.</summary>
    /// <param name="parameters">9,760 values in the order of <see cref="Parameters"/>.</param>
    public void Load(ReadOnlySpan<float> parameters)
    {
        SimdLayout.Pack(parameters, _parameters.Span);
        _state1.Span.Clear();
        _state2.Span.Clear();
    }

    /// <summary>Sets the parameters and leaves the optimizer's state as it is.</summary>
    /// <param name="parameters">9,760 values in the order of <see cref="Parameters"/>.</param>
    public void Replace(ReadOnlySpan<float> parameters) => SimdLayout.Pack(parameters, _parameters.Span);

    /// <summary>Copies the parameters out.</summary>
    /// <param name="parameters">Room for 9,760 values.</param>
    public void Store(Span<float> parameters) => SimdLayout.Unpack(_parameters.Span, parameters);

    /// <summary>Sets the parameters and the optimizer's state.</summary>
    public void LoadState(TrainingState state)
    {
        state = state.AtGradients();
        SimdLayout.Pack(state.Parameters, _parameters.Span);
        SimdLayout.Pack(state.States[0], _state1.Span);
        SimdLayout.Pack(state.States[1], _state2.Span);
    }

    /// <summary>Copies the parameters and the optimizer's state out.</summary>
    public TrainingState SaveState()
    {
        return new TrainingState(Unpacked(_parameters), Unpacked(_state1), Unpacked(_state2));

        static float[] Unpacked(AlignedFloats packed)
        {
            float[] values = new float[Parameters.Count];
            SimdLayout.Unpack(packed.Span, values);
            return values;
        }
    }

    /// <summary>One step of the optimizer, each parameter's when its gradient comes.</summary>
    /// <param name="step">The step's constants.</param>
    public UpdateBy<TRule> UpdateBy<TRule>(in OptimizerConstants step)
        where TRule : struct, IUpdateRule => new(Pointer, _state1.Pointer, _state2.Pointer, step);

    /// <summary>One step of the optimizer. Lanes in no use have no gradient, and stay 0.</summary>
    /// <param name="packedGradient">The gradient, in the same layout.</param>
    /// <param name="step">The step's constants.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Update<TRule>(float* packedGradient, in OptimizerConstants step)
        where TRule : struct, IUpdateRule
    {
        float* parameters = _parameters.Pointer;
        float* state1 = _state1.Pointer;
        float* state2 = _state2.Pointer;
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
        float* parameters = _parameters.Pointer;
        float* means = _state1.Pointer;
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
        SimdLayout.Unpack(_parameters.Span, parameters);
        SimdLayout.Unpack(new ReadOnlySpan<float>(packedGradient, SimdLayout.Count), gradient);
        SimdLayout.Unpack(_state1.Span, state1);
        SimdLayout.Unpack(_state2.Span, state2);
        _matrices.Take<TRule, TVectors>(parameters, gradient, state1, state2, step);
        SimdLayout.Pack(parameters, _parameters.Span);
        SimdLayout.Pack(state1, _state1.Span);
        SimdLayout.Pack(state2, _state2.Span);
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
        new ReadOnlySpan<float>(packedCurvature, SimdLayout.Count).CopyTo(_state1.Span);

    /// <inheritdoc/>
    public void Dispose()
    {
        _parameters.Dispose();
        _state1.Dispose();
        _state2.Dispose();
        _matrices?.Dispose();
    }

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
                Span<float> parameters = of._parameters.Span;
                _before = parameters.ToArray();
                for (int i = 0; i < parameters.Length; i++)
                {
                    parameters[i] += of._state1.Span[i];
                }
            }
        }

        /// <summary>Ends it.</summary>
        public void Dispose() => _before?.CopyTo(_of!._parameters.Span);
    }
}
