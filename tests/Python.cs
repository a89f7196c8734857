using System.ComponentModel;
using System.Diagnostics;

namespace GpuConvnet.Tests;

/// <summary>The Python of this machine, if there is one.</summary>
internal static class Python
{
    private static readonly string[] s_programs = ["python3", "/usr/bin/python3", "python"];

    /// <summary>A Python that has some modules; the test is skipped if there is none.</summary>
    /// <param name="imports">What imports them.</param>
    public static string With(string imports)
    {
        string? python = s_programs.FirstOrDefault(python => Run(python, "-c", imports).Code == 0);
        Assert.SkipWhen(python is null, $"No Python here can '{imports}'.");
        return python;
    }

    /// <summary>Runs a Python.</summary>
    /// <param name="program">Which.</param>
    /// <param name="arguments">Its arguments.</param>
    public static (int Code, string Output) Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, ["-B", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.Result);
        }
        catch (Win32Exception failure)
        {
            return (-1, failure.Message);
        }
    }
}
