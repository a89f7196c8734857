using GpuConvnet.Kernels.Training;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Schedules;
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
        ("fused", KernelChoice.Fused));

    public static NameTable<DatasetKind> Dataset { get; } = new(
        ("auto", DatasetKind.Auto),
        ("mnist", DatasetKind.Mnist),
        ("usps", DatasetKind.Usps),
        ("builtin", DatasetKind.Builtin));

    public static NameTable<SplitOrder> Order { get; } = new(
        ("testThenTrain", SplitOrder.TestThenTrain),
        ("trainThenTest", SplitOrder.TrainThenTest));

    public static NameTable<HiddenActivation> Hidden { get; } = new(
        ("tanh", HiddenActivation.Tanh),
        ("scaledTanh", HiddenActivation.ScaledTanh),
        ("relu", HiddenActivation.ReLU),
        ("gelu", HiddenActivation.Gelu));

    public static NameTable<OutputActivation> Output { get; } = new(
        ("tanh", OutputActivation.Tanh),
        ("scaledTanh", OutputActivation.ScaledTanh),
        ("linear", OutputActivation.Linear));

    public static NameTable<Loss> Loss { get; } = new(
        ("mse", Model.Network.Loss.Mse),
        ("crossEntropy", Model.Network.Loss.CrossEntropy));

    public static NameTable<InitialWeights> InitialWeights { get; } = new(
        ("article", Model.Network.InitialWeights.Article),
        ("paper", Model.Network.InitialWeights.Paper));

    public static NameTable<RandomNumbers> RandomNumbers { get; } = new(
        ("philox", Model.Augmentation.RandomNumbers.Philox),
        ("article", Model.Augmentation.RandomNumbers.Article));

    public static NameTable<ScheduleSpan> ScheduleSpan { get; } = new(
        ("step", Model.Schedules.ScheduleSpan.Step),
        ("pass", Model.Schedules.ScheduleSpan.Pass));

    public static NameTable<OptimizerKind> Optimizer { get; } = new(
        ("sgd", OptimizerKind.Sgd),
        ("adam", OptimizerKind.Adam),
        ("adamw", OptimizerKind.AdamW));

    public static NameTable<ScheduleKind> Schedule { get; } = new(
        ("constant", ScheduleKind.Constant),
        ("linear", ScheduleKind.Linear),
        ("cosine", ScheduleKind.Cosine));
}
