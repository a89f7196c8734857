using System.CommandLine;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer report RUN...</c>: a page and pictures about saved runs.</summary>
internal sealed class ReportCommand
{
    private const string SeveralFolder = "report";

    private static readonly string[] s_examples =
    [
        "trainer report runs/base                        runs/base/report.html and runs/base/pictures",
        "trainer report runs/base runs/softmax --out both    two side by side",
    ];

    private readonly ExperimentOptions _experiment = new();

    private readonly Argument<string[]> _runs = new("RUN")
    {
        Description = "A run's folder, or several to be compared; or an ensemble's",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = $"The folder to write to; otherwise the run's own, or {SeveralFolder}/ for several",
        HelpName = "DIR",
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        ReportCommand report = new();
        Command command = new CommandWithExamples(
            "report", "Make a web page of saved runs, with their curves, their mistakes and a pad to draw digits on.", s_examples, execute: null)
        {
            report._runs,
            report._out,
            report._experiment.Data,
        };
        command.SetAction(report.Execute);
        return command;
    }

    private int Execute(ParseResult arguments)
    {
        string[] folders = arguments.GetValue(_runs)!;
        if (folders.Length > RunReport.MostRuns)
        {
            throw new BadInputException(
                $"{folders.Length} runs are too many for one page; {RunReport.MostRuns} are the most that can be told apart.");
        }

        TextWriter output = arguments.InvocationConfiguration.Output;
        if (folders.FirstOrDefault(folder => new RunFolder(folder).IsEnsemble) is { } ensemble)
        {
            return folders.Length == 1
                ? OfEnsemble(ensemble, arguments, output)
                : throw new BadInputException($"{ensemble} is an ensemble, whose page is about it alone. Name it by itself.");
        }

        ReportedRun[] runs = [.. folders.Select(ReportedRun.Read)];
        foreach (IGrouping<string, int> same in Enumerable.Range(0, runs.Length).GroupBy(index => runs[index].Name).ToArray())
        {
            // Runs of one experiment are told apart by their folders.
            foreach (int index in same.Skip(same.Count() > 1 ? 0 : 1))
            {
                runs[index] = runs[index] with { Name = Path.TrimEndingDirectorySeparator(folders[index]) };
            }
        }

        for (int index = 0; index < runs.Length; index++)
        {
            runs[index] = runs[index].WithDigits(_experiment.Folder(arguments));
            if (runs[index].WithoutDigits is { } why)
            {
                output.WriteLine($"{folders[index]}: without digits. {why}");
            }
        }

        string folder = arguments.GetValue(_out) ?? (runs.Length == 1 ? folders[0] : SeveralFolder);
        Saved(folder, RunReport.Write(folder, runs), output);
        return ExitCode.Done;
    }

    private int OfEnsemble(string path, ParseResult arguments, TextWriter output)
    {
        ReportedEnsemble ensemble = ReportedEnsemble.Read(path).WithDigits(_experiment.Folder(arguments));
        if (ensemble.WithoutDigits is { } why)
        {
            output.WriteLine($"{path}: without digits. {why}");
        }

        string folder = arguments.GetValue(_out) ?? path;
        Saved(folder, RunReport.Write(folder, ensemble), output);
        return ExitCode.Done;
    }

    private static void Saved(string folder, string page, TextWriter output)
    {
        output.WriteLine($"saved: {Path.GetFullPath(page)}");
        output.WriteLine($"saved: {Path.GetFullPath(Path.Combine(folder, RunReport.PicturesName))}");
    }
}
