using System.Security.Cryptography;
using System.Text;

namespace GpuConvnet.Tests.Reliability;

/// <summary>
/// A folder, replayed call by call, and what would be in it had the power gone then. It is stricter than file systems are: a file's
/// fsync keeps its content and not its name, which takes an fsync of the folder.
/// </summary>
internal sealed class DiskModel
{
    private readonly string _root;
    private readonly DiskFolder _folder;

    /// <summary>Takes a folder as it is, all of it being on the disk.</summary>
    /// <param name="root">Its path, by which calls will name it.</param>
    public DiskModel(string root)
    {
        _root = root;
        _folder = Load(root);
    }

    /// <summary>Makes a call.</summary>
    /// <exception cref="NotSupportedException">What it does to a disk is not known here.</exception>
    public void Apply(WatchedCall call)
    {
        (DiskFolder? parent, string name) = Parent(call.Path);
        DiskNode? node = call.Path == _root ? _folder : parent?.Live.GetValueOrDefault(name);
        switch (call.Name)
        {
            case "mkdir" when parent is not null && node is null:
                parent.Live[name] = new DiskFolder();
                break;
            case "create" when parent is not null && node is null:
                parent.Live[name] = new DiskFile();
                break;
            case "create" or "open":
                if (call.IsTruncation && node is DiskFile truncated)
                {
                    truncated.Live = [];
                }

                break;
            case "write" when node is DiskFile file:
                file.Write(call.Argument, call.Bytes);
                break;
            case "ftruncate" when node is DiskFile file:
                file.Resize(call.Argument);
                break;
            case "rename" when node is not null:
                parent!.Live.Remove(name);
                (DiskFolder? newParent, string newName) = Parent(call.Other);
                newParent!.Live[newName] = node;
                break;
            case "unlink" or "rmdir" when node is DiskFile or DiskFolder { Live.Count: 0 }:
                parent!.Live.Remove(name);
                break;
            case "fsync":
                node?.Sync();
                break;
            case "mkdir" or "write" or "ftruncate" or "rename" or "unlink" or "rmdir":
                // It failed, or was of a file that has no name any more.
                break;
            case "flock" or "say":
                break;
            default:
                throw new NotSupportedException($"The model of a disk does not know {call}.");
        }
    }

    /// <summary>What would be there.</summary>
    /// <param name="loss">What the file system makes of what was not synced.</param>
    /// <returns>The content of each file by its path in the folder; null for a folder.</returns>
    public SortedDictionary<string, byte[]?> After(PowerLoss loss)
    {
        SortedDictionary<string, byte[]?> state = new(StringComparer.Ordinal);
        Collect(_folder, "");
        return state;

        void Collect(DiskFolder folder, string at)
        {
            bool losesNames = loss is PowerLoss.AllLost or PowerLoss.ContentsKept;
            foreach ((string name, DiskNode node) in losesNames ? folder.Durable : folder.Live)
            {
                string path = at + name;
                if (node is DiskFolder inner)
                {
                    state[path] = null;
                    Collect(inner, path + "/");
                }
                else
                {
                    DiskFile file = (DiskFile)node;
                    state[path] = loss switch
                    {
                        PowerLoss.Torn => file.Torn(),
                        PowerLoss.ContentsKept => file.Live,
                        _ => file.Durable,
                    };
                }
            }
        }
    }

    /// <summary>The names that programs see, by their paths in the folder.</summary>
    public IEnumerable<string> Names()
    {
        return In(_folder, "");

        static IEnumerable<string> In(DiskFolder folder, string at) => folder.Live.SelectMany(entry =>
            entry.Value is DiskFolder inner ? In(inner, $"{at}{entry.Key}/").Prepend(at + entry.Key) : [at + entry.Key]);
    }

    /// <summary>Makes a state into files.</summary>
    /// <param name="state">What <see cref="After"/> said.</param>
    /// <param name="folder">Where; it is created.</param>
    public static void Write(SortedDictionary<string, byte[]?> state, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach ((string name, byte[]? content) in state)
        {
            string path = Path.Combine(folder, name);
            if (content is null)
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                File.WriteAllBytes(path, content);
            }
        }
    }

    /// <summary>What tells a state from others.</summary>
    public static string FingerprintOf(SortedDictionary<string, byte[]?> state)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, byte[]? content) in state)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n{content?.Length ?? -1}\n"));
            hash.AppendData(content ?? []);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static DiskFolder Load(string path)
    {
        DiskFolder folder = new();
        foreach (string entry in Directory.EnumerateFileSystemEntries(path))
        {
            DiskNode node = Directory.Exists(entry) ? Load(entry) : new DiskFile { Live = File.ReadAllBytes(entry) };
            node.Sync();
            folder.Live[Path.GetFileName(entry)] = node;
        }

        folder.Sync();
        return folder;
    }

    private (DiskFolder? Parent, string Name) Parent(string path)
    {
        if (path.Length <= _root.Length)
        {
            return (null, "");
        }

        string[] names = path[(_root.Length + 1)..].TrimEnd('/').Split('/');
        DiskFolder? folder = _folder;
        foreach (string name in names[..^1])
        {
            folder = folder?.Live.GetValueOrDefault(name) as DiskFolder;
        }

        return (folder, names[^1]);
    }
}
