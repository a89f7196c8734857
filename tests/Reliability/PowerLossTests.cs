using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using GpuConvnet.Tests.Data;

namespace GpuConvnet.Tests.Reliability;

/// <summary>The power goes, at any moment: what was not synced is lost, in the ways in which file systems lose it.</summary>
[Collection(ReliabilityGroup.Name)]
public sealed partial class PowerLossTests(Scenarios scenarios)
{
    private const int Few = 30;
    private const int StepsBetween = 200;

    [Fact]
    [Trait("Speed", "Slow")]
    public void Whenever_the_power_goes_it_goes_on_to_the_same_bits_and_nothing_is_lost_that_was_saved()
    {
        Tally tally = new("power");
        List<(Scenario Scenario, string Trial, string Kind, SortedDictionary<string, byte[]?> State)> all = [];
        List<string> broken = [];
        foreach (Scenario scenario in scenarios.All)
        {
            string folder = scenario.NewFolder();
            DiskModel disk = new(Scenario.Watched(folder));
            HashSet<string> seen = [];
            bool saved = false;
            List<(Scenario, string, string, SortedDictionary<string, byte[]?>)> states = [];
            foreach (WatchedCall call in scenario.Calls("record", folder))
            {
                disk.Apply(call);
                saved |= call.IsSpoken && SaysThatItSaved().IsMatch(Encoding.UTF8.GetString(call.Bytes));
                foreach (PowerLoss loss in Enum.GetValues<PowerLoss>())
                {
                    SortedDictionary<string, byte[]?> state = disk.After(loss);
                    string trial = $"{scenario.Name} {loss} after {call}";
                    broken.AddRange(Broken(scenario, disk, state, saved).Select(problem => $"{trial}: {problem}"));
                    if (seen.Add(DiskModel.FingerprintOf(state)))
                    {
                        states.Add((scenario, trial, $"{scenario.Name}: {loss}", state));
                    }
                }
            }

            Assert.True(saved);
            all.AddRange(TrialLength.Fewer(scenario, states));
        }

        foreach ((Scenario scenario, string trial, string kind, SortedDictionary<string, byte[]?> state)
            in TrialLength.Some(all, each => each.Kind, Few))
        {
            string folder = scenario.EmptyFolder();
            DiskModel.Write(state, Scenario.Watched(folder));
            tally.Add(kind, trial, new Aftermath(scenario, folder).Problems(keepsAll: false));
            Directory.Delete(Scenario.Watched(folder), recursive: true);
        }

        Assert.InRange(tally.Tried, Few / 2, int.MaxValue);
        Assert.True(tally.Problems.Count == 0 && broken.Count == 0, $"{tally}\n{string.Join('\n', broken.Take(20))}");
    }

    [Fact]
    public void A_model_of_a_disk_keeps_what_was_synced_and_loses_what_was_not()
    {
        using ScratchFolder scratch = new();
        DiskModel disk = new(scratch.FullPath);
        string part = scratch.In("a.part");
        string file = scratch.In("a");

        Do("create", part);
        Do("write", part, bytes: "abcd");
        Assert.Equal(["AllLost:", "NamesKept:a.part=", "Torn:a.part=ab\0\0", "ContentsKept:"], States());

        Do("fsync", part);
        Assert.Equal(["AllLost:", "NamesKept:a.part=abcd", "Torn:a.part=abcd", "ContentsKept:"], States());

        Do("rename", part, file);
        Do("fsync", scratch.FullPath);
        Do("write", file, bytes: "efgh", argument: 4);
        Assert.Equal(["AllLost:a=abcd", "NamesKept:a=abcd", "Torn:a=abcdef\0\0", "ContentsKept:a=abcdefgh"], States());

        Do("unlink", file);
        Assert.Equal(["AllLost:a=abcd", "NamesKept:", "Torn:", "ContentsKept:a=abcdefgh"], States());
        Assert.Throws<NotSupportedException>(() => Do("fallocate", file));

        void Do(string name, string path, string other = "", string bytes = "", long argument = 0) => disk.Apply(
            new WatchedCall(1, name, path, other, argument, bytes.Length, Encoding.ASCII.GetBytes(bytes)));

        string[] States() => [.. Enum.GetValues<PowerLoss>().Select(loss => $"{loss}:" + string.Join(
            ' ', disk.After(loss).Select(entry => $"{entry.Key}={Encoding.ASCII.GetString(entry.Value!)}")))];
    }

    /// <summary>What the program has promised by now, and the disk does not hold.</summary>
    private static IEnumerable<string> Broken(Scenario scenario, DiskModel disk, SortedDictionary<string, byte[]?> state, bool saved)
    {
        int lag = Newest(disk.Names()) - Newest(state.Keys);
        if (scenario.Name is "run" or "resume" && lag > StepsBetween)
        {
            yield return $"{lag} steps would be lost";
        }

        string result = scenario.Name is "sweep" or "reproduction" ? $"out/{scenario.Name}.json" : "out/result.json";
        if (saved && (state.GetValueOrDefault(result) is not { } content || !content.AsSpan().TrimEnd("\n"u8).EndsWith("}"u8)))
        {
            yield return $"it has said that it is saved, and {result} is not on the disk";
        }
    }

    private static int Newest(IEnumerable<string> names) => names
        .Select(name => CheckpointName().Match(name))
        .Where(match => match.Success)
        .Select(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture))
        .DefaultIfEmpty().Max();

    [GeneratedRegex(@"step-(\d+)\.checkpoint$")]
    private static partial Regex CheckpointName();

    [GeneratedRegex("^(saved|finished after .* runs): ", RegexOptions.Multiline)]
    private static partial Regex SaysThatItSaved();
}
