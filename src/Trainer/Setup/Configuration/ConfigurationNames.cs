using GpuConvnet.Kernels.Training;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Schedules;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>The names of every choice that a configuration or the command line makes, in one place.</summary>
internal static class ConfigurationNames
{
    public static NameTable<AcceleratorKind> Accelerator { get; } = new(
        ("auto", AcceleratorKind.Auto),
        ("cuda", AcceleratorKind.Cuda),
        ("opencl", AcceleratorKind.OpenCL),
        ("cpu", AcceleratorKind.Cpu),
        ("host", AcceleratorKind.Host));

    public static NameTable<KernelChoice> Kernels { get; } = new(
        ("auto", KernelChoice.Auto),
        ("layers", KernelChoice.Layers),
        ("fused", KernelChoice.Fused),
        ("tensor", KernelChoice.Tensor));

    public static NameTable<DataSet> Dataset { get; } = new(DataSets.All, set => set.Name);

    public static NameTable<SplitOrder> Order { get; } = new(
        ("testThenTrain", SplitOrder.TestThenTrain),
        ("trainThenTest", SplitOrder.TrainThenTest));

    public static NameTable<Activation> Hidden { get; } =
        new(Activation.All.Where(activation => activation.IsHidden), activation => activation.Name);

    public static NameTable<Activation> Output { get; } =
        new(Activation.All.Where(activation => activation.IsOutput), activation => activation.Name);

    public static NameTable<Loss> Loss { get; } = new(Model.Losses.Loss.All, loss => loss.Name);

    public static NameTable<InitialWeights> InitialWeights { get; } = new(
        ("article", Model.Network.InitialWeights.Article),
        ("paper", Model.Network.InitialWeights.Paper),
        ("lecun", Model.Network.InitialWeights.LeCun),
        ("pytorch", Model.Network.InitialWeights.PyTorch));

    public static NameTable<RandomNumbers> RandomNumbers { get; } = new(
        ("philox", Model.Augmentation.RandomNumbers.Philox),
        ("article", Model.Augmentation.RandomNumbers.Article));

    public static NameTable<PresentationOrder> Shuffle { get; } = new(
        ("no", PresentationOrder.AsTheyAre),
        ("once", PresentationOrder.ShuffledOnce),
        ("everyPass", PresentationOrder.ShuffledEveryPass));

    public static NameTable<ScheduleSpan> ScheduleSpan { get; } = new(
        ("step", Model.Schedules.ScheduleSpan.Step),
        ("pass", Model.Schedules.ScheduleSpan.Pass));

    public static NameTable<Optimizer> Optimizer { get; } =
        new(Model.Optimizers.Optimizer.All, optimizer => optimizer.Name);

    public static NameTable<MatrixScale> MatrixScale { get; } = new(
        ("original", Model.Optimizers.MatrixScale.Original),
        ("matchRmsAdamw", Model.Optimizers.MatrixScale.MatchRmsAdamW));

    public static NameTable<ScheduleKind> Schedule { get; } = new(
        ("constant", ScheduleKind.Constant),
        ("linear", ScheduleKind.Linear),
        ("cosine", ScheduleKind.Cosine));
}
