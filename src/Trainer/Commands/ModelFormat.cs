
namespace GpuConvnet.Trainer.Commands;

/// <summary>What a trained network can be written as.</summary>
internal enum ModelFormat
{
    /// <summary>The format of saved models.</summary>
    Safetensors,

    /// <summary>What ONNX Runtime and its kin run.</summary>
    Onnx,

    /// <summary>One object: what the network is, and its eight parts.</summary>
    Json,

    /// <summary>A line a parameter.</summary>
    Csv,
}
