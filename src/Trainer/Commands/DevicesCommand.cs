using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer devices</c>: what there is to train on, and what to install for more.</summary>
internal static class DevicesCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "Print the list as JSON" };
        Command command = new("devices", "List what there is to train on, and what to install for more.") { json };
        command.SetAction(arguments =>
        {
            TextWriter output = arguments.InvocationConfiguration.Output;
            using AcceleratorDiscovery discovery = new();
            if (arguments.GetValue(json))
            {
                output.WriteLine(JsonSerializer.Serialize(discovery.Devices, DeviceJson.Relaxed.IReadOnlyListDeviceDescription));
            }
            else
            {
                Print(discovery.Devices, output);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(IReadOnlyList<DeviceDescription> devices, TextWriter output)
    {
        output.WriteLine($"host: {HostProcessor.Name}, {Environment.ProcessorCount} cores; the reference path, no ILGPU");
        foreach (DeviceKind kind in Enum.GetValues<DeviceKind>())
        {
            DeviceDescription[] found = [.. devices.Where(device => device.Kind == kind)];
            foreach (DeviceDescription device in found)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{DeviceChoice.NameOf(kind)} {device.Index}: {device.Name} ({(device.IsGpu ? "GPU" : "processor")}), ")
                    + string.Create(
                        CultureInfo.InvariantCulture,
                        $"{device.MemoryBytes / (double)(1 << 30):F1} GiB, {device.ComputeUnits} compute unit{(device.ComputeUnits == 1 ? "" : "s")}, {device.Driver}")
                    + (device.Remark.Length > 0 ? $"; {device.Remark}" : ""));
            }

            if (found.Length == 0)
            {
                output.WriteLine($"{DeviceChoice.NameOf(kind)}: none. {DeviceChoice.HowToInstall(kind)}");
            }
        }

        output.WriteLine(KernelCacheLocation.Folder() is { } folder
            ? $"kernels: kept for the next start in {folder.FullPath}; {KernelCacheLocation.Variable} names another folder, or none"
            : $"kernels: made anew at every start, as {KernelCacheLocation.Variable} is none");
    }
}
