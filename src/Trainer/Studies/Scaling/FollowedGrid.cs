using System.Text.Json.Nodes;
using GpuConvnet.Trainer.Live.Following;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>The folder of a grid as somebody sees it who watches: what is in it is read, and nothing is taken hold of.</summary>
internal sealed class FollowedGrid : IStudy
{
    private readonly ScalingDefinition _definition;

    /// <summary>Looks into a grid's folder.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="BadInputException">Its definition cannot be read.</exception>
    public FollowedGrid(string path)
    {
        FullPath = Path.GetFullPath(path);
        _definition = ScalingFolder.ReadDefinition(FullPath);
    }

    /// <inheritdoc/>
    public string Kind => "grid";

    /// <inheritdoc/>
    public string FullPath { get; }

    /// <inheritdoc/>
    public int? Runs => null;

    /// <inheritdoc/>
    public IEnumerable<string> Files() => StudyFolder.Files(FullPath, StudyFolder.RunsFolder);

    /// <inheritdoc/>
    public StudyRun Read(string file)
    {
        ScalingRun run = JsonFile.Read(file, ScalingJson.Relaxed.ScalingRun, _ => true, "");
        JsonObject json = _definition.Configuration.DeepClone().AsObject();
        json["dataset"] = _definition.Dataset.Split(' ')[0];
        json["seed"] = run.Seed;
        return new StudyRun(
            FormattableString.Invariant($"width {run.Width}, {run.Digits:N0} digits, seed {run.Seed}"),
            ScalingGridFile.Point(json, run.Width, run.Digits, run.LearningRate, file) with { EvaluateEvery = int.MaxValue },
            run.Seconds,
            run.Train,
            run.Test);
    }
}
