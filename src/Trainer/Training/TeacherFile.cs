using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Teaching;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>Reads what a configuration's <c>teacher</c> names.</summary>
internal static class TeacherFile
{
    /// <summary>The teacher of an experiment; null where it learns from labels alone.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <exception cref="BadInputException">The teacher is not there, cannot be read, or says what the network cannot learn.</exception>
    public static Teacher? Read(ExperimentConfiguration experiment)
    {
        if (experiment is not { Teacher: { } named, Teaching: { } teaching })
        {
            return null;
        }

        string path = RunFolder.ModelOf(named);
        if (!File.Exists(path))
        {
            throw new BadInputException(
                $"{experiment.Experiment} learns from {named}, where there is no trained model. Train it first, with its --out there, or have "
                + "\"teacher\" name a run's folder or its " + RunFolder.ModelName + ".");
        }

        SavedModel model = ModelMetadata.Read(path, configuration: null);
        ExperimentConfiguration described = ModelMetadata.Describe(model.Metadata, configuration: null, path);
        Teacher teacher = new(
            [new TeacherMember(described.Layers, model.Parameters)], averagesProbabilities: false, ParameterBytes.Sha256(model.Parameters));
        return teacher.UnsupportedReason(experiment.Loss, teaching) is { } reason
            ? throw new BadInputException($"{experiment.Experiment} cannot learn from {named}: {reason}.")
            : teacher;
    }
}
