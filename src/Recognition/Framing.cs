namespace GpuConvnet.Recognition;

/// <summary>How a data set places its digits.</summary>
public enum Framing
{
    /// <summary>
    /// As MNIST, and as the built-in digits: the longer side of the digit's box is 20 of 28 pixels, and its centre of mass
    /// is the centre; then 28x28 is reduced to 16x16 as in the article.
    /// </summary>
    Mnist,

    /// <summary>As USPS: the longer side of the digit's box is 16 of 16 pixels, and the box is in the middle.</summary>
    Usps,
}
