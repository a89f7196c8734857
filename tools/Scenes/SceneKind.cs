namespace GpuConvnet.Scenes;

/// <summary>A kind of picture that people take of digits.</summary>
/// <param name="Name">Its name, which is a folder's.</param>
/// <param name="Digits">How many digits are in it; 0 where there is none.</param>
/// <param name="Draw">Makes a picture: digits by their place among MNIST's test digits, and a source of chance.</param>
public sealed record SceneKind(string Name, int Digits, Func<TestDigits, int[], Random, byte[]> Draw)
{
    /// <summary>The ending of a picture's file.</summary>
    /// <param name="file">The file.</param>
    public static string Ending(ReadOnlySpan<byte> file) => file[0] == 0xFF ? ".jpg" : ".png";
}
