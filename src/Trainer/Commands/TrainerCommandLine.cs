using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Mpi;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Setup;
using GpuConvnet.Trainer.Streams;

namespace GpuConvnet.Trainer.Commands;

/// <summary>The whole command line, from arguments to exit code.</summary>
internal static class TrainerCommandLine
{
    /// <summary>Set to 1 to see where an unexpected failure came from.</summary>
    private const string TraceVariable = "GPUCONVNET_TRACE";

    /// <summary>The commands beside the bare one, in the order in which the help lists them.</summary>
    private static readonly Func<Command>[] s_commands =
    [
        RunsCommand.Create,
        WatchCommand.Create,
        ReproduceCommand.Create,
        EvalCommand.Create,
        ErrorsCommand.Create,
        PredictCommand.Create,
        EnsembleCommand.Create,
        ExportCommand.Create,
        ReportCommand.Create,
        SweepCommand.Create,
        ScaleCommand.Create,
        GradcheckCommand.Create,
        VerifyCommand.Create,
        BenchCommand.Create,
        DataCommand.Create,
        DevicesCommand.Create,
        CompletionCommand.Create,
    ];

    // A file may be called @7.png: none is taken for one with more arguments in it.
    private static readonly ParserConfiguration s_parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Creates the commands.</summary>
    public static RootCommand Create()
    {
        RootCommand root = new(
            "Trains the network of LeCun et al. 1989. The bare command runs the article's experiment: 23 passes over "
            + "7,291 digits, an example at a time.");
        TrainCommand.AddTo(root);
        foreach (Func<Command> create in s_commands)
        {
            root.Subcommands.Add(create());
        }

        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!, TrainCommand.Examples);
        return root;
    }

    /// <summary>Runs the program.</summary>
    /// <param name="arguments">Without the program's own name.</param>
    /// <param name="output">The standard output.</param>
    /// <param name="error">The standard error.</param>
    /// <param name="interruption">Cancelled when the user wants the program to end in good order.</param>
    /// <param name="world">The ranks that run the same; null for a process that is alone.</param>
    /// <param name="hasNothingToSave">Is told when the command is one that may be ended at any time.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="OtherRankFailedException">Another rank cannot go on, and this one cannot without it.</exception>
    public static int Run(
        IReadOnlyList<string> arguments,
        TextWriter output,
        TextWriter error,
        CancellationToken interruption,
        MpiWorld? world = null,
        Action? hasNothingToSave = null)
    {
        output = DisplayWriter.Over(output);
        error = DisplayWriter.Over(error);
        try
        {
            ParseResult parsed = Create().Parse(arguments, s_parsing);
            if (parsed.Action is ParseErrorAction)
            {
                return Refuse(parsed, error);
            }

            RequireOptionsBehindTheirCommand(parsed);

            if (world is { Rank: > 0 } && parsed.CommandResult.Command is not (RootCommand or CommandWithExamples { IsShared: true }))
            {
                return ExitCode.Done;
            }

            if (parsed.CommandResult.Command is not (RootCommand or CommandWithExamples { IsShared: true }))
            {
                hasNothingToSave?.Invoke();
            }

            InvocationConfiguration configuration = world is null ? new InvocationConfiguration() : new RankedInvocation(world);
            configuration.Output = output;
            configuration.Error = error;
            configuration.EnableDefaultExceptionHandler = false;

            // Our own handler of Ctrl-C lets a pass come to its end, however long that takes.
            configuration.ProcessTerminationTimeout = null;
            return parsed.InvokeAsync(configuration, interruption).GetAwaiter().GetResult();
        }
        catch (BadInputException refusal)
        {
            error.WriteLine($"error: {DisplayText.WithShortNames(refusal.Message)}");
            return ExitCode.BadInput;
        }
        catch (RunFailedException failure)
            when (failure.InnerException is DeviceException && interruption.IsCancellationRequested)
        {
            // Ctrl-C reaches the programs that a driver compiles with, too.
            error.WriteLine($"Interrupted. Meanwhile the device said: {failure.Message}");
            return ExitCode.Interrupted;
        }
        catch (RunFailedException failure)
        {
            error.WriteLine($"error: {DisplayText.WithShortNames(failure.Message)}");
            return ExitCode.RunFailed;
        }
        catch (OperationCanceledException) when (interruption.IsCancellationRequested || world is not null)
        {
            error.WriteLine("Interrupted.");
            return ExitCode.Interrupted;
        }
#pragma warning disable CA1031 // The last resort: nobody above could say it better, and a user is owed a line.
        catch (Exception failure) when (failure is not OtherRankFailedException)
#pragma warning restore CA1031
        {
            error.WriteLine(Environment.GetEnvironmentVariable(TraceVariable) == "1"
                ? failure.ToString()
                : Drawing.MissingLibrary(failure) is { } missing ? $"error: {missing}"
                : $"error: {DisplayText.WithShortNames(failure.Message.ReplaceLineEndings(" "))} ({failure.GetType().Name}; set {TraceVariable}=1 to see where)");
            return ExitCode.RunFailed;
        }
    }

    /// <summary>The words that lead to a command, such as <c>trainer data fetch</c>.</summary>
    private static string PathOf(CommandResult result) => result.Parent is CommandResult parent
        ? $"{PathOf(parent)} {result.Command.Name}"
        : "trainer";

    /// <summary>An option in front of a command belongs to another one, and would be passed over.</summary>
    /// <exception cref="BadInputException">There is one.</exception>
    private static void RequireOptionsBehindTheirCommand(ParseResult parsed)
    {
        for (CommandResult? outer = parsed.CommandResult.Parent as CommandResult; outer is not null; outer = outer.Parent as CommandResult)
        {
            if (outer.Children.OfType<OptionResult>().FirstOrDefault(option => !option.Implicit) is { } option)
            {
                string name = option.IdentifierToken?.Value ?? option.Option.Name;
                throw new BadInputException(
                    $"{name} stands before '{parsed.CommandResult.Command.Name}', where it means nothing. Options come after "
                    + $"their command: '{PathOf(parsed.CommandResult)} --help' shows those that it has.");
            }
        }
    }

    /// <summary>Says what is wrong with the arguments: the first fault, as the others often follow from it.</summary>
    private static int Refuse(ParseResult parsed, TextWriter error)
    {
        ParseError first = parsed.Errors[0];
        Command command = parsed.CommandResult.Command;
        IEnumerable<string> known = command.Options.Where(option => !option.Hidden).Select(option => option.Name)
            .Concat(command.Subcommands.Select(subcommand => subcommand.Name));
        string? unmatched = parsed.UnmatchedTokens is [var token, ..] ? token : null;
        string suggestion = unmatched is not null && first.Message.Contains($"'{unmatched}'", StringComparison.Ordinal)
            ? Suggestion.For(unmatched, known)
            : "";
        string message = DisplayText.WithShortNames(first.Message);
        error.WriteLine(suggestion.Length == 0 ? $"error: {message}" : $"error: {message.TrimEnd('.')}{suggestion}");
        error.WriteLine($"'{PathOf(parsed.CommandResult)} --help' shows what there is.");
        return ExitCode.BadInput;
    }
}
