using BenchmarkDotNet.Running;
using GpuConvnet.Bench;

BenchmarkSwitcher.FromAssembly(typeof(ReferenceLayers).Assembly).Run(args);
