namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>Images of bytes, as an idx file holds them.</summary>
/// <param name="Count">How many.</param>
/// <param name="Rows">The rows of each.</param>
/// <param name="Columns">The columns of each.</param>
/// <param name="Pixels">(<paramref name="Count"/>, <paramref name="Rows"/>, <paramref name="Columns"/>), 0 to 255.</param>
internal sealed record IdxImages(int Count, int Rows, int Columns, ReadOnlyMemory<byte> Pixels)
{
    /// <summary>The most rows and columns that an image of a digit may have.</summary>
    public const int MostSide = 1024;

    /// <summary>The fewest: fewer show no digit.</summary>
    public const int LeastSide = 8;

    /// <summary>Interprets a file as images.</summary>
    /// <param name="content">The whole file, decompressed.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <param name="remedy">What a user can do about a damaged one.</param>
    /// <exception cref="BadInputException">It is damaged, or holds something else.</exception>
    public static IdxImages Of(byte[] content, string path, string remedy)
    {
        IdxFile file = IdxFile.Parse(content, path, remedy);
        file = file switch
        {
            // One channel, first or last, is grey.
            { Type: IdxFile.Bytes, Sizes: [_, 1, _, _] } => file with { Sizes = [file.Sizes[0], file.Sizes[2], file.Sizes[3]] },
            { Type: IdxFile.Bytes, Sizes: [_, _, _, 1] } => file with { Sizes = [file.Sizes[0], file.Sizes[1], file.Sizes[2]] },
            { Type: IdxFile.Bytes, Sizes: [_, 3 or 4, _, _] or [_, _, _, 3 or 4] } => throw new BadInputException(
                $"{path} holds {file.Description}: {(file.Sizes[^1] is 3 or 4 ? file.Sizes[^1] : file.Sizes[1])} channels a pixel, which is "
                + "colour, and the network reads grey. Save one byte a pixel, the mean of its colours, three dimensions."),
            _ => file,
        };
        if (file is not { Type: IdxFile.Bytes, Sizes.Count: 3 })
        {
            throw new BadInputException(
                $"{path} holds {file.Description}, where images of bytes are expected (0x00000803, three dimensions)."
                + (file.Sizes.Count == 1 ? " Are images and labels mixed up?" : " Save them as bytes, 0 to 255."));
        }

        return file.Sizes[1] is < LeastSide or > MostSide || file.Sizes[2] is < LeastSide or > MostSide
            ? throw new BadInputException(
                $"{path} holds {file.Description}; an image has {LeastSide} to {MostSide} rows and columns.")
            : new IdxImages(file.Count, file.Sizes[1], file.Sizes[2], file.Body);
    }

    /// <summary>One image, row by row.</summary>
    public ReadOnlySpan<byte> Image(int index) => Pixels.Span.Slice(index * Rows * Columns, Rows * Columns);
}
