using System.Buffers.Binary;

namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>
/// The idx format of MNIST's files: two zeros, the type of a value, the number of dimensions, their big-endian sizes, then the values.
/// </summary>
/// <param name="Type">The type of a value: <see cref="Bytes"/> or another of the format's.</param>
/// <param name="Sizes">The dimensions' sizes, the number of items first.</param>
/// <param name="Body">The values.</param>
internal sealed record IdxFile(byte Type, IReadOnlyList<int> Sizes, ReadOnlyMemory<byte> Body)
{
    /// <summary>The type of unsigned bytes, which images and labels are.</summary>
    public const byte Bytes = 0x08;

    /// <summary>The type of 32-bit integers.</summary>
    public const byte Integers = 0x0C;

    private const int MostDimensions = 4;

    /// <summary>How many items.</summary>
    public int Count => Sizes[0];

    /// <summary>What it holds, for the user.</summary>
    internal string Description => Sizes.Count == 1
        ? FormattableString.Invariant($"{Count:N0} labels")
        : FormattableString.Invariant($"{Count:N0} {(Sizes.Count == 3 && Type == Bytes ? "images" : "rows")} of ")
            + string.Join('x', Sizes.Skip(1)) + (Type == Bytes ? "" : $" {NameOf(Type)}");

    /// <summary>Interprets a file.</summary>
    /// <param name="content">The whole file, decompressed.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <param name="remedy">What a user can do about a damaged one.</param>
    /// <exception cref="BadInputException">It is no idx file, or its size is not what its header says.</exception>
    public static IdxFile Parse(byte[] content, string path, string remedy)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (content.Length < sizeof(uint))
        {
            throw new BadInputException($"{path} has {content.Length} bytes: too few for an idx header. It is truncated. {remedy}");
        }

        (byte type, byte dimensions) = (content[2], content[3]);
        if (content[0] != 0 || content[1] != 0 || SizeOf(type) == 0 || dimensions is 0 or > MostDimensions)
        {
            throw new BadInputException(ForeignContent.Of(content) is { } foreign
                ? $"{path} is {foreign.What}. {foreign.Remedy} {remedy}"
                : $"{path} begins with 0x{BinaryPrimitives.ReadUInt32BigEndian(content):x8}; an idx file of images begins with "
                    + $"0x00000803, one of labels with 0x00000801. It is another kind of file. {remedy}");
        }

        int header = sizeof(uint) * (1 + dimensions);
        if (content.Length < header)
        {
            throw new BadInputException(
                $"{path} has {content.Length} bytes: too few for the {header} of its idx header. It is truncated. {remedy}");
        }

        uint[] sizes = [.. Enumerable.Range(1, dimensions)
            .Select(index => BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(sizeof(uint) * index)))];

        // Four sizes of 32 bits are more than a whole number has room for.
        double expected = sizes.Aggregate((double)SizeOf(type), (product, size) => product * size);
        int found = content.Length - header;
        return found == expected
            ? new IdxFile(type, [.. sizes.Select(size => (int)Math.Min(size, int.MaxValue))], content.AsMemory(header))
            : throw new BadInputException(
                FormattableString.Invariant($"{path} says it holds {string.Join(" x ", sizes)} {NameOf(type)}, {expected:N0} bytes, ")
                + FormattableString.Invariant($"but {found:N0} follow the header. It is ")
                + $"{(found < expected ? "truncated" : "too long: damaged")}. {remedy}");
    }

    /// <summary>
    /// What a header says that a file holds, how many items, and of how many bytes in all; null where it is none of an idx file.
    /// </summary>
    /// <param name="content">The file's first bytes, decompressed, or all of it.</param>
    internal static (string What, int Count, double Bytes)? Described(ReadOnlySpan<byte> content)
    {
        if (content.Length < sizeof(uint) || content[0] != 0 || content[1] != 0 || SizeOf(content[2]) == 0
            || content[3] is 0 or > MostDimensions || content.Length < sizeof(uint) * (1 + content[3]))
        {
            return null;
        }

        double bytes = SizeOf(content[2]);
        int[] sizes = new int[content[3]];
        for (int index = 0; index < sizes.Length; index++)
        {
            uint size = BinaryPrimitives.ReadUInt32BigEndian(content[(sizeof(uint) * (1 + index))..]);
            sizes[index] = (int)Math.Min(size, int.MaxValue);
            bytes *= size;
        }

        return (new IdxFile(content[2], sizes, default).Description, sizes[0], bytes + sizeof(uint) * (1 + sizes.Length));
    }

    private static int SizeOf(byte type) => type switch
    {
        Bytes or 0x09 => 1,
        0x0B => 2,
        Integers or 0x0D => 4,
        0x0E => 8,
        _ => 0,
    };

    /// <summary>What the values are, for messages.</summary>
    internal static string NameOf(byte type) => type switch
    {
        Bytes => "bytes",
        0x09 => "signed bytes",
        0x0B => "16-bit integers",
        Integers => "32-bit integers",
        0x0D => "32-bit floats",
        _ => "64-bit floats",
    };
}
