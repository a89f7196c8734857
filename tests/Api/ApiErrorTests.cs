using System.Reflection;
using System.Xml.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace GpuConvnet.Tests.Api;

/// <summary>What a public member throws itself stands in its documentation, or in that which it inherits.</summary>
public sealed class ApiErrorTests
{
    private const BindingFlags Own =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static TheoryData<string> Packages { get; } = [.. ApiListingTests.Packages.Select(row => row.Data.Item1)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void WhatAMemberThrowsIsDocumented(string package)
    {
        Assembly assembly = ApiListing.Assembly(package);
        ILookup<string, XElement> documented = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .ToLookup(member => (string)member.Attribute("name")!);
        using ModuleDefinition module = ModuleDefinition.ReadModule(assembly.Location);

        string[] missing = [.. assembly.GetExportedTypes()
            .SelectMany(type => type.GetMethods(Own).Cast<MethodBase>().Concat(type.GetConstructors(Own)))
            .Where(method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly)
            .Select(method => (Name: NameOf(method), Body: (MethodDefinition)module.LookupToken(method.MetadataToken)))
            .Where(member => !documented[member.Name].Any(text => text.Descendants("inheritdoc").Any()))
            .SelectMany(member => Thrown(member.Body)
                .Where(error => !documented[member.Name].Descendants("exception")
                    .Any(text => ((string)text.Attribute("cref")!).EndsWith($".{error}", StringComparison.Ordinal)))
                .Select(error => $"{member.Name} throws {error}"))];

        Assert.True(missing.Length == 0, $"{package}, not documented:\n{string.Join('\n', missing)}");
    }

    [Fact]
    public void AnErrorIsFoundInTheBodyOfAMember()
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(typeof(ApiErrorTests).Assembly.Location);
        MethodInfo method = typeof(ApiErrorTests).GetMethod(nameof(Refuse), Own)!;

        Assert.Equal(
            [nameof(ArgumentException), nameof(ArgumentOutOfRangeException)],
            Thrown((MethodDefinition)module.LookupToken(method.MetadataToken)).Order());
    }

    private static void Refuse(string? text, int number)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        throw new ArgumentException("Not this one.", nameof(text));
    }

    /// <summary>What the file calls a method: of a property's, the property.</summary>
    private static string NameOf(MethodBase method) =>
        method.DeclaringType!.GetProperties(Own).FirstOrDefault(property => property.GetAccessors(nonPublic: true).Contains(method)) is { } property
            ? DocumentationId.Of(property)
            : DocumentationId.Of(method);

    /// <summary>What a body creates an exception of, or throws by a guard; that nothing may be null needs no word.</summary>
    private static IEnumerable<string> Thrown(MethodDefinition method) => method.HasBody
        ? method.Body.Instructions
            .Where(instruction => instruction.Operand is MethodReference called
                && called.DeclaringType.Name.EndsWith(nameof(Exception), StringComparison.Ordinal)
                && (instruction.OpCode.Code == Code.Newobj || called.Name.StartsWith("ThrowIf", StringComparison.Ordinal)))
            .Select(instruction => ((MethodReference)instruction.Operand).DeclaringType.Name)
            .Where(name => name != nameof(ArgumentNullException))
            .Distinct()
        : [];
}
