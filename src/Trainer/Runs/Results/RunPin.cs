namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>
/// What a stage of a run was begun with, as fingerprints: to go on with anything else would be to train something else. A
/// fingerprint is SHA-256 in lower-case hexadecimal.
/// </summary>
/// <param name="Configuration">That of its configuration, whatever its length where that does not matter to its steps.</param>
/// <param name="Data">That of the digits that it is trained and tested on; null for a set that is drawn while it trains.</param>
/// <param name="Start">That of the saved parameters that it starts from; null where it starts from none.</param>
/// <param name="Engine">What trains it: the device, or the vectors of the processor, by which sums are ordered.</param>
/// <param name="Teacher">That of the parameters of what it learns from; null where it learns from labels alone.</param>
internal sealed record RunPin(string Configuration, string? Data, string? Start, string Engine, string? Teacher = null);
