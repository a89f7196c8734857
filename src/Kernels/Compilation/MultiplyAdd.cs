using System.Text.RegularExpressions;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace GpuConvnet.Kernels.Compilation;

/// <summary>
/// A product and a sum as one instruction, rounded once. ILGPU writes two statements of OpenCL C, which no device's compiler may
/// put together; the products of PTX are fused by CUDA's own assembler.
/// </summary>
internal static partial class MultiplyAdd
{
    // CL_FP_FMA: OpenCL's fma is an instruction of the device, and not a long emulation.
    private const long FusedInHardware = 1 << 5;

    /// <summary>Whether kernels' text for a device is to be rewritten: it is OpenCL's, and the device has the instruction.</summary>
    public static bool Helps(Accelerator accelerator) =>
        accelerator is CLAccelerator openCl
        && (CLAPI.CurrentAPI.GetDeviceInfo<long>(openCl.DeviceId, CLDeviceInfoType.CL_DEVICE_SINGLE_FP_CONFIG) & FusedInHardware) != 0;

    /// <summary>
    /// The same kernel, where <c>v = a * b; s = v + c;</c> is <c>s = fma(a, b, c);</c>, for each product that is used once, between
    /// two labels, and whose factors are as they were. Differences likewise. Nothing else changes, not the order of sums.
    /// </summary>
    /// <param name="openCl">OpenCL C as ILGPU writes it: a statement per line, a variable per value.</param>
    /// <returns>OpenCL C.</returns>
    public static string Fused(string openCl)
    {
        string[] lines = openCl.Split('\n');
        Dictionary<string, int> mentions = [];
        foreach (ValueMatch found in Variable().EnumerateMatches(openCl))
        {
            string name = openCl.Substring(found.Index, found.Length);
            mentions[name] = mentions.GetValueOrDefault(name) + 1;
        }

        // Products since the last label that may still be moved to where they are added, by the variable that holds them.
        Dictionary<string, Product> open = [];
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].AsSpan().Trim() is "" or ";")
            {
                continue;
            }

            Match assignment = Assignment().Match(lines[i]);
            if (!assignment.Success)
            {
                open.Clear();
                continue;
            }

            string target = assignment.Groups["target"].Value;
            Match operation = Operation().Match(lines[i]);
            Product? product = null;
            if (operation.Success)
            {
                string left = operation.Groups["left"].Value;
                string right = operation.Groups["right"].Value;
                string sign = operation.Groups["operator"].Value;
                if (sign == "*")
                {
                    product = mentions[target] == MentionsOfOneUse ? new Product(i, left, right) : null;
                }
                else if (open.Remove(right, out Product? added))
                {
                    lines[added.Line] = "";
                    lines[i] = $"\t{target} = fma({(sign == "-" ? "-" : "")}(float){added.Left}, (float){added.Right}, (float){left});";
                }
                else if (open.Remove(left, out Product? first))
                {
                    lines[first.Line] = "";
                    lines[i] = $"\t{target} = fma((float){first.Left}, (float){first.Right}, {(sign == "-" ? "-" : "")}(float){right});";
                }
            }

            string[] closed = [.. open.Where(entry => entry.Key == target || entry.Value.Uses(target)).Select(entry => entry.Key)];
            foreach (string name in closed)
            {
                open.Remove(name);
            }

            if (product is not null)
            {
                open[target] = product;
            }
        }

        return string.Join('\n', lines);
    }

    // Its declaration, its value and the use.
    private const int MentionsOfOneUse = 3;

    [GeneratedRegex(@"\bvar\d+\b")]
    private static partial Regex Variable();

    // A value of a variable's own, or of memory (then the target is no variable that a product is made of).
    [GeneratedRegex(@"^\s*(?<target>\*?\s*var\d+)(\.field_\d+)* = [^{}]*;\s*$")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^\s*var\d+ = \(float\)\(\(float\)\s*(?<left>[^\s()]+)\s+(?<operator>[*+-])\s+\(float\)\s*(?<right>[^\s()]+)\);\s*$")]
    private static partial Regex Operation();

    /// <summary>A product that nobody has used yet.</summary>
    private sealed record Product(int Line, string Left, string Right)
    {
        public bool Uses(string variable) => Left == variable || Right == variable;
    }
}
