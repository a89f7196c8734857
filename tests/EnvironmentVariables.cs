namespace GpuConvnet.Tests;

/// <summary>Tests that change the process's environment variables; they run one at a time, when nothing else does.</summary>
[CollectionDefinition(nameof(EnvironmentVariables), DisableParallelization = true)]
public sealed class EnvironmentVariables;
