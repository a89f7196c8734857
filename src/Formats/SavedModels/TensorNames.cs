using GpuConvnet.Model.Network;

namespace GpuConvnet.Formats.SavedModels;

/// <summary>What a file calls a network's tensors: as the network does, or with a wrapper's name before each.</summary>
/// <param name="Prefix">What stands before each name, with its dots; empty for nothing.</param>
internal sealed record TensorNames(string Prefix)
{
    // Wrappers nest: a compiled network in DataParallel has both.
    private static readonly Dictionary<string, string> s_wrappers = new()
    {
        ["module."] = "PyTorch's DataParallel",
        ["_orig_mod."] = "torch.compile",
    };

    /// <summary>Who put the prefix there, as far as it is known; empty without a prefix.</summary>
    public string Wrapper
    {
        get
        {
            string[] words = [.. Prefix.Split('.').SkipLast(1).Select(word => word + ".")];
            return words.All(s_wrappers.ContainsKey) ? string.Join(" and ", words.Select(word => s_wrappers[word])) : "a wrapper";
        }
    }

    /// <summary>Finds the prefix of a file's names.</summary>
    /// <param name="names">The names.</param>
    /// <param name="parts">The network's parts.</param>
    /// <returns>That before every name, if without it all are parts of the network; otherwise none.</returns>
    public static TensorNames Of(IReadOnlyList<string> names, IReadOnlyList<ParameterPart> parts)
    {
        HashSet<string> known = [.. parts.Select(part => part.Name)];
        if (names.Count == 0 || known.Contains(names[0]))
        {
            return new TensorNames("");
        }

        // Parts have dots in their names too: the shortest prefix that fits all.
        string first = names[0];
        for (int dot = first.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = first.IndexOf('.', dot + 1))
        {
            string prefix = first[..(dot + 1)];
            if (names.All(name => name.StartsWith(prefix, StringComparison.Ordinal) && known.Contains(name[prefix.Length..])))
            {
                return new TensorNames(prefix);
            }
        }

        return new TensorNames("");
    }

    /// <summary>The network's name of a tensor.</summary>
    /// <param name="name">The file's.</param>
    public string Without(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;
}
