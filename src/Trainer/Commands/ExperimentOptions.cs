using System.CommandLine;
using System.CommandLine.Completions;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Commands;

/// <summary>The options that choose an experiment and its digits, the same for every command that has them.</summary>
internal sealed class ExperimentOptions
{
    /// <summary><c>--config</c>: a name or a path.</summary>
    public Option<string?> Config { get; } = new("--config", "-c")
    {
        Description = "The experiment: a configuration file, or the name of one that comes with the program: "
            + string.Join(", ", ConfigurationFile.EmbeddedNames),
        HelpName = "NAME|FILE",
        CompletionSources = { Names },
    };

    /// <summary><c>--dataset</c>: the digits, instead of the configuration's.</summary>
    public Option<string?> Dataset { get; } = new Option<string?>("--dataset")
    {
        Description = "The digits, instead of the configuration's",
    }.OneOf(ConfigurationNames.Dataset.Names);

    /// <summary><c>--validation</c>: digits held out of the training split, instead of the configuration's number.</summary>
    public Option<long?> Validation { get; } = NumberOption.Create(
        "--validation",
        0,
        ExperimentConfiguration.MostExamples,
        "Test on this many digits held out of the training split, and do not look at the test split; 0: test on it");

    /// <summary><c>--data</c>: where data sets lie.</summary>
    public Option<string?> Data { get; } = new("--data")
    {
        Description = "Where data sets lie, or the folder of your own digits (--dataset idx or images); otherwise GPUCONVNET_DATA, "
            + "otherwise the user's cache folder",
        HelpName = "DIR",
    };

    /// <summary><c>--json</c>: the result as JSON.</summary>
    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Print one JSON object on standard output, everything else on standard error",
    };

    /// <summary>What completes the name of an experiment that comes with the program.</summary>
    public static IEnumerable<CompletionItem> Names(CompletionContext context) =>
        ConfigurationFile.EmbeddedNames.Select(name => new CompletionItem(name));

    /// <summary>The experiment that is named, or the default, with the digits of the command line.</summary>
    public ExperimentConfiguration Resolve(ParseResult arguments) =>
        WithDigits(arguments, ConfigurationFile.Load(arguments.GetValue(Config) ?? ConfigurationFile.DefaultName));

    /// <summary>A configuration with the data set and the validation digits of the command line, where it names some.</summary>
    public ExperimentConfiguration WithDigits(ParseResult arguments, ExperimentConfiguration configuration)
    {
        configuration = configuration with { Validation = (int)(arguments.GetValue(Validation) ?? configuration.Validation) };
        if (!ConfigurationNames.Dataset.TryParse(arguments.GetValue(Dataset), out DataSet? dataset))
        {
            return configuration;
        }

        // Who names the data set takes what is there: it need not be what a run wrote down.
        return configuration with
        {
            Dataset = dataset,

            // What an experiment says to expect of itself is not to be expected of other digits.
            Description = dataset.IsOwn && dataset != configuration.Dataset ? null : configuration.Description,
            Files = dataset == configuration.Dataset ? configuration.Files?.Unchecked : null,
        };
    }

    /// <summary>Where data sets lie.</summary>
    public DataFolder Folder(ParseResult arguments) => DataFolder.Resolve(arguments.GetValue(Data));
}
