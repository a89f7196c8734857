using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Networks;

namespace GpuConvnet.Trainer.Training;

/// <summary>What an experiment's <c>from</c> leads to: the experiments to train one after the other.</summary>
/// <param name="Experiments">The experiment that was asked for, last, and before it those that it starts from.</param>
/// <param name="Start">The saved model that the first of them starts from; null where it draws its weights.</param>
/// <remarks>
/// Trained weights mean something only to the network whose activations they were trained with: all stages must have the
/// same hidden and output activations, and the same connections. The loss may change. It is no part of what the network computes,
/// and to go on with another loss is what fine-tuning often is.
/// </remarks>
internal sealed record TrainingStages(IReadOnlyList<ExperimentConfiguration> Experiments, TrainingStart? Start)
{
    private const string ModelExtension = ".safetensors";

    /// <summary>Whether runs from different seeds can differ: weights are drawn, or training is noisy.</summary>
    public bool DependOnSeed => Start is null || Experiments.Any(experiment => experiment.IsPerturbed);

    /// <summary>Follows an experiment's <c>from</c> to its end.</summary>
    /// <param name="experiment">The experiment; all stages take its seed.</param>
    /// <exception cref="BadInputException">
    /// It starts from what is not there, cannot be used, is another network, or starts from itself.
    /// </exception>
    public static TrainingStages Of(ExperimentConfiguration experiment)
    {
        List<ExperimentConfiguration> experiments = [experiment];
        List<string> followed = [];
        ExperimentConfiguration first = experiment;
        while (first.From is { } from)
        {
            if (IsModel(from))
            {
                return new TrainingStages(experiments, ReadModel(from, first));
            }

            if (followed.Contains(from))
            {
                throw new BadInputException(
                    $"The experiments start from each other in a circle: {string.Join(" -> ", [.. followed, from])}. One of "
                    + "them must draw its weights (no \"from\") or start from a saved model.");
            }

            followed.Add(from);
            ExperimentConfiguration earlier = Load(from, first) with { Seed = experiment.Seed };
            RequireFit(earlier, from, first);
            experiments.Insert(0, earlier);
            first = earlier;
        }

        return new TrainingStages(experiments, null);
    }

    private static bool IsModel(string from) => !ConfigurationFile.EmbeddedNames.Contains(from)
        && (Directory.Exists(from) || from.EndsWith(ModelExtension, StringComparison.OrdinalIgnoreCase));

    private static ExperimentConfiguration Load(string from, ExperimentConfiguration next)
    {
        if (!ConfigurationFile.EmbeddedNames.Contains(from) && !File.Exists(from))
        {
            throw new BadInputException(
                $"{next.Experiment} starts from {from}, where there is nothing. Name a run's folder, its {RunFolder.ModelName}, "
                + $"a configuration file, or a configuration that comes with the program ("
                + $"{string.Join(", ", ConfigurationFile.EmbeddedNames)})"
                + Suggestion.For(Path.GetFileName(from), ConfigurationFile.EmbeddedNames));
        }

        return ConfigurationFile.Load(from);
    }

    private static TrainingStart ReadModel(string from, ExperimentConfiguration experiment)
    {
        string path = RunFolder.ModelOf(from);
        SavedModel model = ModelMetadata.Read(path, experiment);

        // What the model does not say about itself (one that PyTorch saved says nothing) is as the experiment has it.
        RequireFit(ModelMetadata.Describe(model.Metadata, experiment, path), from, experiment);
        return new TrainingStart(from, model.Parameters, null, model.Note);
    }

    private static void RequireFit(ExperimentConfiguration other, string from, ExperimentConfiguration experiment)
    {
        if (!Equals(other.Architecture, experiment.Architecture) && !(other.Is1989 && experiment.Is1989))
        {
            throw new BadInputException(
                $"{experiment.Experiment} cannot start from {from}: that network is {Describe(other.Architecture)}, this one "
                + $"{Describe(experiment.Architecture)}. Start from a model of the same network, or change the configuration's "
                + "\"network\" to its.");
        }

        if (experiment.Architecture is { IsListed: true })
        {
            return;
        }

        Trained found = Trained.Of(other);
        Trained wanted = Trained.Of(experiment);
        if (found != wanted)
        {
            throw new BadInputException(
                $"{experiment.Experiment} cannot start from {from}: that network has {Describe(found)}, this one "
                + $"{Describe(wanted)}, and weights trained for one are wrong for the other. Start from a model of the same "
                + "network, or change the configuration to its activations (the loss may differ).");
        }
    }

    private static string Describe(NetworkDescription? network) =>
        network is null ? "that of 1989" : Excerpt.Of(network.Json, 200);

    private static string Describe(Trained network) =>
        $"hidden {network.Hidden}, output {network.Output}"
        + (network.Connections.Equals(H2Connections.Article)
            ? " and the article's connections"
            : $" and the connections {network.Connections}");

    /// <summary>What trained weights take for granted beside the sizes.</summary>
    private sealed record Trained(Activation Hidden, Activation Output, H2Connections Connections)
    {
        public static Trained Of(ExperimentConfiguration experiment) =>
            new(experiment.Hidden, experiment.Output, experiment.Connections ?? H2Connections.Article);
    }
}
