using System.Reflection;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The way from numbers that a configuration has to types that kernels are compiled for.</summary>
internal static class SizeTypes
{
    /// <summary>The type of a number.</summary>
    /// <param name="value">0 or more.</param>
    public static Type Of(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return value == 0
            ? typeof(Zero)
            : (value % 2 == 0 ? typeof(Even<>) : typeof(Odd<>)).MakeGenericType(Of(value / 2));
    }

    /// <summary>Numbers as the type arguments of a type.</summary>
    /// <param name="definition">A generic type definition with an argument per number.</param>
    /// <param name="values">The numbers, in the order of the arguments.</param>
    public static Type Of(Type definition, params ReadOnlySpan<int> values)
    {
        Type[] arguments = new Type[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            arguments[i] = Of(values[i]);
        }

        return definition.MakeGenericType(arguments);
    }

    /// <summary>Makes an object of a type that is known only now.</summary>
    /// <typeparam name="T">What it is known to be.</typeparam>
    /// <param name="definition">A generic type definition.</param>
    /// <param name="types">Its arguments.</param>
    /// <param name="arguments">What its only public constructor takes.</param>
    public static T Create<T>(Type definition, Type[] types, params object?[] arguments) => (T)Activator.CreateInstance(
        definition.MakeGenericType(types),
        BindingFlags.DoNotWrapExceptions | BindingFlags.Public | BindingFlags.Instance | BindingFlags.CreateInstance,
        binder: null, arguments, culture: null)!;
}
