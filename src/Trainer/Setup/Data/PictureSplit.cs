using System.Text;
using GpuConvnet.Model;
using GpuConvnet.Recognition.Images;
using GpuConvnet.Trainer.Setup.Data.Files;
using GpuConvnet.Trainer.Setup.Data.Pixels;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The pictures of a split.</summary>
/// <param name="Folder">Where they lie.</param>
/// <param name="Pictures">The pictures and their digits, in an order that is the same on every system.</param>
internal sealed record PictureSplit(string Folder, IReadOnlyList<Picture> Pictures)
{
    /// <summary>Lists a folder's pictures.</summary>
    /// <exception cref="BadInputException">There are none, or one does not say its digit.</exception>
    public static PictureSplit Of(string folder) => new(folder, PictureFolder.List(folder));

    /// <summary>The names and contents of all pictures, to tell whether they are the same.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Contents()
    {
        foreach (Picture picture in Pictures)
        {
            yield return Encoding.UTF8.GetBytes(Path.GetRelativePath(Folder, picture.Path).Replace('\\', '/') + '\n');
            yield return ReadBytes(picture.Path);
        }
    }

    /// <summary>Reads the chosen pictures and reduces them.</summary>
    /// <param name="chosen">Which, in the order in which they are presented.</param>
    /// <param name="say">Hears how many were turned round.</param>
    /// <exception cref="BadInputException">Some cannot be read.</exception>
    public Examples Reduce(int[] chosen, Action<string> say)
    {
        float[] pixels = new float[chosen.Length * InputUnits];
        byte[] digits = new byte[chosen.Length];
        string?[] faults = new string?[chosen.Length];
        int turned = 0;
        Parallel.For(0, chosen.Length, i =>
        {
            Picture picture = Pictures[chosen[i]];
            digits[i] = picture.Digit;
            try
            {
                GreyImage image = ImageFile.Read(picture.Path);
                (byte[] ink, bool isTurned) = PictureLevels.Of(image, picture.Path);
                ImageReduction.Reduce(ink, image.Height, image.Width, pixels.AsSpan(i * InputUnits, InputUnits));
                if (isTurned)
                {
                    Interlocked.Increment(ref turned);
                }
            }
            catch (ImageException failure)
            {
                faults[i] = $"{failure.Message} Move it out of the folder, or save it anew.";
            }
            catch (BadInputException failure)
            {
                faults[i] = failure.Message;
            }
        });
        if (faults.OfType<string>().Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } found)
        {
            throw new BadInputException(found[0] + (found.Length == 1 ? "" : $" {found.Length - 1:N0} more pictures of {Folder} are no better."));
        }

        if (turned > 0)
        {
            say($"note: {turned:N0} of {chosen.Length:N0} pictures of {Folder} are dark on light: turned round");
        }

        return new Examples(pixels, digits);
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {failure.Message}", failure);
        }
    }
}
