using BenchmarkDotNet.Running;
using GpuConvnet.Bench;

BenchmarkSwitcher.FromAssembly(typeof(SimdLayers).Assembly).Run(args);
