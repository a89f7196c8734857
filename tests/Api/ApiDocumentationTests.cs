using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace GpuConvnet.Tests.Api;

/// <summary>What is public is documented: the compiler sees to a summary, and this to what it lets pass.</summary>
public sealed partial class ApiDocumentationTests
{
    private const BindingFlags Own =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static TheoryData<string> Packages { get; } = [.. ApiListingTests.Packages.Select(row => row.Data.Item1)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void EveryPublicMemberAndParameterIsDocumented(string package)
    {
        Assembly assembly = ApiListing.Assembly(package);
        ILookup<string, XElement> documented = Documented(assembly);
        List<string> faults = [];
        foreach (Type type in assembly.GetExportedTypes())
        {
            string name = type.FullName!.Replace('+', '.');
            Check($"T:{name}", documented, faults, parameters: 0);
            foreach (FieldInfo field in type.GetFields(Own).Where(field => IsSeen(field.Attributes) && !field.IsSpecialName))
            {
                Check($"F:{name}.{field.Name}", documented, faults, parameters: 0);
            }

            foreach (PropertyInfo property in type.GetProperties(Own).Where(property => property.GetMethod is { } get && IsSeen(get)))
            {
                // A record's own parameters are documented with it.
                bool isPositional = type.GetConstructors()
                    .Any(constructor => constructor.GetParameters().Any(parameter => parameter.Name == property.Name));
                if (!isPositional)
                {
                    Check($"P:{name}.{property.Name}", documented, faults, property.GetIndexParameters().Length);
                }
            }

            foreach (IGrouping<string, MethodBase> group in type.GetMethods(Own).Cast<MethodBase>().Concat(type.GetConstructors(Own))
                .Where(method => IsSeen(method) && IsWritten(method, documented, name))
                .GroupBy(method => $"M:{name}.{(method.IsConstructor ? "#ctor" : method.Name)}"))
            {
                if (documented[group.Key].Count() < group.Count())
                {
                    faults.Add($"{group.Key}: {group.Count()} of them, {documented[group.Key].Count()} documented");
                }

                bool isOperator = group.Key.Contains(".op_", StringComparison.Ordinal);
                Check(group.Key, documented, faults, isOperator ? 0 : group.Min(method => method.GetParameters().Length));
            }
        }

        Assert.True(faults.Count == 0, $"{package}:\n{string.Join('\n', faults)}");
    }

    private static void Check(string name, ILookup<string, XElement> documented, List<string> faults, int parameters)
    {
        if (!documented.Contains(name))
        {
            faults.Add($"{name}: no documentation");
            return;
        }

        foreach (XElement member in documented[name].Where(member => member.Element("inheritdoc") is null))
        {
            if (string.IsNullOrWhiteSpace(member.Element("summary")?.Value) && member.Element("summary")?.HasElements != true)
            {
                faults.Add($"{name}: no summary");
            }

            int described = member.Elements("param").Count(parameter => parameter.Value.Length > 0);
            if (described < parameters)
            {
                faults.Add($"{name}: {parameters} parameters, {described} described");
            }
        }
    }

    /// <summary>The members by kind and name, without their arguments.</summary>
    private static ILookup<string, XElement> Documented(Assembly assembly) => XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"))
        .Descendants("member")
        .ToLookup(member => Arguments().Replace((string)member.Attribute("name")!, ""));

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsSeen(FieldAttributes attributes) =>
        (attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family;

    /// <summary>Whether somebody wrote it: what the compiler makes, of records above all, has no documentation.</summary>
    private static bool IsWritten(MethodBase method, ILookup<string, XElement> documented, string type) =>
        method.GetCustomAttribute<CompilerGeneratedAttribute>() is null
        && !(method.IsSpecialName && !method.IsConstructor && !method.Name.StartsWith("op_", StringComparison.Ordinal))
        && !(method.IsConstructor && (method.IsStatic || !documented.Contains($"M:{type}.#ctor")))
        && method is not { Name: "<Clone>$" or "Finalize" };

    [GeneratedRegex(@"(?<=^M:[^(]*?)(``\d+)?(\(.*)?$|(?<=^P:[^(]*)\(.*$")]
    private static partial Regex Arguments();
}
