using System.Numerics;
using System.Runtime.CompilerServices;
using GpuConvnet.Model.Numbers;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// Sums of products, a few rows of them that read the same values through other weights: a convolution's maps on the way forward, the
/// maps of its input on the way back.
/// <code>
/// sums[row][group] = starts[row][group] + over the readers and the triples of the group, the sum of
///     weights[reader.Weight + weight of the triple + row * WeightStep] * values[reader.Value + value of the triple]
/// </code>
/// </summary>
/// <typeparam name="TReal">The number.</typeparam>
/// <typeparam name="TWeight">What parameters are.</typeparam>
/// <remarks>
/// A register tile is four rows of two groups that are alike: a weight is used twice and a value four times. Where there are too few
/// registers it is one group.
/// </remarks>
internal readonly unsafe ref struct TapSums<TReal, TWeight>
    where TReal : unmanaged, IReal<TReal, TWeight>
    where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
{
    /// <summary>Which products.</summary>
    public ReadOnlySpan<TapReader> Readers { get; init; }

    /// <summary>The groups of the readers' tables.</summary>
    public AlikePairs Groups { get; init; }

    /// <summary>What the readers' values count from.</summary>
    public TReal* Values { get; init; }

    /// <summary>What the readers' weights count from, for the first row.</summary>
    public TWeight* Weights { get; init; }

    /// <summary>From a row's weight to the next one's.</summary>
    public nint WeightStep { get; init; }

    /// <summary>What the sums begin with, in their order; null for 0.</summary>
    public TWeight* Starts { get; init; }

    /// <summary>The layer's sums, (rows, groups).</summary>
    public TReal* Sums { get; init; }

    /// <summary>How many groups there are, from a row's sums to the next one's.</summary>
    public nint GroupCount { get; init; }

    /// <summary>Computes some rows.</summary>
    /// <param name="row">The first, from that of <see cref="Sums"/>; the weights count from it.</param>
    /// <param name="rows">How many.</param>
    public void Take(int row, int rows)
    {
        int done = 0;
        for (; done + 4 <= rows; done += 4)
        {
            if (TReal.SumsAtOnce == 8)
            {
                FourOfTwo(Groups.Pairs, row + done, done * WeightStep);
                Four(Groups.Alone, row + done, done * WeightStep);
            }
            else
            {
                Four(Groups.All, row + done, done * WeightStep);
            }
        }

        for (; done < rows; done++)
        {
            One(row + done, done * WeightStep);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FourOfTwo(AlikePair[] pairs, int row, nint firstWeight)
    {
        nint groups = GroupCount;
        nint weightStep = WeightStep;
        for (int p = 0; p < pairs.Length; p++)
        {
            nint at = row * groups + pairs[p].First;
            nint otherAt = row * groups + pairs[p].Other;
            TReal sum0 = Start(at), sum1 = Start(at + groups), sum2 = Start(at + 2 * groups), sum3 = Start(at + 3 * groups);
            TReal other0 = Start(otherAt), other1 = Start(otherAt + groups);
            TReal other2 = Start(otherAt + 2 * groups), other3 = Start(otherAt + 3 * groups);
            nint step = pairs[p].Step;
            foreach (ref readonly TapReader reader in Readers)
            {
                TWeight* weights = Weights + firstWeight + reader.Weight;
                TReal* values = Values + reader.Value;
                int* weightOf = reader.WeightOf;
                int* valueOf = reader.ValueOf;
                int last = reader.Starts[pairs[p].First + 1];
                for (int i = reader.Starts[pairs[p].First]; i < last; i++)
                {
                    TReal* v = values + valueOf[i];
                    TReal value = v[0];
                    TReal other = v[step];
                    TWeight* w = weights + weightOf[i];
                    TReal weight = TReal.Of(w);
                    TReal.AddProduct(ref sum0, value, weight);
                    TReal.AddProduct(ref other0, other, weight);
                    weight = TReal.Of(w + weightStep);
                    TReal.AddProduct(ref sum1, value, weight);
                    TReal.AddProduct(ref other1, other, weight);
                    weight = TReal.Of(w + 2 * weightStep);
                    TReal.AddProduct(ref sum2, value, weight);
                    TReal.AddProduct(ref other2, other, weight);
                    weight = TReal.Of(w + 3 * weightStep);
                    TReal.AddProduct(ref sum3, value, weight);
                    TReal.AddProduct(ref other3, other, weight);
                }
            }

            Sums[at] = sum0;
            Sums[at + groups] = sum1;
            Sums[at + 2 * groups] = sum2;
            Sums[at + 3 * groups] = sum3;
            Sums[otherAt] = other0;
            Sums[otherAt + groups] = other1;
            Sums[otherAt + 2 * groups] = other2;
            Sums[otherAt + 3 * groups] = other3;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Four(int[] alone, int row, nint firstWeight)
    {
        nint groups = GroupCount;
        nint weightStep = WeightStep;
        for (int g = 0; g < alone.Length; g++)
        {
            int group = alone[g];
            nint at = row * groups + group;
            TReal sum0 = Start(at), sum1 = Start(at + groups), sum2 = Start(at + 2 * groups), sum3 = Start(at + 3 * groups);
            foreach (ref readonly TapReader reader in Readers)
            {
                TWeight* weights = Weights + firstWeight + reader.Weight;
                TReal* values = Values + reader.Value;
                int* weightOf = reader.WeightOf;
                int* valueOf = reader.ValueOf;
                int last = reader.Starts[group + 1];
                for (int i = reader.Starts[group]; i < last; i++)
                {
                    TReal value = values[valueOf[i]];
                    TWeight* w = weights + weightOf[i];
                    TReal.AddProduct(ref sum0, value, TReal.Of(w));
                    TReal.AddProduct(ref sum1, value, TReal.Of(w + weightStep));
                    TReal.AddProduct(ref sum2, value, TReal.Of(w + 2 * weightStep));
                    TReal.AddProduct(ref sum3, value, TReal.Of(w + 3 * weightStep));
                }
            }

            Sums[at] = sum0;
            Sums[at + groups] = sum1;
            Sums[at + 2 * groups] = sum2;
            Sums[at + 3 * groups] = sum3;
        }
    }

    private void One(int row, nint firstWeight)
    {
        for (int group = 0; group < GroupCount; group++)
        {
            nint at = row * GroupCount + group;
            TReal sum = Start(at);
            foreach (ref readonly TapReader reader in Readers)
            {
                TWeight* weights = Weights + firstWeight + reader.Weight;
                TReal* values = Values + reader.Value;
                for (int i = reader.Starts[group]; i < reader.Starts[group + 1]; i++)
                {
                    TReal.AddProduct(ref sum, values[reader.ValueOf[i]], TReal.Of(weights + reader.WeightOf[i]));
                }
            }

            Sums[at] = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TReal Start(nint at) => Starts is null ? default : TReal.Of(Starts + at);
}
