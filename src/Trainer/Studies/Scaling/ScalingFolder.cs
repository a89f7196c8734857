using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>
/// The folder of a grid: its definition, a small file per finished run, and the results. What an earlier call finished is there
/// when the same grid, or a larger one of the same base, is started again. Held by one program at a time.
/// </summary>
internal sealed class ScalingFolder : IDisposable
{
    private const string DefinitionName = "scaling-definition.json";
    private const string ResultName = "scaling.json";
    private const string TableName = "scaling.md";
    private const string UnfinishedSuffix = ".part";
    private const string RunsFolder = "runs";

    private readonly FolderHold _hold;

    private ScalingFolder(string fullPath, FolderHold hold)
    {
        FullPath = fullPath;
        _hold = hold;
    }

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    /// <summary>Creates the folder, takes an empty one, or opens that of a grid of the same definition.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    /// <param name="definition">The definition.</param>
    /// <exception cref="BadInputException">It is a file, holds something else or another definition, is held by another
    /// program, or cannot be written.</exception>
    public static ScalingFolder Open(string path, ScalingDefinition definition)
    {
        try
        {
            string fullPath = Path.GetFullPath(path);
            if (File.Exists(fullPath))
            {
                throw new BadInputException($"--out {path} is a file; name a folder, new or of an earlier grid.");
            }

            Directory.CreateDirectory(fullPath);
            string? found = Directory.EnumerateFileSystemEntries(fullPath).Select(Path.GetFileName).FirstOrDefault(
                name => name != FolderHold.FileName && !name!.EndsWith(UnfinishedSuffix, StringComparison.Ordinal));
            if (found is not null && !File.Exists(Path.Combine(fullPath, DefinitionName)))
            {
                throw new BadInputException($"--out {path} is not empty (it holds {found}), and is no folder of 'trainer scale'; "
                    + "name a folder that does not exist yet.");
            }

            ScalingFolder folder = new(fullPath, FolderHold.Take(fullPath, path, "another 'trainer scale'"));
            try
            {
                folder.Claim(path, definition);
            }
            catch
            {
                folder.Dispose();
                throw;
            }

            return folder;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"--out {path} cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>The finished run of a point and seed; null when there is none yet.</summary>
    /// <exception cref="BadInputException">Its file is damaged.</exception>
    public ScalingRun? Read(double width, int digits, uint seed, double? learningRate)
    {
        string name = NameOf(width, digits, seed, learningRate);
        string file = Path.Combine(FullPath, RunsFolder, name);
        return !File.Exists(file)
            ? null
            : JsonFile.Read(
                file,
                ScalingJson.Relaxed.ScalingRun,
                run => NameOf(run.Width, run.Digits, run.Seed, run.LearningRate) == name
                    && (run.Diverged || run is { Train: not null, Test: not null }),
                "It is no finished run of this grid. Delete it, and the run is made again.");
    }

    /// <summary>Saves a finished run; runs may be saved from several threads.</summary>
    public void Save(ScalingRun run) => AtomicFile.Write(
        Path.Combine(FullPath, RunsFolder, NameOf(run.Width, run.Digits, run.Seed, run.LearningRate)),
        Bytes(run, ScalingJson.Relaxed.ScalingRun));

    /// <summary>Saves the results in all their forms, in place of those of an earlier call.</summary>
    public void Save(ScalingResult result)
    {
        foreach (Picture picture in ScalingPlot.Draw(result))
        {
            picture.Save(FullPath);
        }

        AtomicFile.Write(Path.Combine(FullPath, TableName), Encoding.UTF8.GetBytes(ScalingTable.Markdown(result)));
        AtomicFile.Write(Path.Combine(FullPath, ResultName), Bytes(result, ScalingJson.Relaxed.ScalingResult));
    }

    /// <inheritdoc/>
    public void Dispose() => _hold.Dispose();

    private void Claim(string path, ScalingDefinition definition)
    {
        byte[] bytes = Bytes(definition, ScalingJson.Relaxed.ScalingDefinition);
        string file = Path.Combine(FullPath, DefinitionName);
        if (!File.Exists(file))
        {
            AtomicFile.Write(file, bytes);
        }
        else if (new FileInfo(file).Length != bytes.Length || !bytes.AsSpan().SequenceEqual(File.ReadAllBytes(file)))
        {
            throw new BadInputException($"--out {path} holds runs of another base experiment, other digits or another accelerator: "
                + $"its {DefinitionName} says which. Name another folder, or repeat that command to go on with it.");
        }

        Directory.CreateDirectory(Path.Combine(FullPath, RunsFolder));
    }

    private static string NameOf(double width, int digits, uint seed, double? learningRate)
    {
        string rate = learningRate is null ? "" : string.Create(CultureInfo.InvariantCulture, $"-rate-{learningRate}");
        return string.Create(CultureInfo.InvariantCulture, $"width-{width}-digits-{digits}-seed-{seed}{rate}.json");
    }

    private static byte[] Bytes<T>(T document, JsonTypeInfo<T> type) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(document, type), (byte)'\n'];
}
