using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model.Families;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Model.Verification;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Studies.Verification;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer verify</c>: does this device compute what it should?</summary>
internal sealed class VerifyCommand
{
    private static readonly string[] s_examples =
    [
        "trainer verify                                  the first GPU, or the host where there is none",
        "trainer verify --accelerator opencl --device 1  another device, as 'trainer devices' lists them",
        "trainer verify --golden FOLDER --json           against other numbers of PyTorch's, the result as JSON",
    ];

    private readonly DeviceOptions _device = new("What to verify: auto is the first GPU, or the host where there is none");

    private readonly Option<string?> _golden = new("--golden")
    {
        Description = "A folder of PyTorch's numbers, instead of those that come with the program",
        HelpName = "DIR",
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print one JSON object on standard output, everything else on standard error",
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        VerifyCommand verify = new();
        return new CommandWithExamples(
            "verify", "Compare every kernel with the reference path and with PyTorch's numbers: what to run first on a new GPU.",
            s_examples, verify.Execute)
        {
            verify._device.Accelerator,
            verify._device.Device,
            verify._golden,
            verify._json,
        };
    }

    private int Execute(ParseResult arguments, CancellationToken interruption)
    {
        bool json = arguments.GetValue(_json);
        InvocationConfiguration streams = arguments.InvocationConfiguration;
        TextWriter talk = json ? streams.Error : streams.Output;
        GoldenFiles golden = new(arguments.GetValue(_golden));
        using DeviceChoice? device = DeviceChoice.For(
            _device.Kind(arguments),
            _device.Index(arguments));
        string accelerator = device is null
            ? ConfigurationNames.Accelerator[AcceleratorKind.Host]
            : DeviceChoice.NameOf(device.Description.Kind);
        string name = device?.Description.Name ?? HostProcessor.Name;
        talk.WriteLine($"verifying {accelerator}, {name}, against the reference path and PyTorch");

        IReadOnlyList<VerificationCheck> checks;
        try
        {
            Verifier verifier = new(verification => CreateTrainer(device, verification), golden, [.. OnChip(device, talk)]);
            checks = verifier.Execute(interruption);
        }
        catch (DeviceException failure)
        {
            throw new RunFailedException(failure.Message, failure);
        }

        VerificationResult result = new(accelerator, name, checks.All(check => check.Passed), checks);
        Print(result, talk);
        if (device?.Note is { } note)
        {
            talk.WriteLine(note);
        }

        if (json)
        {
            streams.Output.WriteLine(JsonSerializer.Serialize(result, VerificationJson.Relaxed.VerificationResult));
        }

        return result.Passed ? ExitCode.Done : ExitCode.RunFailed;
    }

    /// <summary>
    /// Which kernels that keep activations on the chip a device can run; says of each other that could be missed why not.
    /// </summary>
    /// <exception cref="DeviceException">Its driver refuses.</exception>
    private static IEnumerable<KernelChoice> OnChip(DeviceChoice? device, TextWriter talk)
    {
        if (device is null)
        {
            yield break;
        }

        foreach (KernelChoice kernels in new[] { KernelChoice.Fused, KernelChoice.Tensor })
        {
            string? reason = AcceleratorTrainer.FusedUnsupportedReason(
                kernels, device.Discovery, device.Description, NetworkOptions.Base1989, Optimizer.Of<AdamW>());
            if (reason is null)
            {
                yield return kernels;
            }
            else if (kernels == KernelChoice.Fused || device.Description.Kind == DeviceKind.Cuda)
            {
                talk.WriteLine($"the {ConfigurationNames.Kernels[kernels]} kernel is not among the checks: {reason}");
            }
        }
    }

    private static ITrainer CreateTrainer(DeviceChoice? device, VerificationCase verification)
    {
        if (verification.AsLayers)
        {
            LayerNetwork network = Zip1989.Create(verification.Network, VerificationCase.Dropout);
            return device is null
                ? new LayerTrainer(network, verification.Optimizer, verification.Train, verification.Test)
                : new AcceleratorTrainer(
                    device.Discovery, device.Description, network, verification.Optimizer, verification.Train, verification.Test,
                    verification.Train.Count, verification.MemoryLimit, distorts: verification.Distorts);
        }

        return device is null
            ? new HostTrainer(verification.Network, verification.Optimizer, verification.Train, verification.Test)
            : new AcceleratorTrainer(
                device.Discovery, device.Description, verification.Network, verification.Optimizer, verification.Train,
                verification.Test, verification.Train.Count, verification.MemoryLimit,
                distorts: verification.Distorts, kernels: verification.Kernels);
    }

    private static void Print(VerificationResult result, TextWriter talk)
    {
        talk.WriteLine($"{"what",-36}  worst absolute  worst relative  tolerance            verdict");
        foreach (VerificationCheck check in result.Checks)
        {
            string tolerance = check.Tolerance == 0
                ? "same bits"
                : string.Create(
                    CultureInfo.InvariantCulture, $"{check.Tolerance:0.0e+00} {(check.IsRelative ? "relative" : "absolute")}");
            talk.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{check.What,-36}  {check.WorstAbsolute,14:0.00e+00}  {check.WorstRelative,14:0.00e+00}  {tolerance,-19}  {(check.Passed ? "ok" : "FAILED")}"));
        }

        int failed = result.Checks.Count(check => !check.Passed);
        talk.WriteLine(failed == 0
            ? $"verified: all {result.Checks.Count} checks passed"
            : $"NOT verified: {failed} of {result.Checks.Count} checks failed");
    }
}
