using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>What a stage of a run is begun with, and how that differs from what it was begun with before.</summary>
internal static class StagePin
{
    /// <summary>What a stage is begun with.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="start">The saved model that the run starts from; null for none.</param>
    public static RunPin Of(TrainingStage stage, TrainingStart? start)
    {
        (ExperimentConfiguration configuration, _, EngineChoice choice) = stage.First;
        return new RunPin(
            ConfigurationFile.FingerprintOfSteps(configuration),
            stage.First.Data.Streamed is null ? Fingerprint(stage.First.Data.Train, stage.First.Data.Test) : null,
            stage.Number == 1 && start is not null ? ParameterBytes.Sha256(start.Parameters) : null,
            $"{choice.Accelerator}, {(choice.Driver is null ? HostProcessor.InstructionSet : choice.Device)}",
            choice.TeacherOf(configuration)?.ParametersSha256);
    }

    /// <summary>What is different, a sentence each.</summary>
    /// <param name="before">What a run was begun with.</param>
    /// <param name="now">What it would go on with.</param>
    public static IReadOnlyList<string> Differences(IReadOnlyList<RunPin> before, IReadOnlyList<RunPin> now)
    {
        if (before.Count != now.Count)
        {
            return [FormattableString.Invariant($"It was begun with {before.Count} stages, and has {now.Count} now.")];
        }

        return [.. before.Zip(now).SelectMany((pair, index) => Differences(
            pair.First, pair.Second, now.Count == 1 ? "" : FormattableString.Invariant($" of stage {index + 1}")))];
    }

    private static IEnumerable<string> Differences(RunPin before, RunPin now, string where)
    {
        if (before.Configuration != now.Configuration)
        {
            yield return $"The configuration{where} is not the one that the run was begun with.";
        }

        if (before.Data != now.Data)
        {
            yield return $"The digits{where} are not those that the run was begun with.";
        }

        if (before.Start != now.Start)
        {
            yield return $"The saved model{where} is not the one that the run started from.";
        }

        if (before.Teacher != now.Teacher)
        {
            yield return $"The teacher{where} is not the one that the run was begun with.";
        }

        if (before.Engine != now.Engine)
        {
            yield return $"What trains{where} was {Excerpt.Of(before.Engine, 100)}, and is {now.Engine} now: it adds in another order, and rounds to "
                + "other bits.";
        }
    }

    private static string Fingerprint(params ReadOnlySpan<Examples> splits)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Examples split in splits)
        {
            hash.AppendData(MemoryMarshal.AsBytes<float>(split.Pixels));
            hash.AppendData(MemoryMarshal.AsBytes<byte>(split.Labels));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
