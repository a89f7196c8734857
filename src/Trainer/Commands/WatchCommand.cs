using System.CommandLine;
using GpuConvnet.Trainer.Live;
using GpuConvnet.Trainer.Live.Following;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Studies.Scaling;
using GpuConvnet.Trainer.Studies.Sweep;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer watch FOLDER</c>: the live page of runs that others train.</summary>
internal sealed class WatchCommand
{
    private static readonly string[] s_examples =
    [
        "trainer watch                                   the runs in runs/, those that go on and those that are done",
        "trainer watch runs/base                         one of them",
        "trainer watch runs/rates                        a sweep's, each when it is finished; of 'scale' and 'reproduce' likewise",
    ];

    private readonly ExperimentOptions _experiment = new();

    private readonly LiveOptions _live = new();

    private readonly Argument<string> _folder = new("FOLDER")
    {
        Description = $"A run's folder, one that holds runs, or a study's; otherwise {RunFolder.DefaultParent}/",
        DefaultValueFactory = _ => RunFolder.DefaultParent,
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        WatchCommand watch = new();
        Command command = new CommandWithExamples(
            "watch", "Show runs on a web page while other programs train them, until Ctrl-C.", s_examples, execute: null)
        {
            watch._folder,
            watch._live.Port,
            watch._live.Address,
            watch._experiment.Data,
        };
        command.SetAction((arguments, interruption) => Task.FromResult(watch.Execute(arguments, interruption)));
        return command;
    }

    private int Execute(ParseResult arguments, CancellationToken interruption)
    {
        string folder = arguments.GetValue(_folder)!;
        if (!Directory.Exists(folder))
        {
            throw new BadInputException(
                $"{folder} is not a folder. Name a run's folder, or one that holds runs; '{RunFolder.DefaultParent}/' is there once something was trained.");
        }

        DataFolder data = _experiment.Folder(arguments);
        IStudy? study = SweepFolder.IsSweep(folder) ? new FollowedSweep(folder)
            : ScalingFolder.IsGrid(folder) ? new FollowedGrid(folder)
            : null;
        WatchSession.Run(
            folder,
            board => study is null ? new RunFollower(board, folder, data, SweepFolder.IsSweep) : new StudyFollower(board, study),
            _live.Place(arguments),
            arguments.InvocationConfiguration.Output,
            interruption);
        return ExitCode.Done;
    }
}
