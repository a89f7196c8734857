using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>NVIDIA's driver is on this machine, and does not start: ILGPU then sees no device, and does not say why.</summary>
/// <param name="CudaVersion">The newest CUDA that the driver knows, such as 13.0; null where it does not say.</param>
/// <param name="Code">What its <c>cuInit</c> answered, a <c>CUresult</c>.</param>
internal sealed partial record CudaDriverFault(Version? CudaVersion, int Code)
{
    private const string LoadedFiles = "/proc/self/maps";
    private const string KernelModule = "/proc/driver/nvidia/version";

    private const string Container = "In a container: start it with the GPUs (docker run --gpus all; podman run --device "
        + "nvidia.com/gpu=all), for which the host needs NVIDIA's container toolkit.";

    private const string Wsl = "Under WSL: update NVIDIA's driver in Windows and WSL itself (wsl --update), and install no driver in Linux.";

    // As in cuda.h, as far as cuInit answers so; the driver's own cuGetErrorName knows no name of what is newer than it.
    private static readonly Dictionary<int, (string Name, string Help)> s_codes = new()
    {
        [1] = ("CUDA_ERROR_INVALID_VALUE", ""),
        [2] = ("CUDA_ERROR_OUT_OF_MEMORY", "End other programs on the GPU, or give this one more of the host's memory."),
        [3] = ("CUDA_ERROR_NOT_INITIALIZED", ""),
        [34] = ("CUDA_ERROR_STUB_LIBRARY", "It is the CUDA toolkit's stand-in for linking: take its folder (.../lib64/stubs) out of "
            + "LD_LIBRARY_PATH, and install NVIDIA's driver."),
        [35] = ("CUDA_ERROR_INSUFFICIENT_DRIVER", "The part of the driver in the kernel is older than this library: update the driver, on "
            + "the host if this is a container, and restart."),
        [46] = ("CUDA_ERROR_DEVICE_UNAVAILABLE", "Another program has the GPU for itself: end it, or ask for shared use (nvidia-smi -c 0)."),
        [100] = ("CUDA_ERROR_NO_DEVICE", $"It sees no GPU. {Container} {Wsl} Otherwise 'nvidia-smi' and 'lspci' show whether there is one."),
        [101] = ("CUDA_ERROR_INVALID_DEVICE", ""),
        [304] = ("CUDA_ERROR_OPERATING_SYSTEM", $"The files /dev/nvidia* cannot be used: look at their rights. {Container}"),
        [802] = ("CUDA_ERROR_SYSTEM_NOT_READY", "A machine with NVSwitch needs nvidia-fabricmanager, of the driver's version: start that service."),
        [803] = ("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "The library is of another version than the driver in the kernel, as after an update: "
            + "restart the machine. In a container: take out the image's own libcuda (cuda-compat), so that the host's is used."),
        [804] = ("CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE", "This library is a newer one than the driver in the kernel (cuda-compat, which an "
            + "image brings along), and only data-centre GPUs take that: remove cuda-compat, or update the host's driver."),
        [999] = ("CUDA_ERROR_UNKNOWN", "Often the module nvidia_uvm is not loaded or came back wrong from standby: 'sudo modprobe -r nvidia_uvm; "
            + $"sudo modprobe nvidia_uvm', or restart; a container wants /dev/nvidia-uvm too. {Wsl}"),
    };

    /// <summary>The library's file, links followed, such as <c>.../libcuda.so.550.54.14</c>; null where the system does not say.</summary>
    public string? Library { get; init; }

    /// <summary>The version of the driver's part in the kernel; null where there is none, or the system does not say.</summary>
    public string? KernelVersion { get; init; }

    /// <summary>What the code is called, or the number where it has no name.</summary>
    public string Name => s_codes.TryGetValue(Code, out (string Name, string Help) known)
        ? known.Name
        : Code.ToString(CultureInfo.InvariantCulture);

    /// <summary>What was found, and what usually helps: a few sentences.</summary>
    public string Description
    {
        get
        {
            string help = s_codes.GetValueOrDefault(Code).Help is { Length: > 0 } known
                ? known
                : "'nvidia-smi' says more; a restart, or the driver installed anew, usually helps.";
            string hidden = Code == 100 && Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES") is { } visible
                ? $" CUDA_VISIBLE_DEVICES is \"{visible}\", which hides others."
                : "";
            string[] parts =
            [
                .. Library is null ? (string[])[] : [Library],
                .. CudaVersion is null ? (string[])[] : [$"for CUDA {CudaVersion}"],
                .. KernelVersion is null ? (string[])[] : [$"in the kernel {KernelVersion}"],
            ];
            string version = parts.Length == 0 ? "" : $" ({string.Join(", ", parts)})";
            string code = Name == $"{Code}" ? $"error {Code}" : $"{Name} ({Code})";
            return $"NVIDIA's driver is there{version} and does not start: {code}. {help}{hidden}";
        }
    }

    /// <summary>Asks the driver.</summary>
    /// <returns>Null where there is no driver, or where it starts.</returns>
    public static CudaDriverFault? Find()
    {
        DriverWorkarounds.FindLibraries();
        try
        {
            int code = Init(0);
            return code == 0
                ? null
                : new CudaDriverFault(GetVersion(out int version) == 0 ? new Version(version / 1000, version % 1000 / 10) : null, code)
                {
                    Library = FirstIn(LoadedFiles, LibraryFile()),
                    KernelVersion = FirstIn(KernelModule, VersionNumber()),
                };
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            // No driver, or a library of another name, version or processor: ILGPU cannot use it either.
            return null;
        }
    }

    private static string? FirstIn(string file, Regex what) => !File.Exists(file)
        ? null
        : File.ReadAllLines(file).Select(line => what.Match(line).Value).FirstOrDefault(found => found.Length > 0);

    [GeneratedRegex(@"/\S*libcuda\.so\S*$")]
    private static partial Regex LibraryFile();

    // NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 01:44:30 UTC 2024
    [GeneratedRegex(@"\b\d{3}\.\d+(\.\d+)?\b")]
    private static partial Regex VersionNumber();

    [LibraryImport("cuda", EntryPoint = "cuInit")]
    private static partial int Init(uint flags);

    [LibraryImport("cuda", EntryPoint = "cuDriverGetVersion")]
    private static partial int GetVersion(out int version);
}
