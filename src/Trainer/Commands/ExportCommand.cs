using System.CommandLine;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer export</c>: writes a trained network for other tools.</summary>
internal sealed class ExportCommand
{
    private static readonly NameTable<ModelFormat> s_formats = new(
        ("onnx", ModelFormat.Onnx), ("safetensors", ModelFormat.Safetensors), ("json", ModelFormat.Json), ("csv", ModelFormat.Csv));

    private readonly Argument<string> _run = new("RUN")
    {
        Description = "A run's folder, or a model.safetensors, as --out or PyTorch saves them",
    };

    private readonly Option<string> _format = new Option<string>("--format", "-f")
    {
        Description = "What to write",
        Required = true,
    }.OneOf(s_formats.Names);

    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "The file to write (model.FORMAT in this folder unless told)",
        HelpName = "FILE",
    };

    private readonly Option<bool> _force = new("--force") { Description = "Replace a file that is there already" };

    private readonly ExperimentOptions _experiment = new();

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        ExportCommand export = new();
        Command command = new("export", "Write a saved model for other tools: ONNX, safetensors, JSON, CSV.")
        {
            export._run,
            export._format,
            export._out,
            export._force,
            export._experiment.Config,
        };
        command.SetAction(export.Execute);
        return command;
    }

    private int Execute(ParseResult arguments)
    {
        string modelPath = RunFolder.ModelOf(arguments.GetValue(_run)!);
        string formatName = arguments.GetValue(_format)!;
        string path = arguments.GetValue(_out) ?? $"model.{formatName}";
        SavedModel model = Safetensors.Read(modelPath);
        ExperimentConfiguration? named =
            arguments.GetValue(_experiment.Config) is { } config ? ConfigurationFile.Load(config) : null;
        ModelFormat format = s_formats.TryParse(formatName, out ModelFormat known) ? known : ModelFormat.Safetensors;
        if (File.Exists(path) && !arguments.GetValue(_force))
        {
            throw new BadInputException(
                $"{path} is there already. Name another file with --out, or replace it with --force.");
        }

        AtomicFile.Write(path, stream =>
        {
            switch (format)
            {
                case ModelFormat.Onnx:
                    NetworkOptions network = ModelMetadata.Describe(model.Metadata, named, modelPath).Network;
                    stream.Write(OnnxModel.Serialize(model, network));
                    break;
                case ModelFormat.Json:
                    stream.Write(ModelText.Json(model));
                    break;
                case ModelFormat.Csv:
                    stream.Write(ModelText.Csv(model));
                    break;
                default:
                    Safetensors.Write(stream, model);
                    break;
            }
        });
        arguments.InvocationConfiguration.Output.WriteLine($"saved: {path}");
        return ExitCode.Done;
    }
}
