using System.Buffers.Binary;
using System.IO.Compression;

namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>A file that may be compressed with gzip, which its first bytes say and its name does not.</summary>
internal static class PackedFile
{
    private const int EndOfFile = -1;
    private const int LeastGrowth = 1 << 16;
    private const ushort Gzip = 0x1F8B;

    /// <summary>
    /// Reads a whole file, decompressed. Memory grows with what is really there, never with what a header claims.
    /// </summary>
    /// <param name="path">Plain or compressed.</param>
    /// <param name="limit">The most bytes that the file may have, decompressed.</param>
    /// <param name="remedy">What a user can do about a file that is damaged.</param>
    /// <exception cref="BadInputException">It cannot be read, is no whole gzip file, or is too large.</exception>
    public static byte[] Read(string path, int limit, string remedy)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            bool packed = IsPacked(file);
            long likely = packed ? LikelyLength(file) : file.Length;
            using Stream stream = packed ? new GZipStream(file, CompressionMode.Decompress) : file;

            // As a rule this is all of it, and nothing is copied.
            byte[] content = GC.AllocateUninitializedArray<byte>((int)Math.Min(likely, limit));
            for (int length = 0; ;)
            {
                length += stream.ReadAtLeast(content.AsSpan(length), content.Length - length, throwOnEndOfStream: false);
                int next = length < content.Length ? EndOfFile : stream.ReadByte();
                if (next == EndOfFile)
                {
                    return length == content.Length ? content : content[..length];
                }

                if (length == limit)
                {
                    throw new BadInputException(
                        $"{path} is larger than the {limit:N0} bytes it may have{(packed ? ", decompressed" : "")}. "
                        + (ForeignContent.Of(content) is { } foreign
                            ? $"It is {foreign.What}. {foreign.Remedy}"
                            : $"It is not the file that its name says. {remedy}"));
                }

                Array.Resize(ref content, (int)Math.Clamp(2L * length, Math.Min(limit, LeastGrowth), limit));
                content[length++] = (byte)next;
            }
        }
        catch (InvalidDataException failure)
        {
            throw new BadInputException($"{path} is not a whole gzip file ({failure.Message}) {remedy}", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>A file's first bytes, decompressed; fewer where there are no more or they cannot be decompressed.</summary>
    /// <param name="path">Plain or compressed.</param>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static byte[] Beginning(string path)
    {
        byte[] first = new byte[ForeignContent.Prefix];
        int length = 0;
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            using Stream stream = IsPacked(file) ? new GZipStream(file, CompressionMode.Decompress) : file;
            for (int read; length < first.Length && (read = stream.Read(first, length, first.Length - length)) > 0;)
            {
                length += read;
            }
        }
        catch (InvalidDataException)
        {
            // What could be decompressed is there; who reads the whole file says what is wrong with it.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {failure.Message}", failure);
        }

        return first[..length];
    }

    private static bool IsPacked(FileStream file)
    {
        Span<byte> first = stackalloc byte[sizeof(ushort)];
        bool isPacked = file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) == first.Length
            && BinaryPrimitives.ReadUInt16BigEndian(first) == Gzip;
        file.Seek(0, SeekOrigin.Begin);
        return isPacked;
    }

    /// <summary>
    /// What a gzip file's last four bytes say of its length, decompressed. A hint, believed as far as digits, which become a
    /// fifth when they are packed, could make it true.
    /// </summary>
    private static long LikelyLength(FileStream file)
    {
        const int MostRatio = 32;
        Span<byte> last = stackalloc byte[sizeof(uint)];
        if (file.Length < last.Length)
        {
            return 0;
        }

        file.Seek(-last.Length, SeekOrigin.End);
        file.ReadExactly(last);
        file.Seek(0, SeekOrigin.Begin);
        return Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(last), file.Length * MostRatio);
    }
}
