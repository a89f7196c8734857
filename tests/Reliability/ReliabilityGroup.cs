namespace GpuConvnet.Tests.Reliability;

/// <summary>Tests that strike the program; they run one after the other, and share what they strike.</summary>
[CollectionDefinition(Name)]
public sealed class ReliabilityGroup : ICollectionFixture<Scenarios>
{
    public const string Name = "Reliability";
}
