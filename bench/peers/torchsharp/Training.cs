using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuConvnet.Peers;

/// <summary>One request's full-batch training: <see cref="Begin"/> resets it, <see cref="Train"/> takes its steps.</summary>
internal sealed class Training
{
    private readonly Request _request;
    private readonly Split _digits;
    private readonly Tensor _initial;

    // One vector, split in the forward pass: AdamW, which TorchSharp writes in C#, then calls libtorch once for all, not eight times.
    private readonly Parameter _parameters;
    private AdamW _optimizer;

    public Training(Request request, Split digits, float[] initial)
    {
        _request = request;
        _digits = digits;
        _initial = tensor(initial);
        _parameters = new(_initial.clone());
        _optimizer = Optimizer();
    }

    public float[] Parameters => [.. _parameters.data<float>()];

    /// <summary>The initial weights, a new AdamW, the seed.</summary>
    public void Begin()
    {
        using (no_grad())
        {
            _parameters.copy_(_initial);
        }

        _optimizer.Dispose();
        _optimizer = Optimizer();
        random.manual_seed(_request.Seed);
    }

    /// <summary>Takes the first steps of the request. A step's tensors are freed at its end, as TorchSharp's guide has it.</summary>
    public void Train(int steps)
    {
        foreach (double rate in _request.Rates.Take(steps))
        {
            using DisposeScope step = NewDisposeScope();
            _optimizer.ParamGroups.First().LearningRate = rate;
            _optimizer.zero_grad();
            Loss().backward();
            _optimizer.step();
        }
    }

    /// <summary>The loss of the parameters as they are, and its gradient (9760).</summary>
    public (double Loss, float[] Gradient) LossAndGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        _optimizer.zero_grad();
        Tensor loss = Loss();
        loss.backward();
        return (loss.item<float>(), [.. _parameters.grad!.data<float>()]);
    }

    /// <summary>Outputs (count, 10), without noise.</summary>
    public float[] Outputs(Split split)
    {
        using DisposeScope scope = NewDisposeScope();
        using (no_grad())
        {
            return [.. Network.Outputs(_parameters, split.Images, _request).data<float>()];
        }
    }

    private Tensor Loss()
    {
        Tensor images = _request.Shift > 0 ? Network.Rolled(_digits.Images, _request.Shift) : _digits.Images;
        return Network.Loss(Network.Outputs(_parameters, images, _request, _request.Dropout), _digits, _request);
    }

    private AdamW Optimizer() => optim.AdamW(
        [_parameters], _request.Rates[0], _request.Beta1, _request.Beta2, _request.Epsilon, _request.WeightDecay);
}
