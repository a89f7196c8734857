namespace GpuConvnet.Tests.Data;

/// <summary>Tests that set environment variables, which all of the process shares: none runs beside another test.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class SharedEnvironment
{
    public const string Name = "environment variables";
}
