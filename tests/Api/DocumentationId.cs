using System.Reflection;

namespace GpuConvnet.Tests.Api;

/// <summary>What the documentation file calls a type or a member: <c>M:Namespace.Type.Method``1(System.Int32[],``0@)</c>.</summary>
internal static class DocumentationId
{
    private const BindingFlags Own =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>A type and what it declares, as far as code outside of its assembly may call or override it.</summary>
    /// <param name="type">A public type.</param>
    public static IEnumerable<string> OfPublic(Type type)
    {
        string name = Declared(type);
        return
        [
            $"T:{name}",
            .. type.GetFields(Own).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly)
                .Select(field => $"F:{name}.{field.Name}"),
            .. type.GetProperties(Own).Where(property => property.GetAccessors(nonPublic: true).Any(IsSeen))
                .Select(Of),
            .. type.GetEvents(Own).Where(one => one.AddMethod is { } add && IsSeen(add)).Select(one => $"E:{name}.{one.Name}"),
            .. type.GetConstructors(Own).Where(IsSeen).Select(Of),
            .. type.GetMethods(Own).Where(IsSeen).Select(Of),
        ];
    }

    /// <summary>A method or a constructor.</summary>
    /// <param name="method">The method.</param>
    public static string Of(MethodBase method) => $"M:{Declared(method.DeclaringType!)}.{method.Name.Replace('.', '#')}"
        + (method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "")
        + Arguments(method.GetParameters())
        + (method is MethodInfo { Name: "op_Implicit" or "op_Explicit" } conversion ? $"~{Used(conversion.ReturnType)}" : "");

    /// <summary>A property.</summary>
    /// <param name="property">The property.</param>
    public static string Of(PropertyInfo property) =>
        $"P:{Declared(property.DeclaringType!)}.{property.Name}{Arguments(property.GetIndexParameters())}";

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Declared(Type type) => type.FullName!.Replace('+', '.');

    private static string Arguments(ParameterInfo[] parameters) =>
        parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(parameter => Used(parameter.ParameterType)))})";

    private static string Used(Type type) =>
        type.IsByRef ? $"{Used(type.GetElementType()!)}@"
        : type.IsPointer ? $"{Used(type.GetElementType()!)}*"
        : type.IsSZArray ? $"{Used(type.GetElementType()!)}[]"
        : type.IsArray ? $"{Used(type.GetElementType()!)}[{string.Join(',', Enumerable.Repeat("0:", type.GetArrayRank()))}]"
        : type.IsGenericMethodParameter ? $"``{type.GenericParameterPosition}"
        : type.IsGenericParameter ? $"`{type.GenericParameterPosition}"
        : type.IsGenericType ? Generic(type)
        : Declared(type);

    /// <summary>A generic type with its arguments, those of the types around it at these: <c>A{B}.C{D}</c>.</summary>
    private static string Generic(Type type)
    {
        Type[] arguments = type.GetGenericArguments();
        string[] names = type.GetGenericTypeDefinition().FullName!.Split('+');
        int taken = 0;
        return string.Join('.', names.Select(name =>
        {
            string[] parts = name.Split('`');
            int count = parts.Length == 1 ? 0 : int.Parse(parts[1], provider: null);
            string own = count == 0 ? parts[0] : $"{parts[0]}{{{string.Join(',', arguments.Skip(taken).Take(count).Select(Used))}}}";
            taken += count;
            return own;
        }));
    }
}
