namespace GpuConvnet.Model;

/// <summary>What fills examples in when they are first looked at. Safe for use by several threads at once.</summary>
internal interface IExampleSource
{
    /// <summary>Sees to it that an example is there.</summary>
    /// <param name="index">Which, from 0.</param>
    void Require(int index);
}
