namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The data sets that there are.</summary>
internal static class DataSets
{
    /// <summary>MNIST.</summary>
    public static DataSet Mnist { get; } = new MnistDataSet();

    /// <summary>The USPS digits.</summary>
    public static DataSet Usps { get; } = new UspsDataSet();

    /// <summary>Anyone's digits in MNIST's format.</summary>
    public static DataSet Idx { get; } = new IdxDataSet();

    /// <summary>Anyone's pictures of digits.</summary>
    public static DataSet Images { get; } = new ImagesDataSet();

    /// <summary>The built-in digits.</summary>
    public static DataSet Builtin { get; } = new BuiltinDataSet();

    /// <summary>Those that have digits of their own, in the order in which they are listed to a user.</summary>
    public static IReadOnlyList<DataSet> Sources { get; } = [Mnist, Usps, Builtin, Idx, Images];

    /// <summary>What is used where none is named: one of the others.</summary>
    public static DataSet Auto { get; } = new AutoDataSet();

    /// <summary>Everything that can be named.</summary>
    public static IReadOnlyList<DataSet> All { get; } = [Auto, .. Sources];

    /// <summary>What sentences call a data set that a result names.</summary>
    internal static string DisplayName(string name) =>
        All.FirstOrDefault(set => set.Name == name)?.DisplayName ?? name.ToUpperInvariant();

    /// <summary>Loads, downloads or draws the digits.</summary>
    /// <inheritdoc cref="DataSet.Load"/>
    public static LoadedData Load(DataRequest request, DataFolder folder, Action<string> say, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Dataset.Load(request, folder, say, cancellation);
    }
}
