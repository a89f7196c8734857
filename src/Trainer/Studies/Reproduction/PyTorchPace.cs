using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace GpuConvnet.Trainer.Studies.Reproduction;

/// <summary>How long PyTorch takes for one example of the article's training, eager, on one core.</summary>
/// <param name="IsMeasured">Whether that was measured here and now; otherwise the numbers are recorded ones.</param>
/// <param name="Source">With what, and where.</param>
/// <param name="PlainSeconds">Tanh and SGD.</param>
/// <param name="ModernSeconds">ReLU, cross entropy, AdamW, shifted images and dropout.</param>
internal sealed record PyTorchPace(bool IsMeasured, string Source, double PlainSeconds, double ModernSeconds)
{
    private const string Script = "pytorch_pace.py";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>What we measured, for machines without PyTorch.</summary>
    public static PyTorchPace Recorded { get; } = new(
        IsMeasured: false, "recorded: PyTorch 1.13 on one core of an AMD EPYC (AVX-512), 2026-11-23", 0.95e-3, 1.25e-3);

    /// <summary>Measures PyTorch where there is one.</summary>
    /// <param name="python">The interpreter to ask; null for those on the path.</param>
    /// <param name="interruption">Stops the measurement.</param>
    /// <exception cref="BadInputException">The interpreter that was named cannot measure it.</exception>
    public static PyTorchPace Find(string? python, CancellationToken interruption)
    {
        if (python is not null)
        {
            return Measure(python, interruption, out string problem)
                ?? throw new BadInputException(
                    $"--python {python} cannot measure PyTorch: {problem} Name an interpreter that can 'import torch'.");
        }

        string[] usual = OperatingSystem.IsWindows() ? ["python", "py"] : ["python3", "python", "/usr/bin/python3"];
        return usual.Select(name => Measure(name, interruption, out _)).FirstOrDefault(pace => pace is not null) ?? Recorded;
    }

    private static PyTorchPace? Measure(string python, CancellationToken interruption, out string problem)
    {
        ProcessStartInfo start = new(python, ["-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(interruption);
            Task<string> error = process.StandardError.ReadToEndAsync(interruption);
            using (Stream script = typeof(PyTorchPace).Assembly.GetManifestResourceStream(Script)!)
            {
                script.CopyTo(process.StandardInput.BaseStream);
            }

            process.StandardInput.Close();
            if (!WaitForEnd(process, interruption))
            {
                problem = $"it did not end within {s_patience.TotalSeconds:F0} s.";
                return null;
            }

            if (process.ExitCode != 0)
            {
                problem = (error.Result.Trim().Split('\n')[^1] + ".").Replace("..", ".", StringComparison.Ordinal);
                return null;
            }

            problem = "";
            JsonElement pace = JsonDocument.Parse(output.Result).RootElement;
            return new PyTorchPace(
                IsMeasured: true, $"measured here: PyTorch {pace.GetProperty("version").GetString()}, one core",
                pace.GetProperty("plain").GetDouble(), pace.GetProperty("modern").GetDouble());
        }
        catch (Exception failure) when (failure is Win32Exception or IOException or JsonException or KeyNotFoundException)
        {
            problem = failure.Message;
            return null;
        }
    }

    private static bool WaitForEnd(Process process, CancellationToken interruption)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(interruption);
        patience.CancelAfter(s_patience);
        try
        {
            process.WaitForExitAsync(patience.Token).GetAwaiter().GetResult();
            return true;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            interruption.ThrowIfCancellationRequested();
            return false;
        }
    }
}
