using System.Collections.Concurrent;
using GpuConvnet.Model;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Recognition;

/// <summary>Networks that were trained for a moment on each set of digits, once for all tests.</summary>
internal static class TrainedReaders
{
    private const int Passes = 8;

    private static readonly ConcurrentDictionary<DataSet, Lazy<(float[] Parameters, ExperimentConfiguration Configuration)>>
        s_trained = new();

    /// <summary>What the article's experiment on these digits is.</summary>
    public static ExperimentConfiguration Configuration(DataSet dataset) =>
        ConfigurationFile.Load("1989-base") with { Dataset = dataset };

    /// <summary>The parameters of a network that was trained on these digits.</summary>
    public static (float[] Parameters, ExperimentConfiguration Configuration) Trained(DataSet dataset) =>
        s_trained.GetOrAdd(dataset, kind => new(() => Train(kind))).Value;

    private static (float[] Parameters, ExperimentConfiguration Configuration) Train(DataSet dataset)
    {
        ExperimentConfiguration configuration = Configuration(dataset);
        Examples train = DataSets.Load(configuration.Data, DataFolder.Resolve(null), _ => { }, CancellationToken.None).Train;
        using SimdNetwork network = SimdNetwork.Create(configuration.Network);
        network.Load(InitialParameters.Draw(configuration.Network, configuration.Seed));
        for (int pass = 0; pass < Passes; pass++)
        {
            network.Train(train, 0, train.Count, 0.03f);
        }

        float[] parameters = new float[Parameters.Count];
        network.Store(parameters);
        return (parameters, configuration);
    }
}
