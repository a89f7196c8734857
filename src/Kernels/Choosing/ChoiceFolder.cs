using System.Text.Json;
using System.Text.RegularExpressions;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Training;

namespace GpuConvnet.Kernels.Choosing;

/// <summary>
/// The choices that were made, in files beside the kept kernels, and in memory for as long as this lives. Training must have the same
/// bits again: a choice is made once, whoever asks at the same time, be it another thread or another program.
/// </summary>
/// <param name="path">The folder, which need not exist; null for none: then nothing is chosen by time, as it might be otherwise the next time.</param>
internal sealed partial class ChoiceFolder(string? path)
{
    /// <summary>Choices that are kept; of more, those made longest ago go.</summary>
    public const int MostFiles = 1024;

    private const string NothingIsKept =
        "faster kernels are not looked for, as nothing is kept between starts here and the next one might find others; --kernels names them";

    private readonly SealedFolder? _folder = path is null ? null : new SealedFolder(path);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ChosenKernels> _made = [];

    /// <summary>The choice of a name, made now if it has not been made before.</summary>
    /// <param name="name">One of <see cref="KernelChooser"/>'s.</param>
    /// <param name="make">Makes it; null where there is none to make, which is not kept.</param>
    public ChosenKernels Of(string name, Func<KeptChoice?> make)
    {
        lock (_gate)
        {
            if (!_made.TryGetValue(name, out ChosenKernels? chosen))
            {
                chosen = _folder is null
                    ? new ChosenKernels(KernelChoice.Auto, Problem: NothingIsKept)
                    : Find(_folder, name) is { } kept ? new ChosenKernels(kept.Kernels, kept)
                    : make() is { } made ? Keep(_folder, name, made)
                    : new ChosenKernels(KernelChoice.Auto);

                // Who asks again in this program is told the same.
                _made.Add(name, chosen);
            }

            return chosen;
        }
    }

    private static ChosenKernels Keep(SealedFolder folder, string name, KeptChoice made)
    {
        if (made.Refused.Any(refusal => refusal.IsPassing))
        {
            return new ChosenKernels(made.Kernels, made, IsNew: true, "the next start times them again, as memory was short in this one");
        }

        bool wasDamaged = folder.Has(name);
        string text = JsonSerializer.Serialize(made, ChoiceJson.Default.KeptChoice);
        if (!folder.Add(name, "choice", text, replaces: false))
        {
            if (Find(folder, name) is { } first)
            {
                // Another program timed them at the same time, and may have found otherwise: what it trains, this one trains alike.
                return new ChosenKernels(first.Kernels, first);
            }

            folder.Add(name, "choice", text);
        }

        string? problem = folder.Failure is { } failure ? $"this could not be kept, so that the next start times them again: {failure}"
            : wasDamaged ? "what was kept of it was damaged"
            : null;
        if (problem is null)
        {
            folder.DiscardOldest(OwnName(), MostFiles);
        }

        return new ChosenKernels(made.Kernels, made, IsNew: true, problem);
    }

    private static KeptChoice? Find(SealedFolder folder, string name)
    {
        try
        {
            return folder.Find(name) is var (_, text) ? JsonSerializer.Deserialize(text, ChoiceJson.Default.KeptChoice) : null;
        }
        catch (JsonException)
        {
            // It bears our seal, and is of another version of the program.
            return null;
        }
    }

    [GeneratedRegex(@"^Step\.Choice-[0-9a-f]{64}\.json(\.[0-9a-f]{32}\.part)?$")]
    private static partial Regex OwnName();
}
