using GpuConvnet.Kernels.Networks;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Tests.Layers;

/// <summary>The kernels of <see cref="UnitGain"/>, whose output may lie in a border.</summary>
internal sealed class UnitGainLauncher(
    Accelerator accelerator, ParameterPart gains, TensorShape shape, int border, float fault) : DeviceLayer
{
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, Index3D> _forward =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, Index3D>(Kernels.Forward);

    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, float> _backwardInput =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, float>(Kernels.BackwardInput);

    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, BlockSlices, int> _backwardGains =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, BlockSlices, int>(Kernels.BackwardGains);

    public override void Forward(in DevicePass pass) => _forward(
        pass.OverBlocks(gains.Count), pass.Input, pass.Of(gains), pass.Output,
        shape.IsMaps ? new Index3D(shape[1], shape[2], border) : new Index3D(1, shape.Count, 0));

    public override void Backward(in DevicePass pass)
    {
        _backwardGains(pass.OverSlices(gains.Count), pass.Input, pass.OutputGradient, pass.Slices, gains.Offset);
        if (pass.InputGradient.Length > 0)
        {
            _backwardInput(pass.OverBlocks(gains.Count), pass.OutputGradient, pass.Of(gains), pass.InputGradient, fault);
        }
    }

    /// <summary>A group for each unit and block, or for each unit and slice.</summary>
    private static class Kernels
    {
        public static void Forward(ArrayView<float> input, ArrayView<float> gains, ArrayView<float> output, Index3D map)
        {
            int unit = Grid.IdxX;
            int columns = map.Y + 2 * map.Z;
            int units = Grid.DimX / (map.X * map.Y) * (map.X + 2 * map.Z) * columns;
            int place = unit / (map.X * map.Y) * (map.X + 2 * map.Z) * columns
                + (unit / map.Y % map.X + map.Z) * columns + unit % map.Y + map.Z;
            output[(Grid.IdxY * units + place) * Group.DimX + Group.IdxX] = input[Place(Grid.IdxY)] * gains[unit];
        }

        public static void BackwardInput(ArrayView<float> deltas, ArrayView<float> gains, ArrayView<float> gradient, float fault) =>
            gradient[Place(Grid.IdxY)] = deltas[Place(Grid.IdxY)] * gains[Grid.IdxX] * fault;

        public static void BackwardGains(ArrayView<float> input, ArrayView<float> deltas, BlockSlices slices, int offset)
        {
            slices.Range(Grid.IdxY, out int start, out int end);
            float sum = 0f;
            for (int block = start; block < end; block++)
            {
                sum += input[Place(block)] * deltas[Place(block)];
            }

            ArrayView<float> sums = SharedMemory.Allocate<float>(64);
            sums[Group.IdxX] = sum;
            Group.Barrier();
            if (Group.IdxX == 0)
            {
                for (int lane = 1; lane < Group.DimX; lane++)
                {
                    sum += sums[lane];
                }

                slices.Store(Grid.IdxY, offset + Grid.IdxX, sum);
            }
        }

        private static int Place(int block) => (block * Grid.DimX + Grid.IdxX) * Group.DimX + Group.IdxX;
    }
}
