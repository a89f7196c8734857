using System.Buffers.Binary;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Fuzzing;

public sealed class SafetensorsFuzzTests
{
    private const string Name = "damaged.safetensors";

    // The largest header that is read, as text and as a document, with room for what refusing it takes.
    private const long MostBytes = 1 << 20;

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
