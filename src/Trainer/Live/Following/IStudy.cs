namespace GpuConvnet.Trainer.Live.Following;

/// <summary>
/// The folder of a study, such as a sweep: its runs have no folders, but a file each, which is written when they are finished.
/// </summary>
internal interface IStudy
{
    /// <summary>What it is called, such as "sweep".</summary>
    string Kind { get; }

    /// <summary>The folder's full path.</summary>
    string FullPath { get; }

    /// <summary>How many runs it is to have; null where that is not settled before its end.</summary>
    int? Runs { get; }

    /// <summary>The files of the runs that are finished, full paths.</summary>
    /// <exception cref="IOException">The folder has gone.</exception>
    IEnumerable<string> Files();

    /// <summary>A finished run.</summary>
    /// <param name="file">Its file.</param>
    /// <exception cref="BadInputException">It cannot be read, or is none of this study.</exception>
    StudyRun Read(string file);
}
