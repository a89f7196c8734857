namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>A picture and the digit that its folder or its name says is in it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Digit">The digit.</param>
internal readonly record struct Picture(string Path, byte Digit);
