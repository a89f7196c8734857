using System.Buffers.Binary;

namespace GpuConvnet.Recognition.Images;

/// <summary>How a camera was held, as a PNG's eXIf chunk notes it; the decoder does not look there.</summary>
internal static class PngOrientation
{
    private const int Signature = 8;

    /// <summary>The tag of the orientation.</summary>
    private const int Tag = 0x0112;

    /// <summary>Reads it.</summary>
    /// <param name="png">The whole file.</param>
    /// <returns>1, as it is, to 8, as EXIF numbers them.</returns>
    public static int Of(ReadOnlySpan<byte> png)
    {
        for (long at = Signature; at + 12 <= png.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(png[(int)at..]);
            ReadOnlySpan<byte> kind = png.Slice((int)at + 4, 4);
            if (kind.SequenceEqual("eXIf"u8) && at + 8 + length <= png.Length)
            {
                return OfTiff(png.Slice((int)at + 8, (int)length));
            }

            at += 12 + (long)length;
        }

        return 1;
    }

    /// <summary>The first directory's tag, in a block that begins as a TIFF file does.</summary>
    private static int OfTiff(ReadOnlySpan<byte> block)
    {
        if (block.Length < 14 || !(block.StartsWith("II*\0"u8) || block.StartsWith("MM\0*"u8)))
        {
            return 1;
        }

        bool isBig = block[0] == 'M';
        uint start = isBig ? BinaryPrimitives.ReadUInt32BigEndian(block[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(block[4..]);
        if (start > block.Length - 2)
        {
            return 1;
        }

        int count = Short(block[(int)start..], isBig);
        for (int i = 0; i < count; i++)
        {
            long entry = start + 2 + 12L * i;
            if (entry + 12 > block.Length)
            {
                break;
            }

            if (Short(block[(int)entry..], isBig) == Tag)
            {
                int orientation = Short(block[((int)entry + 8)..], isBig);
                return orientation is >= 1 and <= 8 ? orientation : 1;
            }
        }

        return 1;
    }

    private static int Short(ReadOnlySpan<byte> at, bool isBig) =>
        isBig ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);
}
