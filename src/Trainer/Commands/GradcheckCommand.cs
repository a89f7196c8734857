using System.CommandLine;
using System.Text.Json;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer gradcheck</c>: is the gradient the gradient?</summary>
internal sealed class GradcheckCommand
{
    private const int DefaultMostPerPart = 256;

    private static readonly string[] s_examples =
    [
        "trainer gradcheck --config 1989-base --all",
    ];

    private readonly ExperimentOptions _experiment = new();

    private readonly Option<long?> _mostPerPart = NumberOption.Create(
        "--most-per-part",
        1,
        int.MaxValue,
        $"Look at this many parameters of each part, spread evenly ({DefaultMostPerPart} unless told)");

    private readonly Option<bool> _all = new("--all") { Description = "Look at all parameters, 9,760 of the network of 1989" };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        GradcheckCommand gradcheck = new();
        return new CommandWithExamples(
            "gradcheck", "Compare backpropagation's gradient with a numerical one, part by part, on built-in digits.",
            s_examples, gradcheck.Execute)
        {
            gradcheck._experiment.Config,
            gradcheck._mostPerPart,
            gradcheck._all,
            gradcheck._experiment.Json,
        };
    }

    private int Execute(ParseResult arguments, CancellationToken interruption)
    {
        bool json = arguments.GetValue(_experiment.Json);
        InvocationConfiguration streams = arguments.InvocationConfiguration;
        TextWriter talk = json ? streams.Error : streams.Output;
        ExperimentConfiguration configuration =
            ConfigurationFile.Load(arguments.GetValue(_experiment.Config) ?? ConfigurationFile.DefaultName);

        // The mathematics is the same for any digits: these need no file.
        DataRequest request = configuration.Data with
        {
            Dataset = DataSets.Builtin,
            Train = GradientCheck.ExampleCount,
            Test = 1,
        };
        LoadedData data = DataSets.Load(request, DataFolder.Resolve(null), talk.WriteLine, interruption);
        talk.WriteLine(ReportLines.Network(configuration));
        int mostPerPart = arguments.GetValue(_all)
            ? int.MaxValue
            : (int)(arguments.GetValue(_mostPerPart) ?? DefaultMostPerPart);
        GradientCheckResult result = new GradientCheck(configuration, data.Train).Execute(mostPerPart, interruption);

        talk.WriteLine(FormattableString.Invariant(
            $"mean loss over {result.Examples} examples; errors relative to the part's root mean square gradient"));
        talk.WriteLine("part  parameters  checked  skipped      scale  worst error  at index  verdict");
        foreach (GradientCheckPart part in result.Parts)
        {
            talk.WriteLine(FormattableString.Invariant(
                $"{part.Part,-4}  {part.Parameters,10:N0}  {part.Checked,7:N0}  {part.Skipped,7:N0}  {part.Scale,9:0.00e+00}  {part.WorstError,11:0.00e+00}  {part.WorstIndex,8}  {(part.Passed ? "ok" : "FAILED")}"));
        }

        talk.WriteLine(FormattableString.Invariant(
            $"gradient check {(result.Passed ? "passed" : "FAILED")} (tolerance {result.Tolerance})"));
        if (json)
        {
            streams.Output.WriteLine(JsonSerializer.Serialize(result, ResultJson.Relaxed.GradientCheckResult));
        }

        return result.Passed ? ExitCode.Done : ExitCode.RunFailed;
    }
}
