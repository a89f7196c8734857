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

        IReadOnlyList<string> models = RunFolder.ModelsOf(named);
        if (!models.All(File.Exists))
        {
            throw new BadInputException(
                $"{experiment.Experiment} learns from {named}, where there is no trained model. Train it first, with its --out there, or have "
                + $"\"teacher\" name a run's folder or a model's file, such as its {RunFolder.ModelName}.");
        }

        if (Directory.Exists(named) && !File.Exists(Path.Combine(named, RunFolder.ModelName)))
        {
            RequireFinished(experiment, named, models);
        }

        ModelFile[] files = [.. models.Select(model => ModelFile.Read(model, named: null))];
        SavedEnsemble? ensemble = files is [var file] ? file.Ensemble : Together(experiment, files);
        IReadOnlyList<ModelMember> networks = ensemble?.Members ?? files[0].Members();
        if (networks.FirstOrDefault(member => member.Configuration.Dataset.Framing != experiment.Dataset.Framing) is { } other)
        {
            throw new BadInputException(
                $"{experiment.Experiment} cannot learn from {named}: that was trained on {other.Configuration.Dataset.DisplayName}, whose digits "
                + $"lie otherwise in their images than those of {experiment.Dataset.DisplayName}.");
        }

        TeacherMember[] members = [.. networks.Select(member => new TeacherMember(member.Configuration.Layers, member.Parameters))];
        try
        {
            Teacher teacher = ensemble is null
                ? new(members, OutputAverage.Probabilities, files[0].ParametersSha256)
                : new(members, ensemble.Averaging.Average, ensemble.ParametersSha256);
            return teacher.UnsupportedReason(experiment.Loss, teaching) is { } reason
                ? throw new BadInputException($"{experiment.Experiment} cannot learn from {named}: {reason}.")
                : teacher;
        }
        catch (ArgumentException mixed)
        {
            throw new BadInputException($"{experiment.Experiment} cannot learn from {named}: {mixed.Message.Split(" (Parameter")[0]}.", mixed);
        }
    }

    /// <summary>
    /// Refuses a run of several seeds of which some are not trained to their end: once they are, it is another teacher.
    /// </summary>
    private static void RequireFinished(ExperimentConfiguration experiment, string named, IReadOnlyList<string> models)
    {
        RunFolder run = new(named);
        RunResult[] results = [.. models.SelectMany(model => new RunFolder(Path.GetDirectoryName(model)!).ReadResults())];
        if (run.ReadDivergence() is { } divergence)
        {
            throw new BadInputException(
                $"{experiment.Experiment} cannot learn from all seeds of {named}. {divergence.Message} Name a seed that did not diverge, or train "
                + "another teacher.");
        }

        if (!RunFolder.IsWhole(results, run.HasOrder ? run.ReadOrder(_ => { }) : null))
        {
            throw new BadInputException(
                $"{experiment.Experiment} learns from all seeds of {named}, and not all are trained to their end. 'trainer --resume {named}' "
                + $"goes on with them; or name one, such as {Path.GetDirectoryName(models[0])}.");
        }
    }

    /// <summary>All seeds of a run of several as one teacher, the very one that <c>trainer ensemble</c> makes of them.</summary>
    private static SavedEnsemble Together(ExperimentConfiguration experiment, ModelFile[] seeds)
    {
        try
        {
            return new SavedEnsemble([.. seeds.SelectMany(seed => seed.Members())], OutputAverage.Probabilities);
        }
        catch (BadInputException problem)
        {
            throw new BadInputException($"{experiment.Experiment} cannot learn from {experiment.Teacher}: {problem.Message}", problem);
        }
    }
}
