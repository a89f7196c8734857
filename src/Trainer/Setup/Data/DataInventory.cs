using System.Security.Cryptography;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>What is where: the data folder and the data sets in it.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Reason">Why this one.</param>
/// <param name="Datasets">MNIST, USPS and the built-in digits.</param>
internal sealed record DataInventory(string Folder, string Reason, IReadOnlyList<DataSetReport> Datasets)
{
    private const int MostUspsBytes = 64 << 20;

    /// <summary>Looks at everything, reading every file.</summary>
    public static DataInventory Of(DataFolder folder, CancellationToken cancellation) => new(
        folder.FullPath,
        folder.Reason,
        [
            Report(
                DatasetKind.Mnist, folder, [.. MnistFile.All.Select(file => Inspect(folder.Mnist, file))],
                "'trainer data fetch' downloads what is missing; or put the files there, plain or .gz.", cancellation),
            Report(
                DatasetKind.Usps, folder, [Inspect(folder.Usps, "zip.train"), Inspect(folder.Usps, "zip.test")],
                "These digits are among the data sets of The Elements of Statistical Learning (zip.train.gz, "
                    + "zip.test.gz); put both there.",
                cancellation),
            Report(DatasetKind.Builtin, folder, [], "", cancellation),
        ]);

    private static DataSetReport Report(
        DatasetKind kind, DataFolder folder, DataFileReport[] files, string advice, CancellationToken cancellation)
    {
        string name = ConfigurationNames.Dataset[kind];
        if (files.Any(file => file.State != DataFileReport.Good))
        {
            string[] damages = [.. files.Where(file => file.IsDamaged).Select(file => file.State)];
            bool isMissing = files.Any(file => file.State == DataFileReport.Missing);
            return new DataSetReport(name, files, null, null, isMissing ? advice : null)
            {
                Damage = damages.Length == 0 ? null : string.Join(' ', damages),
            };
        }

        ExperimentConfiguration article = ConfigurationFile.Load(ConfigurationFile.DefaultName);
        try
        {
            LoadedData data = DataSets.Load(article.Data with { Dataset = kind }, folder, _ => { }, cancellation);
            return new DataSetReport(name, files, Classes(data.Train), Classes(data.Test), null);
        }
        catch (BadInputException fault)
        {
            return new DataSetReport(name, files, null, null, null) { Damage = fault.Message };
        }
    }

    private static DataFileReport Inspect(string folder, MnistFile file) => Inspect(folder, file.Name, MnistFile.Remedy, file.Damage);

    private static DataFileReport Inspect(string folder, string name) => Inspect(folder, name, UspsFile.Remedy, (_, _) => null);

    private static DataFileReport Inspect(
        string folder, string name, string remedy, Func<ReadOnlySpan<byte>, string, string?> damage)
    {
        if (DataFolder.Find(folder, name) is not { } path)
        {
            return new DataFileReport(name, null, null, null, DataFileReport.Missing);
        }

        try
        {
            byte[] content = PackedFile.Read(path, MostUspsBytes, remedy);
            return new DataFileReport(
                name, path, LengthOf(path), Convert.ToHexStringLower(SHA256.HashData(content)),
                damage(content, path) ?? DataFileReport.Good);
        }
        catch (BadInputException failure)
        {
            return new DataFileReport(name, path, LengthOf(path), null, failure.Message);
        }
    }

    /// <summary>How long a file is; of a link what it leads to.</summary>
    private static long LengthOf(string path)
    {
        FileInfo file = new(path);
        return (file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file).Length;
    }

    private static int[] Classes(Examples examples)
    {
        int[] counts = new int[Shape1989.Outputs];
        foreach (byte label in examples.Labels)
        {
            counts[label]++;
        }

        return counts;
    }
}
