using GpuConvnet.Model;
using GpuConvnet.Trainer.Setup.Data.Files;
using GpuConvnet.Trainer.Setup.Data.Pixels;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The images and labels of a split, as they were read and checked.</summary>
/// <param name="ImagesPath">The images' file.</param>
/// <param name="LabelsPath">The labels' file.</param>
/// <param name="Images">The images.</param>
/// <param name="Labels">(count), 0 to 9.</param>
/// <param name="Levels">What the images' bytes mean.</param>
internal sealed record IdxSplit(string ImagesPath, string LabelsPath, IdxImages Images, ReadOnlyMemory<byte> Labels, ByteLevels Levels)
{
    /// <summary>What a user can do about a damaged file, which may be somebody's own.</summary>
    public const string Remedy = "Put a whole copy in its place, or name another folder with --data.";

    /// <summary>No file may have more bytes, decompressed: a quarter more than the largest of EMNIST's.</summary>
    private const int MostBytes = 700_000_000;

    /// <summary>Reads a split.</summary>
    /// <param name="images">The files that may be the images, the likeliest first.</param>
    /// <param name="labels">The files that may be the labels.</param>
    /// <param name="say">Hears what was passed over or converted.</param>
    /// <exception cref="BadInputException">A file is damaged or something else, or they do not belong together.</exception>
    public static IdxSplit Read(IEnumerable<string> images, IEnumerable<string> labels, Action<string> say)
    {
        (string imagesPath, IdxImages found) =
            FileChoice.Read(images, path => IdxImages.Of(PackedFile.Read(path, MostBytes, Remedy), path, Remedy), say);
        (string labelsPath, ReadOnlyMemory<byte> digits) =
            FileChoice.Read(labels, path => IdxLabels.Of(PackedFile.Read(path, MostBytes, Remedy), path, Remedy), say);
        if (found.Count != digits.Length)
        {
            throw new BadInputException(
                $"{imagesPath} holds {found.Count:N0} images and {labelsPath} {digits.Length:N0} labels. They do not belong together. {Remedy}");
        }

        ByteLevels levels = ByteLevels.Of(found, imagesPath);
        if (levels.Note is { } note)
        {
            say($"note: {imagesPath}: {note}");
        }

        return new IdxSplit(imagesPath, labelsPath, found, digits, levels);
    }

    /// <summary>Reduces the chosen digits.</summary>
    /// <param name="chosen">Which, in the order in which they are presented.</param>
    /// <param name="isTransposed">Whether rows and columns change places.</param>
    public Examples Reduce(ReadOnlySpan<int> chosen, bool isTransposed)
    {
        float[] pixels = new float[chosen.Length * InputUnits];
        byte[] digits = new byte[chosen.Length];
        byte[] image = new byte[Images.Rows * Images.Columns];
        byte[] turned = new byte[image.Length];
        for (int i = 0; i < chosen.Length; i++)
        {
            Levels.Convert(Images.Image(chosen[i]), image);
            if (isTransposed)
            {
                Transpose(image, turned);
            }

            (int rows, int columns) = isTransposed ? (Images.Columns, Images.Rows) : (Images.Rows, Images.Columns);
            ImageReduction.Reduce(isTransposed ? turned : image, rows, columns, pixels.AsSpan(i * InputUnits, InputUnits));
            digits[i] = Labels.Span[chosen[i]];
        }

        return new Examples(pixels, digits);
    }

    private void Transpose(byte[] image, byte[] turned)
    {
        for (int row = 0; row < Images.Rows; row++)
        {
            for (int column = 0; column < Images.Columns; column++)
            {
                turned[column * Images.Rows + row] = image[row * Images.Columns + column];
            }
        }
    }
}
