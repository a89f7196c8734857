using System.Reflection;
using ArchUnitNET.Fluent;
using ArchUnitNET.Fluent.Slices;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace GpuConvnet.Tests.Architecture;

/// <summary>
/// Which way the arrows run, by the compiled code: an arrow that closes a circle is named with the types at its ends.
/// </summary>
public sealed class LayersTests
{
    private const string Own = "GpuConvnet.";

    /// <summary>The program's storeys from the bottom up: each uses those below it.</summary>
    private static readonly string[] s_storeys = ["Streams", "Setup", "Runs", "Views", "Live", "Training", "Studies", "Commands"];

    /// <summary>Each project, and those that it may refer to.</summary>
    public static TheoryData<string, string[]> Arrows { get; } = new()
    {
        { "GpuConvnet.Model", [] },
        { "GpuConvnet.Kernels", ["GpuConvnet.Model"] },
        { "GpuConvnet.Formats", ["GpuConvnet.Model"] },
        { "GpuConvnet.Recognition", ["GpuConvnet.Model"] },
        { "GpuConvnet.Mpi", ["GpuConvnet.Model"] },
        { "trainer", ["GpuConvnet.Formats", "GpuConvnet.Kernels", "GpuConvnet.Model", "GpuConvnet.Mpi", "GpuConvnet.Recognition"] },
    };

    /// <summary>Each storey but the highest, and those above it.</summary>
    public static TheoryData<string, string[]> Storeys { get; } =
        [.. s_storeys[..^1].Select((storey, index) => (storey, s_storeys[(index + 1)..]))];

    [Theory]
    [MemberData(nameof(Arrows))]
    public void A_project_refers_to_none_but_those_below_it(string project, string[] below)
    {
        Assembly assembly = OwnAssemblies.All.Single(own => own.GetName().Name == project);

        Assert.Empty(assembly.GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => name == "trainer" || name.StartsWith(Own, StringComparison.Ordinal))
            .Except(below));
    }

    [Fact]
    public void Folders_form_no_circle_in_any_project() =>
        AssertHolds(SliceRuleDefinition.Slices().Matching($"{Own}(**)").Should().BeFreeOfCycles());

    [Theory]
    [MemberData(nameof(Storeys))]
    public void A_storey_uses_none_above_it(string storey, string[] above) => AssertHolds(
        Types().That().ResideInNamespaceMatching(In(storey))
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(In(string.Join('|', above)))));

    [Fact]
    public void Every_folder_of_the_trainer_is_one_of_its_storeys()
    {
        Assert.Equal(
            s_storeys.Order(StringComparer.Ordinal),
            SourceLayoutTests.Sources
                .Select(path => path.Split('/'))
                .Where(parts => parts is ["src", "Trainer", _, _, ..])
                .Select(parts => parts[2])
                .Distinct()
                .Order(StringComparer.Ordinal));
    }

    private static string In(string storeys) => $@"^GpuConvnet\.Trainer\.({storeys})(\.|$)";

    private static void AssertHolds(IArchRule rule)
    {
        string[] faults =
            [.. rule.Evaluate(OwnAssemblies.Architecture).Where(result => !result.Passed).Select(result => result.Description)];

        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }
}
