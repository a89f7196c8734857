using System.Text;
using GpuConvnet.Formats.Protobuf;

namespace GpuConvnet.Formats.TensorBoard;

/// <summary>
/// The values that TensorBoard shows under a tag: messages <c>Summary.Value</c>. The numbers of fields are those of
/// TensorFlow's <c>summary.proto</c> and <c>tensor.proto</c>.
/// </summary>
public static class SummaryValue
{
    private const int RgbColours = 3;
    private const int TextType = 7;

    /// <summary>A point of a curve.</summary>
    /// <param name="tag">The curve's name.</param>
    /// <param name="description">What TensorBoard says about it.</param>
    /// <param name="value">The value; TensorBoard has it in float32.</param>
    public static ProtobufMessage Scalar(string tag, string description, double value) => new ProtobufMessage()
        .Add(1, tag)
        .Add(2, (float)value)
        .Add(9, new ProtobufMessage().Add(3, description));

    /// <summary>A distribution of numbers.</summary>
    /// <param name="tag">What they are.</param>
    /// <param name="histogram">Their distribution.</param>
    public static ProtobufMessage Of(string tag, Distribution histogram) => new ProtobufMessage()
        .Add(1, tag)
        .Add(5, new ProtobufMessage()
            .Add(1, histogram.Least)
            .Add(2, histogram.Greatest)
            .Add(3, (double)histogram.Count)
            .Add(4, histogram.Sum)
            .Add(5, histogram.SumOfSquares)
            .Add(6, histogram.Limits)
            .Add(7, histogram.Counts));

    /// <summary>A picture.</summary>
    /// <param name="tag">What it shows.</param>
    /// <param name="size">Its size in pixels.</param>
    /// <param name="png">The picture.</param>
    public static ProtobufMessage Image(string tag, (int Width, int Height) size, byte[] png) => new ProtobufMessage()
        .Add(1, tag)
        .Add(4, new ProtobufMessage().Add(1, size.Height).Add(2, size.Width).Add(3, RgbColours).Add(4, png));

    /// <summary>A text.</summary>
    /// <param name="tag">What it is.</param>
    /// <param name="markdown">The text, in Markdown.</param>
    public static ProtobufMessage Text(string tag, string markdown)
    {
        ProtobufMessage oneText = new ProtobufMessage().Add(2, new ProtobufMessage().Add(1, 1));
        return new ProtobufMessage()
            .Add(1, tag)
            .Add(8, new ProtobufMessage().Add(1, TextType).Add(2, oneText).Add(8, Encoding.UTF8.GetBytes(markdown)))
            .Add(9, new ProtobufMessage().Add(1, new ProtobufMessage().Add(1, "text")));
    }
}
