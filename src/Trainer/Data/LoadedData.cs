using GpuConvnet.Model;

namespace GpuConvnet.Trainer.Data;

/// <summary>The digits of an experiment.</summary>
/// <param name="Dataset">What they are: <c>mnist</c>, <c>usps</c> or <c>builtin</c>, never <c>auto</c>.</param>
/// <param name="Origin">Where they came from, for the user.</param>
/// <param name="Train">What is trained on, in the order of presentation.</param>
/// <param name="Test">What is tested on.</param>
/// <param name="IsValidation">Whether what is tested on was held out of the training split, and is not the test
/// split.</param>
public sealed record LoadedData(
    string Dataset, string Origin, Examples Train, Examples Test, bool IsValidation = false);
