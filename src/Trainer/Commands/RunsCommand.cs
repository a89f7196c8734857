using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Listing;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Studies.Sweep;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer runs</c>: lists saved runs side by side.</summary>
internal static class RunsCommand
{
    private static readonly string[] s_examples =
    [
        "trainer runs                                    the runs in runs/, newest first",
        "trainer runs runs/base runs/softmax             two of them",
        "trainer runs --json                             the list as JSON",
    ];

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        Argument<string[]> folders = new("folder")
        {
            Description = $"Runs, or folders of runs; otherwise {RunFolder.DefaultParent}/",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<bool> json = new("--json") { Description = "Print the list as JSON" };
        Command command = new CommandWithExamples("runs", "List saved runs, newest first, and how they did.", s_examples, execute: null) { folders, json };
        command.SetAction(arguments =>
        {
            TextWriter output = arguments.InvocationConfiguration.Output;
            RunListing[] runs = [.. RunListing.Of([.. Folders(arguments.GetValue(folders) ?? [])])
                .OrderByDescending(run => run.Started)
                .ThenBy(run => run.Folder, StringComparer.Ordinal)];
            if (arguments.GetValue(json))
            {
                output.WriteLine(JsonSerializer.Serialize(runs, ListingJson.Relaxed.IReadOnlyListRunListing));
            }
            else
            {
                Print(runs, output);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<string> Folders(string[] named)
    {
        if (named.Length == 0)
        {
            return Directory.Exists(RunFolder.DefaultParent) ? RunFolder.In(RunFolder.DefaultParent, SweepFolder.IsSweep) : [];
        }

        return named.SelectMany(folder => !Directory.Exists(folder)
            ? throw new BadInputException($"{folder} is not a folder. Name a run's folder, or one that holds runs.")
            : RunFolder.IsRun(folder) || new RunFolder(folder).IsEnsemble ? [folder]
            : RunFolder.In(folder, SweepFolder.IsSweep)).Distinct();
    }

    private static void Print(RunListing[] runs, TextWriter output)
    {
        if (runs.Length == 0)
        {
            output.WriteLine($"No runs yet: 'trainer' saves one in {RunFolder.DefaultParent}/, 'trainer --out DIR' elsewhere.");
            return;
        }

        int width = runs.Max(run => run.Folder.Length);
        int name = Math.Max("experiment".Length, runs.Max(run => run.Experiment?.Length ?? 0));
        output.WriteLine(
            $"{"folder".PadRight(width)}  {"experiment".PadRight(name)}  accelerator  runs        steps  "
            + "train misses   test misses   seconds  state");
        foreach (RunListing run in runs)
        {
            output.WriteLine(run.Experiment is null
                ? $"{run.Folder.PadRight(width)}  {run.Problem}"
                : $"{run.Folder.PadRight(width)}  {(run.Experiment ?? "").PadRight(name)}  {run.Accelerator,-11}  {run.Runs,4}  "
                    + string.Create(CultureInfo.InvariantCulture, $"{run.Steps,11:N0}  {Misses(run.TrainMisses),12}  ")
                    + string.Create(CultureInfo.InvariantCulture, $"{Misses(run.TestMisses),12}  {run.TrainSeconds,8:F2}  ")
                    + Describe(run));
        }
    }

    private static string Misses(Statistic? misses) => misses switch
    {
        null => "",
        { Sd: 0 } => string.Create(CultureInfo.InvariantCulture, $"{misses.Mean:F0}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{misses.Mean:F1} ± {misses.Sd:F1}"),
    };

    private static string Describe(RunListing run) =>
        (run.TestedOn is { } split ? $"on {split} digits; " : "") + StateOf(run);

    private static string Next(RunListing run) => $"goes on with --resume {run.Folder}";

    private static string StateOf(RunListing run) => run.State switch
    {
        RunState.Finished => "finished" + Damage(run),
        RunState.Interrupted => $"interrupted; {Next(run)}{Damage(run)}",
        RunState.Unfinished => $"unfinished; {Next(run)}{Damage(run)}",
        RunState.Diverged => $"diverged. {run.Problem}",
        _ => $"damaged{Damage(run)}",
    };

    private static string Damage(RunListing run) => run.Problem is { } problem ? $". {problem}" : "";
}
