using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Teaching;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// A teacher on the device of its learner: it is shown the images of each of the learner's launches, as the step distorts them,
/// and its members' outputs become targets there.
/// </summary>
internal sealed class DeviceTeacher : IDisposable
{
    private readonly KernelLoader _loader;
    private readonly OwnedBuffers _owned = new();
    private readonly Member[] _members;
    private readonly TeachingEnds _ends;
    private readonly int _lanes;
    private ArrayView<float> _taught;

    /// <summary>Compiles the members' kernels and copies their parameters over.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="loss">What the learner is trained by.</param>
    /// <param name="distillation">How it learns.</param>
    /// <param name="lanes">Examples of a block.</param>
    /// <exception cref="InvalidOperationException">There are no kernels of one of the layers.</exception>
    public DeviceTeacher(KernelLoader loader, Teacher teacher, Loss loss, Distillation distillation, int lanes)
    {
        _loader = loader;
        _lanes = lanes;
        _members = new Member[teacher.Members.Count];
        try
        {
            _ends = SizeTypes.Create<TeachingEnds>(
                typeof(TeachingEndsLauncher<>), [SizeTypes.Of(lanes)], loader, teacher, loss, distillation);
            for (int i = 0; i < _members.Length; i++)
            {
                _members[i] = Open(teacher.Members[i]);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Numbers of an example.</summary>
    public long FloatsOfExample => Shape1989.Outputs + _members.Sum(member => member.Places + member.Chain.FloatsOfExample);

    /// <summary>The most numbers of an example that lie next to each other.</summary>
    public int MostPlaces => _members.Max(member => Math.Max(member.Places, member.Chain.MostPlaces));

    /// <summary>Allocates memory.</summary>
    /// <param name="blocks">Blocks that there is to be room for.</param>
    public void Allocate(int blocks)
    {
        foreach (Member member in _members)
        {
            member.Input = Borders.Allocate(_loader, _owned, blocks, member.Places, _lanes, member.Border);
            member.Chain.Allocate(blocks);
        }

        _taught = _owned.Add(_loader.Accelerator.Allocate1D<float>((long)blocks * Shape1989.Outputs * _lanes)).View;
    }

    /// <summary>Queues what the teacher says of a launch's images.</summary>
    /// <param name="pass">The learner's blocks, and what is still to happen to the images.</param>
    /// <param name="images">(256, stride): one row per pixel, this launch's examples first in it.</param>
    /// <param name="stride">Examples from one row of images to the next.</param>
    /// <param name="count">Examples of this launch.</param>
    public void See(in DevicePass pass, ArrayView<float> images, int stride, int count)
    {
        for (int i = 0; i < _members.Length; i++)
        {
            Member member = _members[i];
            DevicePass own = pass with { Input = member.Input, Parameters = member.Parameters, IsTraining = false };
            member.Ends.Load(own, images, stride, count);
            own = own with { Output = member.Chain.Forward(own) };
            _ends.Add(own, i, _members.Length, _taught);
        }

        _ends.Soften(pass, _taught);
    }

    /// <summary>Queues the loss's gradient by the learner's outputs, of images that the teacher has seen last.</summary>
    /// <param name="pass">Blocks; as its output the outputs, and their gradient.</param>
    /// <param name="labels">This launch's digits first.</param>
    /// <param name="count">Examples of this launch.</param>
    /// <param name="targets">What the outputs should be by the label.</param>
    /// <param name="scale">The factor of every derivative.</param>
    public void Backward(in DevicePass pass, ArrayView<byte> labels, int count, Targets targets, float scale) =>
        _ends.Backward(pass, _taught, labels, count, targets, scale);

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();

    private Member Open(TeacherMember member)
    {
        (int Width, float Value) border = DeviceLayers.BorderBefore(member.Network.Chain.Layers, 0);
        return new Member(
            _owned.Add(new DeviceChain(_loader, member.Network.Chain, _lanes)),
            SizeTypes.Create<NetworkEnds>(
                typeof(NetworkEndsLauncher<,>),
                [SizeTypes.Of(_lanes), DeviceLayers.Units(TensorShape.Image, _lanes, border.Width)], _loader, member.Network.Loss),
            border,
            DeviceLayers.Places(TensorShape.Image, border.Width),
            _owned.Add(_loader.Accelerator.Allocate1D(member.Parameters.ToArray())).View);
    }

    private sealed class Member(
        DeviceChain chain, NetworkEnds ends, (int Width, float Value) border, int places, ArrayView<float> parameters)
    {
        public DeviceChain Chain { get; } = chain;

        public NetworkEnds Ends { get; } = ends;

        public (int Width, float Value) Border { get; } = border;

        public int Places { get; } = places;

        public ArrayView<float> Parameters { get; } = parameters;

        public ArrayView<float> Input { get; set; }
    }
}
