using GpuConvnet.Model.Ensembles;
using GpuConvnet.Model.Teaching;
using GpuConvnet.Trainer.Runs.Models;
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

        if (!File.Exists(RunFolder.ModelOf(named)))
        {
            throw new BadInputException(
                $"{experiment.Experiment} learns from {named}, where there is no trained model. Train it first, with its --out there, or have "
                + $"\"teacher\" name a run's folder or a model's file, such as its {RunFolder.ModelName}.");
        }

        ModelFile file = ModelFile.Read(named, named: null);
        if (file.Members().FirstOrDefault(member => member.Configuration.Dataset.Framing != experiment.Dataset.Framing) is { } other)
        {
            throw new BadInputException(
                $"{experiment.Experiment} cannot learn from {named}: that was trained on {other.Configuration.Dataset.DisplayName}, whose digits "
                + $"lie otherwise in their images than those of {experiment.Dataset.DisplayName}.");
        }

        TeacherMember[] members = [.. file.Members().Select(member => new TeacherMember(member.Configuration.Layers, member.Parameters))];
        try
        {
            Teacher teacher = new(members, file.Ensemble?.Averaging.Average ?? OutputAverage.Probabilities, file.ParametersSha256);
            return teacher.UnsupportedReason(experiment.Loss, teaching) is { } reason
                ? throw new BadInputException($"{experiment.Experiment} cannot learn from {named}: {reason}.")
                : teacher;
        }
        catch (ArgumentException mixed)
        {
            throw new BadInputException($"{experiment.Experiment} cannot learn from {named}: {mixed.Message.Split(" (Parameter")[0]}.", mixed);
        }
    }
}
