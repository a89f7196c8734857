using System.Globalization;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Ensembles;

/// <summary>The parameters of several networks as one vector, a member after the other.</summary>
internal static class EnsembleParts
{
    /// <summary>
    /// The parts of all members, in order: each is called as its network calls it, behind <c>members.</c>, the member's number from 0 and a
    /// dot, as PyTorch names the networks of a <c>ModuleList</c>.
    /// </summary>
    /// <param name="members">The parts of each member.</param>
    public static IReadOnlyList<ParameterPart> Of(IEnumerable<IReadOnlyList<ParameterPart>> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        List<ParameterPart> parts = [];
        int offset = 0;
        foreach ((int member, IReadOnlyList<ParameterPart> own) in members.Index())
        {
            string prefix = string.Create(CultureInfo.InvariantCulture, $"members.{member}.");
            parts.AddRange(own.Select(part => new ParameterPart(
                prefix + part.Name, offset + part.Offset, part.Rule, part.Inputs, [.. part.Shape])));
            offset += own.Sum(part => part.Count);
        }

        return parts;
    }
}
