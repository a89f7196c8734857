using System.Buffers.Binary;

namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>The labels of an idx file: a byte each, or QMNIST's eight columns, of which the first is the digit.</summary>
internal static class IdxLabels
{
    private const int QmnistColumns = 8;
    private const int MostDigit = 9;

    /// <summary>Interprets a file as labels.</summary>
    /// <param name="content">The whole file, decompressed.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <param name="remedy">What a user can do about a damaged one.</param>
    /// <returns>(count) digits, 0 to 9.</returns>
    /// <exception cref="BadInputException">It is damaged, holds something else, or a label is no digit.</exception>
    public static ReadOnlyMemory<byte> Of(byte[] content, string path, string remedy)
    {
        IdxFile file = IdxFile.Parse(content, path, remedy);
        return file switch
        {
            { Type: IdxFile.Bytes, Sizes.Count: 1 } => Digits(file.Body, path),
            { Type: IdxFile.Integers, Sizes: [_, QmnistColumns] } => FirstColumn(file, path),
            _ => throw new BadInputException(
                $"{path} holds {file.Description}, where labels are expected: a byte each (0x00000801, one dimension), or QMNIST's "
                + $"{QmnistColumns} columns of 32-bit integers."
                + (file.Sizes.Count == 3 ? " Are images and labels mixed up?" : " Save the digits as bytes, 0 to 9.")),
        };
    }

    private static ReadOnlyMemory<byte> Digits(ReadOnlyMemory<byte> labels, string path)
    {
        int wrong = labels.Span.IndexOfAnyExceptInRange((byte)0, (byte)MostDigit);
        return wrong < 0 ? labels : throw NoDigit(path, wrong, labels.Span[wrong]);
    }

    private static ReadOnlyMemory<byte> FirstColumn(IdxFile file, string path)
    {
        byte[] digits = new byte[file.Count];
        for (int index = 0; index < digits.Length; index++)
        {
            int label = BinaryPrimitives.ReadInt32BigEndian(file.Body.Span[(index * QmnistColumns * sizeof(int))..]);
            digits[index] = label is >= 0 and <= MostDigit ? (byte)label : throw NoDigit(path, index, label);
        }

        return digits;
    }

    private static BadInputException NoDigit(string path, int index, int label) => new(
        FormattableString.Invariant($"{path}: label {index} is {label}; labels are digits, 0 to {MostDigit}, as the network has ten outputs. ")
        + "Of EMNIST the splits 'digits' and 'mnist' have digits alone; the others have letters too.");
}
