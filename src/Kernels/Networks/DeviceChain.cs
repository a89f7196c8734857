using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// Layers one after the other on a device, and where their numbers lie: outputs, then two areas between which gradients go to
/// and fro.
/// </summary>
internal sealed class DeviceChain : IDisposable
{
    private readonly KernelLoader _loader;
    private readonly OwnedBuffers _owned = new();
    private readonly IReadOnlyList<Layer> _layers;
    private readonly DeviceLayer[] _kernels;
    private readonly int _lanes;
    private readonly ArrayView<float>[] _outputs;
    private readonly ArrayView<float>[] _gradients = new ArrayView<float>[2];

    /// <summary>Compiles the layers' kernels.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="chain">The layers.</param>
    /// <param name="lanes">Examples of a block.</param>
    /// <exception cref="InvalidOperationException">There are no kernels of one of the layers.</exception>
    public DeviceChain(KernelLoader loader, LayerChain chain, int lanes)
    {
        _loader = loader;
        _layers = chain.Layers;
        _lanes = lanes;
        _outputs = new ArrayView<float>[_layers.Count];
        _kernels = new DeviceLayer[_layers.Count];
        try
        {
            for (int i = 0; i < _kernels.Length; i++)
            {
                _kernels[i] = _owned.Add(DeviceLayers.Create(loader, _layers, i, lanes));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Numbers of an example.</summary>
    public long FloatsOfExample
    {
        get
        {
            long floats = 2L * MostGradients();
            for (int i = 0; i < _layers.Count; i++)
            {
                floats += (IsInPlace(i) ? 0 : Places(i)) + _kernels[i].FloatsOfExample;
            }

            return floats;
        }
    }

    /// <summary>The most numbers of an example that lie next to each other.</summary>
    public int MostPlaces => Enumerable.Range(0, _layers.Count).Max(Places);

    /// <summary>The gradient by the output, which <see cref="Backward"/> starts from and overwrites.</summary>
    public ArrayView<float> OutputGradient => _gradients[0];

    /// <summary>Allocates memory.</summary>
    /// <param name="blocks">Blocks that there is to be room for.</param>
    public void Allocate(int blocks)
    {
        foreach (DeviceLayer layer in _kernels)
        {
            layer.Allocate(blocks);
        }

        for (int i = 0; i < _layers.Count; i++)
        {
            _outputs[i] = IsInPlace(i) ? _outputs[i - 1] : Borders.Allocate(_loader, _owned, blocks, Places(i), _lanes, Border(i + 1));
        }

        for (int i = 0; i < _gradients.Length; i++)
        {
            _gradients[i] =
                _owned.Add(_loader.Accelerator.Allocate1D<float>((long)blocks * MostGradients() * _lanes)).View;
        }
    }

    /// <summary>Queues input to output.</summary>
    /// <param name="pass">Input and parameters.</param>
    /// <returns>The output.</returns>
    public ArrayView<float> Forward(in DevicePass pass)
    {
        for (int i = 0; i < _kernels.Length; i++)
        {
            _kernels[i].Forward(PassOf(pass, i));
        }

        return _outputs[^1];
    }

    /// <summary>Queues the gradient by the output to gradients by the parameters and, if it is asked for, by the input.</summary>
    /// <param name="pass">What the way forward had, and where gradients by the parameters go.</param>
    /// <param name="wantsInput">Whether the gradient by the input is asked for.</param>
    /// <returns>The gradient by the input; empty if it is not asked for.</returns>
    public ArrayView<float> Backward(in DevicePass pass, bool wantsInput)
    {
        int area = 0;
        for (int i = _kernels.Length - 1; i >= 0; i--)
        {
            bool isWanted = i > 0 || wantsInput;
            ArrayView<float> outputGradient = _gradients[area];
            if (!_kernels[i].IsUnitWise)
            {
                area = 1 - area;
            }

            _kernels[i].Backward(PassOf(pass, i) with
            {
                OutputGradient = outputGradient,
                InputGradient = isWanted ? _gradients[area] : _gradients[area].SubView(0, 0),
            });
        }

        return wantsInput ? _gradients[area] : _gradients[area].SubView(0, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();

    private DevicePass PassOf(in DevicePass pass, int layer) => pass with
    {
        Input = layer == 0 ? pass.Input : _outputs[layer - 1],
        Output = _outputs[layer],
    };

    private (int Width, float Value) Border(int layer) => DeviceLayers.BorderBefore(_layers, layer);

    private int Places(int layer) => DeviceLayers.Places(_layers[layer].Output, Border(layer + 1).Width);

    private bool IsInPlace(int layer) => layer > 0 && _layers[layer].IsInPlace && !_layers[layer - 1].ReadsOutput;

    private int MostGradients() => _layers.Max(layer => Math.Max(layer.Output.Count, layer == _layers[0] ? 0 : layer.Input.Count));
}
