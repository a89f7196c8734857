using TorchSharp;
using static TorchSharp.torch;

namespace GpuConvnet.Peers;

/// <summary>The network of 1989 as pytorch_fullbatch.py has it, call by call.</summary>
internal static class Network
{
    private static readonly long[][] _shapes =
        [[12, 1, 5, 5], [12, 8, 8], [12, 8, 5, 5], [12, 4, 4], [192, 30], [30], [30, 10], [10]];

    private static readonly long[] _sizes = [.. _shapes.Select(shape => shape.Aggregate(1L, (product, length) => product * length))];

    /// <summary>(9760) and (n, 1, 16, 16) to the outputs (n, 10).</summary>
    public static Tensor Outputs(Tensor parameters, Tensor images, Request request, double dropout = 0)
    {
        Tensor[] parts = [.. parameters.split(_sizes).Zip(_shapes, (part, shape) => part.view(shape))];
        Tensor Activate(Tensor sums) => request.Hidden == "tanh" ? sums.tanh() : sums.relu();
        Tensor h1 = Activate(nn.functional.conv2d(Padded(images), parts[0], strides: [2, 2]) + parts[1]);
        h1 = Padded(h1);
        Tensor[] sources = [h1.narrow(1, 0, 8), h1.narrow(1, 4, 8), cat([h1.narrow(1, 0, 4), h1.narrow(1, 8, 4)], 1)];
        Tensor[] maps = [.. sources.Zip(parts[2].split(4), (source, weights) => nn.functional.conv2d(source, weights, strides: [2, 2]))];
        Tensor h2 = nn.functional.dropout(Activate(cat(maps, 1) + parts[3]), dropout);
        Tensor outputs = Activate(h2.flatten(1).matmul(parts[4]) + parts[5]).matmul(parts[6]) + parts[7];
        return request.Output == "tanh" ? outputs.tanh() : outputs;
    }

    public static Tensor Loss(Tensor outputs, Split split, Request request) => request.Loss == "crossEntropy"
        ? nn.functional.cross_entropy(outputs, split.Labels)
        : nn.functional.mse_loss(outputs, split.Targets);

    /// <summary>(n, 1, 16, 16), each image rolled by up to so many pixels in x and y, its own way.</summary>
    public static Tensor Rolled(Tensor images, int most)
    {
        Tensor by = randint(-most, most + 1, [2, images.shape[0], 1], dtype: int64);
        Tensor places = arange(16, dtype: int64);
        Tensor rows = (places - by[0]).remainder(16), columns = (places - by[1]).remainder(16);
        Tensor sources = (rows.unsqueeze(2) * 16 + columns.unsqueeze(1)).flatten(1);
        return images.flatten(1).gather(1, sources).view_as(images);
    }

    private static Tensor Padded(Tensor maps) => nn.functional.pad(maps, [2, 2, 2, 2], PaddingModes.Constant, -1);
}
