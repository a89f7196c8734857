namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>A rectangle of an image's pixels.</summary>
/// <param name="Left">Its first column.</param>
/// <param name="Top">Its first row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
internal sealed record PictureBox(int Left, int Top, int Width, int Height);
