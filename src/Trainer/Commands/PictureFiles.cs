using GpuConvnet.Recognition.Images;

namespace GpuConvnet.Trainer.Commands;

/// <summary>The images that a user means by files and folders, and what was passed over in the folders.</summary>
internal sealed class PictureFiles
{
    /// <summary>Stands for standard input.</summary>
    public const string StandardInput = "-";

    private const string StandardInputName = "standard input";
    private const int MostNamed = 8;

    private readonly List<string> _images = [];
    private readonly List<string> _passedOver = [];

    private PictureFiles()
    {
    }

    /// <summary>The images, those of a folder in the order of their names.</summary>
    public IReadOnlyList<string> Images => _images;

    /// <summary>The files of folders that are not read.</summary>
    public IReadOnlyList<string> PassedOver => _passedOver;

    /// <summary>Looks for them.</summary>
    /// <param name="named">Files, folders and <c>-</c>.</param>
    /// <exception cref="BadInputException">Something is neither, or a folder has none.</exception>
    public static PictureFiles Of(IEnumerable<string> named)
    {
        PictureFiles files = new();
        foreach (string path in named)
        {
            files.Add(path);
        }

        return files;
    }

    /// <summary>What an image is called.</summary>
    public static string NameOf(string path) => path == StandardInput ? StandardInputName : path;

    /// <summary>Reads an image.</summary>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static GreyImage Open(string path)
    {
        try
        {
            if (path != StandardInput)
            {
                return ImageFile.Read(path);
            }

            using Stream input = Console.OpenStandardInput();
            return ImageFile.Read(input, StandardInputName);
        }
        catch (ImageException refusal)
        {
            throw new BadInputException(refusal.Message, refusal);
        }
    }

    /// <summary>What was passed over, and how it would be read.</summary>
    public IEnumerable<string> Remarks()
    {
        if (_passedOver.Count == 0)
        {
            yield break;
        }

        string names = string.Join(", ", _passedOver.Take(MostNamed).Select(Path.GetFileName));
        string more = _passedOver.Count > MostNamed ? $" and {_passedOver.Count - MostNamed:N0} more" : "";
        yield return $"passed over: {names}{more}";
        foreach ((string name, string remedy) in _passedOver.Select(ImageFile.NotRead).OfType<(string, string)>().Distinct())
        {
            yield return $"    {name} is not read. {remedy}";
        }
    }

    private void Add(string path)
    {
        if (path == StandardInput || !Directory.Exists(path))
        {
            _images.Add(path == StandardInput || !path.StartsWith('-') || File.Exists(path)
                ? path
                : throw new BadInputException(
                    $"'{path}' is neither an option nor an image. 'trainer predict --help' shows what there is."));
            return;
        }

        // Without links: they may lead around in a circle.
        EnumerationOptions options = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        ILookup<bool, string> files = Directory.EnumerateFiles(path, "*", options)
            .Order(StringComparer.Ordinal)
            .ToLookup(file => ImageFile.Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase));
        _images.AddRange(files[true]);
        _passedOver.AddRange(files[false]);
        if (!files[true].Any())
        {
            string remarks = string.Concat(Remarks().Select(remark => "\n" + remark));
            throw new BadInputException($"{path} is a folder without images ({string.Join(", ", ImageFile.Endings)}).{remarks}");
        }
    }
}
