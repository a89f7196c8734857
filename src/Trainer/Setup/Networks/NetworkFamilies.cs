namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>The families of networks: a class and a line each.</summary>
internal static class NetworkFamilies
{
    /// <summary>All of them, in the order in which they are listed to a user.</summary>
    public static IReadOnlyList<NetworkFamily> All { get; } =
    [
        new Zip1989Family(),
        new VitFamily(),
        new LeNet5Family(),
    ];

    /// <summary>The family that a description names.</summary>
    /// <param name="node">The description.</param>
    /// <exception cref="NetworkFaultException">It names none that there is, or has keys that are not the family's.</exception>
    public static NetworkFamily Of(NetworkNode node)
    {
        string name = node.Word(NetworkFamily.Key, [.. All.Select(family => family.Name)]);
        NetworkFamily named = All.First(family => family.Name == name);
        node.AllowOnly(named.Keys);
        return named;
    }
}
