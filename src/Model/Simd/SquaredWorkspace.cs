using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using static GpuConvnet.Model.Shape1989;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// What second derivatives are passed back through: the squares of an example's activations, of the slopes and of the parameters.
/// The layers' own backward passes then do the rest (<see cref="Squared{TActivation}"/>): where they add weight * delta or
/// activation * delta, the diagonal approximation of Becker and LeCun (1988) has the same with squares.
/// </summary>
internal sealed unsafe class SquaredWorkspace : IDisposable
{
    private readonly AlignedFloats _parameters = new(SimdLayout.Count);

    /// <summary>Reserves the memory.</summary>
    /// <param name="connections">Which maps of H1 each map of H2 reads.</param>
    public SquaredWorkspace(H2Connections connections)
    {
        const float Border = PaddingValue * PaddingValue;
        AnyTable = connections.Equals(H2Connections.Article) ? null : new H2AnyTable(connections, Border);
        Workspace = new Workspace(Border);
    }

    /// <summary>Activations are squares in it, and deltas second derivatives by weighted sums.</summary>
    public Workspace Workspace { get; }

    /// <summary>Of a table other than the article's: the squares that each map of H2 reads.</summary>
    public H2AnyTable? AnyTable { get; }

    /// <summary>The packed parameters' squares.</summary>
    public float* Parameters => _parameters.Pointer;

    /// <summary>Squares all parameters.</summary>
    /// <param name="parameters">The packed parameters.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SquareParameters(float* parameters) => Square(parameters, Parameters, SimdLayout.Count);

    /// <summary>Squares what a forward pass left, of which the backward pass has not written over slopes yet.</summary>
    /// <param name="example">The example's activations, and slopes that only sums tell.</param>
    /// <param name="drops">Whether dropout took part.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SquareUnits<THidden>(Workspace example, bool drops)
        where THidden : struct, IActivation
    {
        Square(example.Image, Workspace.Image, PaddedInputSize * PaddedInputSize);
        SquareUnits<THidden>(example.H1, example.H1Delta, Workspace.H1, Workspace.H1Delta, H1MapUnits * SimdLayout.Lanes);
        if (AnyTable is null)
        {
            H2Input.Forward(Workspace);
        }
        else
        {
            AnyTable.CopySources(Workspace);
        }

        SquareUnits<THidden>(example.H2, example.H2Delta, Workspace.H2, Workspace.H2Delta, H2Units);
        SquareUnits<THidden>(example.H3, example.H3Delta, Workspace.H3, Workspace.H3Delta, SimdLayout.H3Lanes);
        if (drops)
        {
            Square(example.H2AfterDropout, Workspace.H2AfterDropout, H2Units);
            Square(example.KeepFactors, Workspace.KeepFactors, H2Units);
        }
    }

    /// <summary>The second derivatives by the outputs' weighted sums, scaled.</summary>
    /// <param name="example">The example's outputs.</param>
    /// <param name="scale">The factor.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SetOutputs<TOutput, TLoss>(Workspace example, float scale)
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        Wide output = Vector512.LoadAligned(example.Output);
        Wide slope = TOutput.Derivative(output);
        (TLoss.Curvature(output) * (slope * slope) * Vector512.Create(scale)).StoreAligned(Workspace.OutputDelta);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Workspace.Dispose();
        AnyTable?.Dispose();
        _parameters.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SquareUnits<THidden>(float* values, float* slopes, float* squares, float* squaredSlopes, int count)
        where THidden : struct, IActivation
    {
        for (int i = 0; i < count; i += SimdLayout.Lanes)
        {
            Wide value = Vector512.LoadAligned(values + i);
            Wide slope = UnitLanes.Derivatives<THidden>(values + i, slopes + i);
            (value * value).StoreAligned(squares + i);
            (slope * slope).StoreAligned(squaredSlopes + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(float* values, float* squares, int count)
    {
        for (int i = 0; i < count; i += SimdLayout.Lanes)
        {
            Wide value = Vector512.LoadAligned(values + i);
            (value * value).StoreAligned(squares + i);
        }
    }
}
