namespace GpuConvnet.Model.Network;

/// <summary>Whether a caller's vector is as long as it has to be.</summary>
internal static class VectorLength
{
    /// <summary>Refuses a vector of another length.</summary>
    /// <param name="found">How many values it has.</param>
    /// <param name="expected">How many are needed.</param>
    /// <param name="name">What the parameter is called.</param>
    /// <exception cref="ArgumentException">It has more or fewer.</exception>
    public static void Require(int found, int expected, string name)
    {
        if (found != expected)
        {
            throw new ArgumentException($"Expected {expected} values, found {found}.", name);
        }
    }
}
