using System.Buffers.Binary;
using System.Text;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Runs.Models;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Fuzzing;

public sealed class SafetensorsFuzzTests
{
    private const string Name = "damaged.safetensors";

    // The largest header that is read, as text and as a document, with room for what refusing it takes.
    private const long MostBytes = 1 << 20;

    // Two networks, ready to classify, and what describes them.
    private const long MostEnsembleBytes = 4 << 20;
    private const int EnsembleCount = 1_500;

    private static readonly byte[] s_model = Model();

    [Fact]
    public void Damaged_models_are_read_or_refused() =>
        Readers.Hold(Mutations.Of([s_model], Readers.Count, seed: 1), Name, MostBytes, Read);

    /// <summary>Most of a model are its numbers, which may be anything: here all the damage is in the header.</summary>
    [Fact]
    public void Damaged_headers_are_read_or_refused() => Readers.Hold(
        Mutations.Of([Header], Readers.Count, seed: 2).Select(WithNumbers), Name, MostBytes, Read);

    [Fact]
    public void Headers_with_wrong_entries_are_read_or_refused() => Readers.Hold(
        JsonMutations.Of([Header], Readers.Count, seed: 3).Select(WithNumbers), Name, MostBytes, Read);

    /// <summary>Damage in what the file of an ensemble says of its members, which is JSON within the header's.</summary>
    [Fact]
    public void Ensembles_with_wrong_descriptions_are_read_or_refused()
    {
        SavedModel model = Ensemble();
        byte[] description = Encoding.UTF8.GetBytes(model.Metadata[ModelMetadata.EnsembleKey]);
        Readers.Hold(
            JsonMutations.Of([description], EnsembleCount, seed: 4).Concat(Mutations.Of([description], EnsembleCount, seed: 5)).Select(text =>
            {
                Dictionary<string, string> metadata = new(model.Metadata);
                metadata[ModelMetadata.EnsembleKey] = Encoding.UTF8.GetString(text);
                metadata.Remove(ModelMetadata.ContentKey);
                using MemoryStream stream = new();
                Safetensors.Write(stream, new SavedModel(model.Parameters, metadata) { Parts = model.Parts });
                return stream.ToArray();
            }),
            Name,
            MostEnsembleBytes,
            file =>
            {
                SavedModel read = Safetensors.Read(
                    new MemoryStream(file), Name, metadata => SavedEnsemble.PartsOf(metadata, Name));
                using EnsembleClassifier network = SavedEnsemble.Of(read, Name).CreateClassifier();
                network.Outputs(new float[256], new float[10]);
            });
    }

    [Theory]
    [InlineData(1UL << 60)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 31)]
    [InlineData((1UL << 20) + 1)]
    public void A_header_that_claims_more_than_any_is_refused_without_room_being_made_for_it(ulong claimed)
    {
        byte[] file = [.. s_model];
        BinaryPrimitives.WriteUInt64LittleEndian(file, claimed);
        long before = GC.GetAllocatedBytesForCurrentThread();

        BadInputException refusal = Assert.Throws<BadInputException>(() => Read(file));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        Assert.Contains("header claims", refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Header => s_model[8..^(Parameters.Count * sizeof(float))];

    private static byte[] WithNumbers(byte[] header)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. s_model.AsSpan(^(Parameters.Count * sizeof(float))..)];
    }

    private static void Read(byte[] file)
    {
        SavedModel model = Safetensors.Read(new MemoryStream(file), Name);
        Assert.All(model.Parameters, value => Assert.True(float.IsFinite(value)));
        ModelMetadata.Describe(model.Metadata, null, Name);
    }

    private static SavedModel Ensemble()
    {
        ExperimentConfiguration configuration = ConfigurationFile.Load("dropout-relu");
        Dictionary<string, string> metadata = ModelMetadata.Of(configuration with { Validation = 100 });
        return new SavedEnsemble(
            [.. Enumerable.Range(1, 2).Select(seed => new ModelMember(
                $"{seed}", configuration, metadata, InitialParameters.Draw(configuration.Network, (uint)seed)))],
            OutputAverage.Logits).ToModel();
    }

    private static byte[] Model()
    {
        ExperimentConfiguration configuration = ConfigurationFile.Load("1989-base");
        using MemoryStream stream = new();
        float[] parameters = InitialParameters.Draw(NetworkOptions.Base1989, 1337);
        Safetensors.Write(stream, new SavedModel(
            parameters,
            ModelMetadata.Of(
                configuration with { Connections = H2Connections.Article, Validation = 100 }, SavedRun.Result(configuration), parameters)));
        return stream.ToArray();
    }
}
