using System.CommandLine;
using GpuConvnet.Formats.Onnx;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Streams;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer export</c>: writes a trained network for other tools.</summary>
internal sealed class ExportCommand
{
    private static readonly string[] s_examples =
    [
        "trainer export runs/base --format onnx          model.onnx, for ONNX Runtime",
        "trainer export runs/base --format csv --out weights.csv",
        "trainer export runs/base --format json --out - | jq .metadata",
        "trainer export from-pytorch.safetensors --format onnx --config 1989-base",
    ];

    private static readonly (string Name, Action<OpenedModel, Stream> Write)[] s_formats =
    [
        ("onnx", (model, stream) => stream.Write(Onnx(model))),
        ("safetensors", (model, stream) => Safetensors.Write(stream, model.Saved)),
        ("json", (model, stream) => stream.Write(ModelText.Json(model.Saved))),
        ("csv", (model, stream) => stream.Write(ModelText.Csv(model.Saved))),
    ];

    private readonly Argument<string> _run = new("RUN")
    {
        Description = "A run's folder, or a model.safetensors, as --out or PyTorch saves them",
    };

    private readonly Option<string> _format = new Option<string>("--format", "-f")
    {
        Description = "What to write",
        Required = true,
    }.OneOf([.. s_formats.Select(format => format.Name)]);

    private readonly OutputFileOptions _file = new(
        "The file to write (model.FORMAT in this folder unless told); - for standard output", "FILE|-", "a file");

    private readonly ExperimentOptions _experiment = new();

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        ExportCommand export = new();
        Command command = new CommandWithExamples(
            "export", "Write a saved model for other tools: ONNX, safetensors, JSON, CSV.", s_examples, execute: null)
        {
            export._run,
            export._format,
            export._file.Out,
            export._file.Force,
            export._experiment.Config,
        };
        command.SetAction(export.Execute);
        return command;
    }

    private static byte[] Onnx(OpenedModel model)
    {
        if (model.Ensemble is { } ensemble)
        {
            return OnnxModel.Serialize(
                model.Saved.Metadata, [.. ensemble.Members.Select(member => (member.Configuration.Layers, member.Parameters))],
                ensemble.Averaging, ensemble.Name);
        }

        ExperimentConfiguration configuration = model.Describe();
        return OnnxModel.Serialize(
            model.Saved, configuration.Layers, configuration.Is1989 ? "LeCun's zip-code network of 1989" : configuration.Experiment);
    }

    private int Execute(ParseResult arguments)
    {
        string formatName = arguments.GetValue(_format)!;
        OpenedModel model = new(
            arguments.GetValue(_run)!, arguments.GetValue(_experiment.Config), arguments.InvocationConfiguration.Error);
        string path = _file.Path(arguments, $"model.{formatName}");
        Action<OpenedModel, Stream> write = s_formats.Single(format => format.Name == formatName).Write;
        if (path == OutputFileOptions.StandardOutput)
        {
            DisplayWriter output = DisplayWriter.Over(arguments.InvocationConfiguration.Output);
            if (output.IsTerminal && formatName is not ("json" or "csv"))
            {
                throw new BadInputException(
                    $"--out -: {formatName} is not text, and standard output is a terminal. Send it to a program or a file: ... | PROGRAM, ... > FILE.");
            }

            // Where there is no stream, nobody has handed over a standard output of bytes.
            write(model, output.Bytes ?? Stream.Null);
            return ExitCode.Done;
        }

        AtomicFile.Write(path, stream => write(model, stream));
        arguments.InvocationConfiguration.Output.WriteLine($"saved: {path}");
        return ExitCode.Done;
    }
}
