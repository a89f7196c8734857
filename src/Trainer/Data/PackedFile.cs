using System.IO.Compression;

namespace GpuConvnet.Trainer.Data;

/// <summary>A file that may be compressed with gzip.</summary>
internal static class PackedFile
{
    /// <summary>
    /// Reads a whole file, decompressed. Memory grows with what is really there, never with what a header claims.
    /// </summary>
    /// <param name="path">Plain, or ending in .gz.</param>
    /// <param name="limit">The most bytes that the file may have, decompressed.</param>
    /// <exception cref="BadInputException">It cannot be read, is no whole gzip file, or is too large.</exception>
    public static byte[] Read(string path, int limit)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            bool packed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
            using Stream stream = packed ? new GZipStream(file, CompressionMode.Decompress) : file;
            using MemoryStream content = new(packed ? 1 << 20 : (int)Math.Min(file.Length, limit));
            byte[] buffer = new byte[1 << 17];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                if (content.Length + read > limit)
                {
                    throw new BadInputException(
                        $"{path} is larger than the {limit:N0} bytes it may have{(packed ? ", decompressed" : "")}. "
                        + "It is not the file that its name says; delete it and run 'trainer data fetch'.");
                }

                content.Write(buffer, 0, read);
            }

            return content.Length == content.Capacity ? content.GetBuffer() : content.ToArray();
        }
        catch (InvalidDataException failure)
        {
            throw new BadInputException(
                $"{path} is not a whole gzip file ({failure.Message}) Delete it and run 'trainer data fetch', or put a "
                + "good copy in its place.",
                failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {failure.Message}", failure);
        }
    }
}
