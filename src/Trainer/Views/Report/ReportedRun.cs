using GpuConvnet.Model;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Views.Errors;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>A saved run as a report shows it.</summary>
internal sealed record ReportedRun
{
    /// <summary>How the run is called beside others.</summary>
    public required string Name { get; init; }

    /// <summary>The configuration, of several seeds that of the first.</summary>
    public required ExperimentConfiguration Configuration { get; init; }

    /// <summary>What it was made with; null for a run that does not say.</summary>
    public required RunEnvironment? Environment { get; init; }

    /// <summary>What came out, a seed each; at least one.</summary>
    public required IReadOnlyList<RunResult> Results { get; init; }

    /// <summary>The trained network of the first seed: its parameters.</summary>
    public required float[] Parameters { get; init; }

    /// <summary>The digits that it is examined on; null where they are not at hand.</summary>
    public Examples? Test { get; init; }

    /// <summary>What the network gets wrong of them; null likewise.</summary>
    public ErrorAnalysis? Errors { get; init; }

    /// <summary>Why there are no digits; null where there are.</summary>
    public string? WithoutDigits { get; init; }

    /// <summary>The result whose network is shown.</summary>
    public RunResult Shown => Results[0];

    /// <summary>What digits it was tested on, in a word.</summary>
    public string Tested => Configuration.IsValidation ? RunResult.Validation : "test";

    /// <summary>The article's row that the run answers; null where it answers none.</summary>
    public ArticleRow? Article => ArticleRow.Of(Configuration);

    /// <summary>Reads a saved run.</summary>
    /// <param name="path">The run's folder.</param>
    /// <exception cref="BadInputException">It holds no run, one without a result, or a damaged one.</exception>
    public static ReportedRun Read(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new BadInputException($"{path} is not a folder. Name a run's, as --out or '{RunFolder.DefaultParent}/' has it.");
        }

        if (!RunFolder.IsRun(path))
        {
            throw new BadInputException($"{path} holds no run. 'trainer runs' lists those in {RunFolder.DefaultParent}/.");
        }

        RunFolder folder = RunFolder.Open(path);
        ExperimentConfiguration configuration = folder.ReadConfiguration();
        try
        {
            IReadOnlyList<RunResult> results = folder.ReadResults();
            if (results.Count == 0)
            {
                throw new BadInputException(folder.ReadDivergence() is { } divergence
                    ? $"{path} has no result. {divergence.Message}"
                    : $"{path} has no result yet. Finish it with --resume {path}.");
            }

            string model = Path.Combine(path, RunFolder.ModelName);
            return new ReportedRun
            {
                Name = configuration.Experiment,
                Configuration = configuration,
                Environment = folder.ReadEnvironment(_ => { }),
                Results = results,
                Parameters = File.Exists(model)
                    ? ModelMetadata.Read(model, configuration).Parameters
                    : folder.OfSeed(results[0].Seed).ReadParameters(),
            };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {failure.Message} Train again, or name another run.", failure);
        }
    }

    /// <summary>The run with the digits that its network is examined on, if they are at hand; nothing is downloaded.</summary>
    /// <param name="folder">Where they are looked for.</param>
    public ReportedRun WithDigits(DataFolder folder)
    {
        if (Configuration.Dataset.WhyNotAtHand(folder) is { } why)
        {
            return this with { WithoutDigits = why };
        }

        try
        {
            return WithDigits(DataSets.Load(Configuration.Data, folder, _ => { }, CancellationToken.None).Test);
        }
        catch (BadInputException failure)
        {
            return this with { WithoutDigits = failure.Message };
        }
    }

    /// <summary>The run with the digits that its network is examined on.</summary>
    /// <param name="test">The digits that it was tested on.</param>
    public ReportedRun WithDigits(Examples test)
    {
        using IClassifier network = CreateNetwork();
        return this with { Test = test, Errors = ErrorAnalysis.Of(network, test, Configuration.Loss) };
    }

    /// <summary>The trained network; to be disposed.</summary>
    public IClassifier CreateNetwork() => Configuration.CreateClassifier(Parameters);
}
