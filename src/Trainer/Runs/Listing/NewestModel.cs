using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Runs.Listing;

/// <summary>The model that is meant where none is named.</summary>
internal static class NewestModel
{
    /// <summary>Finds the model of the run that was started last; of several seeds, that of the first.</summary>
    /// <param name="parent">The folder of runs.</param>
    /// <returns>The path of its file.</returns>
    /// <exception cref="BadInputException">No run there has a model.</exception>
    public static string In(string parent)
    {
        string[] runs = Directory.Exists(parent) ? Directory.GetDirectories(parent) : [];
        return RunListing.Of([.. runs.Where(run => ModelIn(run) is not null)])
            .OrderByDescending(run => run.Started)
            .ThenBy(run => run.Folder, StringComparer.Ordinal)
            .Select(run => ModelIn(run.Folder))
            .FirstOrDefault()
            ?? throw new BadInputException(runs.Length == 0
                ? $"There is no trained network in {parent}/. 'trainer' trains one and saves it there, in a second; or name one with --model RUN."
                : $"No run in {parent}/ has a trained network yet. 'trainer' trains one in a second; or name one with --model RUN.");
    }

    /// <summary>The model in a run's folder; null where there is none, or none that may be read.</summary>
    private static string? ModelIn(string run)
    {
        try
        {
            return new[] { run }
                .Concat(Directory.EnumerateDirectories(run, "seed-*").Order(StringComparer.Ordinal))
                .Select(folder => Path.Combine(folder, RunFolder.ModelName))
                .FirstOrDefault(File.Exists);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
