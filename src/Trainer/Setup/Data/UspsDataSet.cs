using GpuConvnet.Model;
using GpuConvnet.Recognition;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The USPS digits that descend from the paper's own data; nothing downloads them.</summary>
public sealed class UspsDataSet : DataSet
{
    private const string TrainName = "zip.train";
    private const string TestName = "zip.test";

    /// <inheritdoc/>
    public override string Name => "usps";

    /// <inheritdoc/>
    public override string Description => "descendants of the paper's own digits";

    /// <inheritdoc/>
    public override Framing Framing => Framing.Usps;

    /// <inheritdoc/>
    internal override string Advice => "These digits are among the data sets of The Elements of Statistical Learning (zip.train.gz, "
        + "zip.test.gz); put both there.";

    /// <inheritdoc/>
    public override LoadedData Load(DataRequest request, DataFolder folder, Action<string> say, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(folder);
        RequireEnough(request, UspsFile.TrainCount, UspsFile.TestCount);
        if (request.Validation > 0)
        {
            Examples both = UspsFile.Read(Find(TrainName), request.Train + request.Validation);
            int pixels = request.Train * Shape1989.InputUnits;
            return new LoadedData(
                this,
                folder.Usps,
                new Examples(both.Pixels[..pixels], both.Labels[..request.Train]),
                new Examples(both.Pixels[pixels..], both.Labels[request.Train..]),
                IsValidation: true);
        }

        return new LoadedData(
            this,
            folder.Usps,
            UspsFile.Read(Find(TrainName), request.Train),
            UspsFile.Read(Find(TestName), request.Test));

        string Find(string name) => DataFolder.Find(folder.Usps, name) ?? throw new BadInputException(
            $"{Path.Combine(folder.Usps, name)} is missing, plain and as .gz ({folder.Reason}). The USPS digits, zip.train "
            + "and zip.test, are among the data sets of The Elements of Statistical Learning; put both there.");
    }

    /// <summary>Whether both files are there; not whether they are good.</summary>
    internal static bool IsAtHand(DataFolder folder) =>
        new[] { TrainName, TestName }.All(name => DataFolder.Find(folder.Usps, name) is not null);

    /// <inheritdoc/>
    internal override IReadOnlyList<DataFileReport> Inspect(DataFolder folder) =>
        [.. new[] { TrainName, TestName }.Select(name => DataFileReport.Of(folder.Usps, name, UspsFile.Remedy, (_, _) => null))];
}
