namespace GpuConvnet.Trainer.Studies;

/// <summary>What a kind of study calls its folder.</summary>
/// <param name="Study">Such as "sweep".</param>
/// <param name="Folder">What is no other's folder, such as "sweep's folder".</param>
/// <param name="Earlier">Which folders are taken: ends a sentence that begins with "name a folder".</param>
/// <param name="Holder">Who else may hold one, such as "another sweep".</param>
/// <param name="DefinitionName">The file by which a folder is known to be one; empty where none is.</param>
/// <param name="Otherwise">
/// What a folder of another definition holds: that file, and what was asked for. Ends a sentence that begins with "holds", and says
/// what to do; null where there is no definition.
/// </param>
internal sealed record StudyKind(
    string Study, string Folder, string Earlier, string Holder, string DefinitionName = "", Func<string, byte[], string>? Otherwise = null);
