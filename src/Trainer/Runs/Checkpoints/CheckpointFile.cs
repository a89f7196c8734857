using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Runs.Checkpoints;

/// <summary>
/// A checkpoint as bytes: a signature, the header's length, the header as JSON, the numbers as little-endian float32, and
/// the SHA-256 of all that. The sum comes first when reading, so that what follows can be believed.
/// </summary>
internal static class CheckpointFile
{
    private const int LengthBytes = sizeof(int);

    // Parameters, directions and an optimizer's states.
    private const int MostVectors = 2 + IUpdateRule.States;

    // The header has a few hundred bytes. In files of earlier versions it had every evaluation: a hundred thousand of them.
    private const int MostBytes = 64 << 20;

    private static ReadOnlySpan<byte> Signature => "GCNCKPT1"u8;

    /// <summary>Writes a checkpoint.</summary>
    public static void Write(Stream stream, Checkpoint checkpoint)
    {
        byte[] bytes = Serialize(checkpoint);
        stream.Write(bytes);
        stream.Write(SHA256.HashData(bytes));
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parameters">How many parameters the network has.</param>
    /// <exception cref="BadInputException">It cannot be read, is torn or damaged, or is something else.</exception>
    public static Checkpoint Read(string path, int parameters)
    {
        try
        {
            using FileStream file = RegularFile.Open(path);
            return Read(file, path, parameters);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="stream">Where from; at most 64 MiB and the numbers are looked at.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="parameters">How many parameters the network has.</param>
    /// <exception cref="BadInputException">It is torn or damaged, or is something else.</exception>
    public static Checkpoint Read(Stream stream, string name, int parameters)
    {
        if (stream.Length > MostBytes + (long)MostVectors * sizeof(float) * parameters)
        {
            throw new BadInputException($"{name} has {stream.Length:N0} bytes, more than any checkpoint.");
        }

        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        int content = bytes.Length - SHA256.HashSizeInBytes;
        if (content < Signature.Length + LengthBytes || !bytes.AsSpan().StartsWith(Signature))
        {
            throw new BadInputException($"{name} is not a checkpoint of this program.");
        }

        if (!SHA256.HashData(bytes.AsSpan(0, content)).AsSpan().SequenceEqual(bytes.AsSpan(content)))
        {
            throw new BadInputException($"{name} is damaged: its checksum is not that of its content.");
        }

        return Deserialize(bytes.AsSpan(0, content), name, parameters);
    }

    private static byte[] Serialize(Checkpoint checkpoint)
    {
        TrainingState state = checkpoint.State;
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(
            new CheckpointHeader(
                checkpoint.Steps, checkpoint.Configuration, checkpoint.TrainSeconds, checkpoint.EvaluateSeconds,
                checkpoint.TotalSeconds, state.Directions is not null, Ends(checkpoint.History),
                state.States.Count == IUpdateRule.States ? null : state.States.Count, checkpoint.History.Count, checkpoint.Kernels),
            CheckpointJson.Compact.CheckpointHeader);
        byte[] length = new byte[LengthBytes];
        BinaryPrimitives.WriteInt32LittleEndian(length, header.Length);
        return
        [
            .. Signature, .. length, .. header, .. ParameterBytes.Of(state.Parameters),
            .. ParameterBytes.Of([.. state.States.SelectMany(vector => vector)]),
            .. ParameterBytes.Of(state.Directions), .. ParameterBytes.Of(state.Lengths),
        ];
    }

    private static Checkpoint Deserialize(ReadOnlySpan<byte> content, string name, int count)
    {
        ReadOnlySpan<byte> rest = content[Signature.Length..];
        int headerBytes = BinaryPrimitives.ReadInt32LittleEndian(rest);
        rest = rest[LengthBytes..];
        if (headerBytes < 0 || headerBytes > rest.Length)
        {
            throw new BadInputException($"{name} is not a checkpoint: its header of {headerBytes} bytes is longer than it is.");
        }

        CheckpointHeader header;
        try
        {
            header = JsonSerializer.Deserialize(rest[..headerBytes], CheckpointJson.Compact.CheckpointHeader)
                ?? throw new JsonException("there is none");
        }
        catch (JsonException failure)
        {
            throw new BadInputException($"{name} is not a checkpoint: its header cannot be read, {Excerpt.Of(failure.Message, 300)}", failure);
        }

        rest = rest[headerBytes..];
        int states = header.States ?? IUpdateRule.States;
        int lengths = (1 + states) * UnitWeights.All.Count;
        long numbers = ((1L + states) * count) + (header.IsNormalized ? count + lengths : 0);
        if (states < 0 || rest.Length != numbers * sizeof(float) || header.Steps < 1 || header.History is null
            || (header.History.Count == 0 && header.Evaluations != 0) || header.History.Contains(null!) || !IsWhole(header))
        {
            throw new BadInputException(
                $"{name} is not a checkpoint of a network of {count:N0} parameters: {rest.Length} bytes of numbers after {header.Steps} steps.");
        }

        float[] parameters = Take(ref rest, count);
        float[][] vectors = new float[states][];
        for (int i = 0; i < states; i++)
        {
            vectors[i] = Take(ref rest, count);
        }

        TrainingState state = new(parameters, vectors)
        {
            Directions = header.IsNormalized ? Take(ref rest, count) : null,
            Lengths = header.IsNormalized ? Take(ref rest, lengths) : null,
        };
        return new Checkpoint
        {
            Steps = header.Steps,
            Configuration = header.Configuration,
            TrainSeconds = header.TrainSeconds,
            EvaluateSeconds = header.EvaluateSeconds,
            TotalSeconds = header.TotalSeconds,
            History = header.History.Count == 0 ? new EvaluationHistory()
                : header.Evaluations is { } evaluations
                ? new EvaluationHistory(evaluations, [(0, header.History[0]), (evaluations - 1, header.History[^1])])
                : new EvaluationHistory(header.History),
            Kernels = header.Kernels,
            State = state,
        };
    }

    private static IReadOnlyList<HistoryEntry> Ends(EvaluationHistory history) =>
        history.Count switch
        {
            0 => [],
            1 => [history.First],
            _ => [history.First, history.Last],
        };

    private static bool IsWhole(CheckpointHeader header) => header.Evaluations is not { } evaluations
        || header.History.Count == Math.Min(2, evaluations);

    private static float[] Take(ref ReadOnlySpan<byte> bytes, int count)
    {
        float[] values = new float[count];
        ParameterBytes.Read(bytes, values);
        bytes = bytes[(count * sizeof(float))..];
        return values;
    }
}
