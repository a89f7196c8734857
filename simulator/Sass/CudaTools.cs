using System.Diagnostics;

namespace GpuConvnet.Simulator.Sass;

/// <summary>
/// NVIDIA's assembler and disassembler, which need no GPU: <c>ptxas</c> is the compiler that a driver has too, of its own
/// version. Debian has them in <c>nvidia-cuda-toolkit</c>.
/// </summary>
internal static class CudaTools
{
    private const string KnownRelease = "11.8";

    private static readonly string? s_folder = new[]
        {
            Environment.GetEnvironmentVariable("CUDA_HOME") is { } home ? Path.Combine(home, "bin") : null,
        }
        .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        .Append("/usr/local/cuda/bin")
        .FirstOrDefault(folder => folder is not null && File.Exists(Path.Combine(folder, "ptxas"))
            && File.Exists(Path.Combine(folder, "nvdisasm")));

    /// <summary>Why there is no assembler here; null if there is one.</summary>
    public static string? MissingReason => s_folder is null
        ? "There is no ptxas with nvdisasm here: install the CUDA toolkit, and set CUDA_HOME or PATH to it."
        : null;

    /// <summary>Why its machine code cannot be read, which each release writes otherwise; null if it can.</summary>
    public static string? UnknownReason
    {
        get
        {
            if (MissingReason is { } missing)
            {
                return missing;
            }

            string version = Run("ptxas", "--version").Output;
            return version.Contains($"release {KnownRelease},", StringComparison.Ordinal)
                ? null
                : $"The machine code of CUDA {KnownRelease} is known here, and ptxas is of another release: {version.Trim()}";
        }
    }

    /// <summary>Assembles PTX for an architecture.</summary>
    /// <param name="ptx">The PTX.</param>
    /// <param name="architecture">For example <c>sm_90</c>.</param>
    /// <returns>What the assembler says of registers and spills.</returns>
    public static string Assemble(string ptx, string architecture) => Assemble(ptx, architecture, _ => "").Report;

    /// <summary>Assembles PTX for an architecture, and reads what has come of it.</summary>
    /// <returns>
    /// The machine code, as <c>nvdisasm</c> writes it, with its encoding and then once more with all sections; and what the
    /// assembler says of registers and spills.
    /// </returns>
    public static (string Code, string Report) Disassemble(string ptx, string architecture) => Assemble(
        ptx, architecture, binary => Run("nvdisasm", "-c", "-hex", binary).Output + Run("nvdisasm", binary).Output);

    private static (string Code, string Report) Assemble(string ptx, string architecture, Func<string, string> disassemble)
    {
        string folder = Directory.CreateTempSubdirectory("gpuconvnet-sass-").FullName;
        try
        {
            string source = Path.Combine(folder, "kernel.ptx");
            string binary = Path.Combine(folder, "kernel.cubin");
            File.WriteAllText(source, ptx);
            string report = Run("ptxas", "-v", "--warn-on-spills", $"-arch={architecture}", source, "-o", binary).Error;
            return (disassemble(binary), report);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (string Output, string Error) Run(string tool, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Path.Combine(s_folder!, tool), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? (output, error.Result)
            : throw new InvalidOperationException($"{tool} {string.Join(' ', arguments)}: {error.Result}");
    }
}
