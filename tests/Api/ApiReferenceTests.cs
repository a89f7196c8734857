using System.Reflection;
using System.Xml.Linq;

namespace GpuConvnet.Tests.Api;

/// <summary>What the documentation of a public name refers to is public too: a package's user cannot open anything else.</summary>
public sealed class ApiReferenceTests
{
    private const string OwnNames = "GpuConvnet.";

    public static TheoryData<string> Packages { get; } = [.. ApiListingTests.Packages.Select(row => row.Data.Item1)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void DocumentationOfPublicNamesRefersToPublicNames(string package)
    {
        Assembly assembly = ApiListing.Assembly(package);
        HashSet<string> documented = Names([assembly]);

        // A package's user has those that it needs.
        string[] needed = [.. assembly.GetReferencedAssemblies().Select(reference => reference.Name!)];
        HashSet<string> known = Names([
            assembly, .. Packages.Select(row => row.Data).Where(needed.Contains).Select(ApiListing.Assembly),
        ]);
        XElement[] members = [.. XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .Where(member => documented.Contains((string)member.Attribute("name")!))];
        Assert.NotEmpty(members);

        string[] strange = [.. members.SelectMany(member => References(member)
            .Where(reference => !IsPublic(reference, known))
            .Select(reference => $"{(string)member.Attribute("name")!} refers to {reference}"))];

        Assert.True(strange.Length == 0, $"{package}: not public, say it in words or <c>:\n{string.Join('\n', strange)}");
    }

    [Theory]
    [InlineData("T:GpuConvnet.Model.Examples", true)]
    [InlineData("M:GpuConvnet.Model.Examples.Label(System.Int32)", true)]
    [InlineData("M:GpuConvnet.Model.Examples.Label(System.String)", false)]
    [InlineData("T:GpuConvnet.Model.NoSuchType", false)]
    [InlineData("!:NoSuchType", false)]
    [InlineData("T:System.ArgumentException", true)]
    public void ANameIsToldFromOneThatIsNotPublic(string name, bool isPublic) =>
        Assert.Equal(isPublic, IsPublic(name, Names([ApiListing.Assembly("GpuConvnet.Model")])));

    private static HashSet<string> Names(IEnumerable<Assembly> assemblies) =>
        [.. assemblies.SelectMany(assembly => assembly.GetExportedTypes()).SelectMany(DocumentationId.OfPublic)];

    private static IEnumerable<string> References(XElement member) =>
        member.Descendants().Attributes("cref").Select(reference => reference.Value).Distinct();

    /// <summary>Whether a name is public; of others' names the compiler has seen the public ones alone.</summary>
    private static bool IsPublic(string name, HashSet<string> known) =>
        known.Contains(name) || (name[1] == ':' && name[0] != '!' && !name[2..].StartsWith(OwnNames, StringComparison.Ordinal));
}
