using GpuConvnet.Recognition.Finding;
using GpuConvnet.Recognition.Images;

namespace GpuConvnet.Recognition;

/// <summary>Reads the one digit of a picture, or says that there is none.</summary>
public static class PictureReader
{
    /// <summary>Surer than this of a shape, its answer is given however unsure the network is.</summary>
    private const double SureOfShape = 0.65;

    /// <summary>Otherwise the two together have to be surer than this.</summary>
    private const double SureOfBoth = 0.45;

    /// <summary>Finds the digit, frames it and has it read.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="reader">The network.</param>
    public static PictureReading Read(GreyImage image, DigitReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        DigitSearch search = DigitFinder.Search(image);
        if (search.Digit is not { } digit)
        {
            return new PictureReading(null, null, null, search.Instead);
        }

        Prediction prediction = reader.Read(digit, out float[] pixels);

        // What is doubtful as a shape has to be one that the network has no doubt about.
        return digit.Sureness < SureOfShape && digit.Sureness * reader.ShareOf(prediction) < SureOfBoth
            ? new PictureReading(null, null, null, FormattableString.Invariant(
                $"What stands out the most is {100 * digit.Sureness:F0}% like a digit in shape, and the network is not sure of it either"))
            : new PictureReading(digit, pixels, prediction, null);
    }
}
