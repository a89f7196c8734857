using GpuConvnet.Trainer.Live.Following;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>A sweep's folder as somebody sees it who watches: what is in it is read, and nothing is taken hold of.</summary>
internal sealed class FollowedSweep : IStudy
{
    private readonly ExperimentConfiguration _configuration;

    /// <summary>Looks into a sweep's folder.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="BadInputException">Its definition cannot be read.</exception>
    public FollowedSweep(string path)
    {
        FullPath = Path.GetFullPath(path);
        SweepDefinition definition = SweepFolder.ReadDefinition(FullPath);
        ExperimentConfiguration configuration = ConfigurationFile.Parse(definition.Configuration.AsObject(), $"the definition of {path}");
        _configuration = definition.Datasets is [{ } found]
            && ConfigurationNames.Dataset.TryParse(found.Split(' ')[0], out Setup.Data.DataSet? dataset)
                ? configuration with { Dataset = dataset }
                : configuration;
        Runs = definition.Halving is true ? null : SweepSpace.Count(definition) * definition.Runs;
    }

    /// <inheritdoc/>
    public string Kind => "sweep";

    /// <inheritdoc/>
    public string FullPath { get; }

    /// <inheritdoc/>
    public int? Runs { get; }

    /// <inheritdoc/>
    public IEnumerable<string> Files() => SweepFolder.Files(FullPath);

    /// <inheritdoc/>
    public StudyRun Read(string file)
    {
        SweepRun run = JsonFile.Read(file, SweepJson.Relaxed.SweepRun, run => run.Settings is not null, "");
        bool isTest = run.Test is not null;
        ExperimentConfiguration configuration = SweepSpace.Of(_configuration, run.Settings);
        configuration = configuration with
        {
            Seed = run.Seed,
            EvaluateEvery = int.MaxValue,
            Train = run.Train?.Examples ?? configuration.Train,
            Validation = isTest ? 0 : configuration.Validation,
        };
        string name = FormattableString.Invariant($"{SweepPoint.Text(run.Settings)} seed={run.Seed}");
        return new StudyRun(
            isTest ? $"{name}, on the test split" : name, configuration, run.Seconds, run.Train, run.Test ?? run.Validation);
    }
}
