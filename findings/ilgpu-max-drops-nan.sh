#!/usr/bin/env bash
# ILGPU 1.5.3, seen 2026-11-28 with .NET 10.0: MathF.Max and MathF.Min become PTX's max.f32 and min.f32, which return the other operand
# where one is NaN. .NET's return NaN. A ReLU written as MathF.Max(x, 0) so turns NaN into 0 on a GPU: a network whose training has
# diverged goes on with dead units and a finite loss, while on ILGPU's CPU accelerator the same kernel shows NaN.
#
#   CPU accelerator: MathF.Max(NaN, 0) = NaN
#   PTX: max.f32 (not max.NaN.f32, which sm_80 has)
#   x <= 0 ? 0 : x is written with a comparison and keeps NaN on both
#
# What follows for a kernel: write the comparison, such that NaN fails it and the value itself is taken.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >finding.csproj <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="ILGPU" Version="[1.5.3]" />
  </ItemGroup>
</Project>
PROJECT
cat >Program.cs <<'PROGRAM'
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

using Context context = Context.Create(builder => builder.CPU());
using PTXBackend backend = new(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, null);
using Accelerator cpu = context.CreateCPUAccelerator(0);
float byMax = OnCpu(Kernels.Max), byComparison = OnCpu(Kernels.Comparison);
Console.WriteLine($"CPU accelerator, of NaN: Max {byMax}, comparison {byComparison}");

string max = Float(nameof(Kernels.Max)), comparison = Float(nameof(Kernels.Comparison));
Console.WriteLine($"PTX of MathF.Max(x, 0): {max}\nPTX of x <= 0 ? 0 : x: {comparison}");
bool isAsSeen = float.IsNaN(byMax) && float.IsNaN(byComparison) && max == "max.f32" && comparison == "setp.le.f32";
Console.WriteLine(isAsSeen ? "as seen in 1.5.3" : "CHANGED");
return isAsSeen ? 0 : 1;

float OnCpu(Action<Index1D, ArrayView<float>> kernel)
{
    using MemoryBuffer1D<float, Stride1D.Dense> values = cpu.Allocate1D(new[] { float.NaN });
    cpu.LoadAutoGroupedStreamKernel(kernel)(1, values.View);
    cpu.Synchronize();
    return values.GetAsArray1D()[0];
}

string Float(string name)
{
    EntryPointDescription entry = EntryPointDescription.FromImplicitlyGroupedKernel(typeof(Kernels).GetMethod(name));
    string ptx = ((PTXCompiledKernel)backend.Compile(entry, default)).PTXAssembly;
    return string.Join(", ", ptx.Split('\n').Select(line => line.Trim().Split('\t', ' ')[0])
        .Where(operation => operation.StartsWith("max.") || operation.StartsWith("setp.") && operation.EndsWith(".f32")));
}

internal static class Kernels
{
    public static void Max(Index1D i, ArrayView<float> values) => values[i] = MathF.Max(values[i], 0f);

    public static void Comparison(Index1D i, ArrayView<float> values) => values[i] = values[i] <= 0f ? 0f : values[i];
}
PROGRAM
dotnet run -c Release
