namespace GpuConvnet.Model.Training;

/// <summary>A part of a data set.</summary>
public enum Split
{
    /// <summary>What the network is trained on.</summary>
    Train,

    /// <summary>What it is tested on.</summary>
    Test,
}
