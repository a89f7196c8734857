using System.Globalization;
using System.Text;

namespace GpuConvnet.Tests.Reliability;

/// <summary>What a program did to the folder that was watched, a call of the system.</summary>
/// <param name="Number">Its place among all such calls, from 1; 0 for what the program said.</param>
/// <param name="Name">The call, such as "write".</param>
/// <param name="Path">The file or folder.</param>
/// <param name="Other">The new path of a rename; otherwise empty.</param>
/// <param name="Argument">The place of a write in its file, the flags of an open, the length of an ftruncate.</param>
/// <param name="Length">How many bytes were to be written.</param>
/// <param name="Bytes">Those bytes; empty where they were not recorded.</param>
internal sealed record WatchedCall(int Number, string Name, string Path, string Other, long Argument, long Length, byte[] Bytes)
{
    private const int Truncates = 0x200;

    public bool IsSpoken => Name == "say";

    public bool IsWrite => Name == "write";

    /// <summary>Whether it opens a file that it creates if there is none.</summary>
    public bool IsCreation => Name == "create";

    public bool IsTruncation => Name is "open" or "create" && (Argument & Truncates) != 0;

    /// <summary>Reads the log of strike.c.</summary>
    /// <param name="log">The file.</param>
    /// <param name="recorded">Whether the bytes follow each write.</param>
    /// <returns>The calls, and that at which the program was struck; null for none.</returns>
    public static (IReadOnlyList<WatchedCall> Calls, WatchedCall? Struck) ReadLog(string log, bool recorded)
    {
        byte[] bytes = File.ReadAllBytes(log);
        List<WatchedCall> calls = [];
        WatchedCall? struck = null;
        for (int at = 0; at < bytes.Length;)
        {
            int end = Array.IndexOf(bytes, (byte)'\n', at);
            string[] fields = Encoding.UTF8.GetString(bytes, at, end - at).Split('\t');
            at = end + 1;
            if (fields is ["struck"])
            {
                struck = calls[^1];
                continue;
            }

            long length = long.Parse(fields[5], CultureInfo.InvariantCulture);
            byte[] content = recorded ? bytes[at..(at + (int)length)] : [];
            at += content.Length;
            calls.Add(new WatchedCall(
                int.Parse(fields[0], CultureInfo.InvariantCulture), fields[1], fields[2], fields[3],
                long.Parse(fields[4], CultureInfo.InvariantCulture), length, content));
        }

        return (calls, struck);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Number} {Name} {Path}{(Other.Length > 0 ? " -> " + Other : "")}");
}
