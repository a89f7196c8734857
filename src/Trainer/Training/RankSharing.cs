using System.Security.Cryptography;
using System.Text.Json;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>What the ranks of one training tell each other beside gradients: what the first alone reads and decides.</summary>
internal static class RankSharing
{
    /// <summary>Does what may fail on one rank and not on another, and lets none of them go on alone.</summary>
    /// <param name="ranks">The ranks; null for a process that is alone.</param>
    /// <param name="work">What to do.</param>
    /// <exception cref="BadInputException">It failed here.</exception>
    /// <exception cref="OtherRankFailedException">It failed on another rank, which says why.</exception>
    public static void DoTogether(this IRanks? ranks, Action work)
    {
        if (ranks is null)
        {
            work();
            return;
        }

        try
        {
            work();
        }
        catch (Exception failure)
        {
            ranks.Join<int>([failure switch
            {
                BadInputException => ExitCode.BadInput,
                OperationCanceledException => ExitCode.Interrupted,
                _ => ExitCode.RunFailed,
            }]);
            throw;
        }

        if (ranks.Join<int>([ExitCode.Done]).FirstOrDefault(code => code != ExitCode.Done) is not ExitCode.Done and int other)
        {
            throw new OtherRankFailedException(other);
        }
    }

    /// <summary>Whether any rank says so; where there is one alone, what it says.</summary>
    /// <param name="ranks">The ranks; null for a process that is alone.</param>
    /// <param name="own">What this one says.</param>
    public static bool IsAgreed(this IRanks? ranks, bool own) => ranks?.Any(own) ?? own;

    /// <summary>Refuses to go on where a rank has something else than the first has.</summary>
    /// <param name="ranks">The ranks; null for a process that is alone.</param>
    /// <param name="own">As many on all ranks: what this rank has, and what is wrong where that is not the first rank's.</param>
    /// <exception cref="BadInputException">It is not.</exception>
    /// <exception cref="OtherRankFailedException">It is not on another rank, which says why.</exception>
    public static void RequireSame(this IRanks? ranks, IReadOnlyList<(byte[] Hash, string Problem)> own)
    {
        if (ranks is null)
        {
            return;
        }

        byte[] hashes = [.. own.SelectMany(one => one.Hash)];
        byte[] first = [.. hashes];
        ranks.Broadcast<byte>(first);
        ranks.DoTogether(() =>
        {
            foreach ((int index, (byte[] hash, string problem)) in own.Index())
            {
                if (!first.AsSpan(index * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes).SequenceEqual(hash))
                {
                    throw new BadInputException(problem);
                }
            }
        });
    }

    /// <summary>Gives all ranks the checkpoint that the first has read; null where there is none.</summary>
    public static Checkpoint? Share(this IRanks? ranks, Checkpoint? checkpoint, int parameters) => Share(
        ranks,
        checkpoint,
        own =>
        {
            using MemoryStream stream = new();
            CheckpointFile.Write(stream, own);
            return stream.ToArray();
        },
        bytes => CheckpointFile.Read(new MemoryStream(bytes), "what the first rank sent", parameters));

    /// <summary>Gives all ranks the outcome of a finished run that the first has read; null where it is not finished.</summary>
    public static RunOutcome? Share(this IRanks? ranks, RunOutcome? outcome, ExperimentConfiguration configuration)
    {
        RunResult? result = Share(
            ranks,
            outcome?.Result,
            own => JsonSerializer.SerializeToUtf8Bytes(own, ResultJson.Relaxed.RunResult),
            bytes => JsonSerializer.Deserialize(bytes, ResultJson.Relaxed.RunResult)!);
        if (ranks is null || result is null)
        {
            return outcome;
        }

        float[] parameters = outcome?.Parameters ?? new float[configuration.ParameterCount];
        ranks.Broadcast<float>(parameters);
        return outcome ?? new RunOutcome(configuration, result, parameters);
    }

    private static T? Share<T>(IRanks? ranks, T? own, Func<T, byte[]> write, Func<byte[], T> read)
        where T : class
    {
        if (ranks is null)
        {
            return own;
        }

        byte[] bytes = own is null ? [] : write(own);
        Span<int> length = [bytes.Length];
        ranks.Broadcast(length);
        if (length[0] == 0)
        {
            return null;
        }

        if (ranks.Rank > 0)
        {
            bytes = new byte[length[0]];
        }

        ranks.Broadcast<byte>(bytes);
        return ranks.Rank > 0 ? read(bytes) : own;
    }
}
