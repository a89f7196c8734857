namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>Keeps other programs out of a folder that several calls fill, for as long as one of them works in it.</summary>
internal sealed class FolderHold : IDisposable
{
    /// <summary>The name of the file whose lock says that the folder is in use.</summary>
    public const string FileName = ".lock";

    private readonly FileStream _file;

    private FolderHold(FileStream file) => _file = file;

    /// <summary>Takes hold of a folder.</summary>
    /// <param name="fullPath">The folder, which must exist.</param>
    /// <param name="path">What the user called it.</param>
    /// <param name="user">Who else may be using it, such as "another sweep".</param>
    /// <exception cref="BadInputException">Another program holds it.</exception>
    public static FolderHold Take(string fullPath, string path, string user)
    {
        try
        {
            return new FolderHold(new FileStream(
                Path.Combine(fullPath, FileName), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1,
                FileOptions.DeleteOnClose));
        }
        catch (IOException failure)
        {
            throw new BadInputException(
                $"{path} is in use by {user} ({failure.Message}). Wait for its end, or name another folder.", failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
