using System.Text;
using System.Text.Json;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>The folder of a benchmark's <c>--out</c>, claimed before anything is measured.</summary>
internal sealed class BenchmarkFolder : IDisposable
{
    private const string ResultName = "bench.json";
    private const string TableName = "bench.txt";

    private readonly RunClaim _claim;

    private BenchmarkFolder(RunClaim claim) => _claim = claim;

    /// <summary>The folder's full path.</summary>
    public string FullPath => _claim.Folder.FullPath;

    /// <summary>Creates the folder, or takes an empty one.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    /// <exception cref="BadInputException">It is a file, is not empty or cannot be written.</exception>
    public static BenchmarkFolder Claim(string path) => new(RunClaim.ForOther(path, "another benchmark"));

    /// <summary>Saves all forms of the result.</summary>
    /// <returns>Why there is no picture; null if there is, or none is due.</returns>
    public string? Save(BenchmarkResult result)
    {
        AtomicFile.Write(
            Path.Combine(FullPath, ResultName), JsonSerializer.SerializeToUtf8Bytes(result, BenchmarkJson.Relaxed.BenchmarkResult));
        AtomicFile.Write(
            Path.Combine(FullPath, TableName), Encoding.UTF8.GetBytes(string.Join('\n', BenchmarkTable.Lines(result)) + "\n"));
        return result.Curve.Count > 0 ? Drawing.Attempt(() => BenchmarkPlot.Draw(result).Save(FullPath)) : null;
    }

    /// <summary>Lets go of the folder; one in which nothing was saved is removed.</summary>
    public void Dispose() => _claim.Dispose();
}
