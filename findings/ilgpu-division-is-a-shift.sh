#!/usr/bin/env bash
# ILGPU 1.5.3, seen 2026-11-28 with .NET 10.0: integer division by a power of two is an arithmetic shift in what it generates for devices.
# C# rounds towards zero, -1 / 4 = 0; a shift rounds down, -1 >> 2 = -1. On ILGPU's CPU accelerator, where kernels are tested, the same
# kernel gives 0, as C# does: the difference shows on a GPU only. Division by 3 and the remainder by 4 are as C# has them.
#
#   CPU accelerator: -1 / 4 = 0, -5 / 4 = -1, -8 / 4 = -2
#   PTX of x / 4: shr.s32 r, x, 2, and nothing that corrects it for x < 0
#   PTX of x / 3: div.s32; of x % 4: rem.s32
#
# What follows for a kernel: divide only what is never negative, or shift and mean it.
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
using MemoryBuffer1D<int, Stride1D.Dense> values = cpu.Allocate1D(new[] { -1, -5, -8 });
using MemoryBuffer1D<int, Stride1D.Dense> quotients = cpu.Allocate1D<int>(3);
cpu.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<int>>(Kernels.Quarter)(3, values.View, quotients.View);
cpu.Synchronize();
string onCpu = string.Join(", ", quotients.GetAsArray1D());
Console.WriteLine($"CPU accelerator, -1, -5, -8 by 4: {onCpu}");

string quarter = Integer(nameof(Kernels.Quarter)), third = Integer(nameof(Kernels.Third)), rest = Integer(nameof(Kernels.Rest));
Console.WriteLine($"PTX of x / 4: {quarter}\nPTX of x / 3: {third}\nPTX of x % 4: {rest}");
bool isAsSeen = onCpu == "0, -1, -2" && quarter == "shr.s32" && third == "div.s32" && rest == "rem.s32";
Console.WriteLine(isAsSeen ? "as seen in 1.5.3" : "CHANGED");
return isAsSeen ? 0 : 1;

// All operations on integers of 32 bits but the comparison of the index with the length.
string Integer(string name)
{
    EntryPointDescription entry = EntryPointDescription.FromImplicitlyGroupedKernel(typeof(Kernels).GetMethod(name));
    string ptx = ((PTXCompiledKernel)backend.Compile(entry, default)).PTXAssembly;
    return string.Join(", ", ptx.Split('\n').Select(line => line.Trim().Split('\t', ' ')[0])
        .Where(operation => operation is "shr.s32" or "shr.u32" or "div.s32" or "rem.s32" or "add.s32" or "sub.s32" or "and.b32"
            or "selp.s32" or "selp.b32"));
}

internal static class Kernels
{
    public static void Quarter(Index1D i, ArrayView<int> values, ArrayView<int> quotients) => quotients[i] = values[i] / 4;

    public static void Third(Index1D i, ArrayView<int> values, ArrayView<int> quotients) => quotients[i] = values[i] / 3;

    public static void Rest(Index1D i, ArrayView<int> values, ArrayView<int> rests) => rests[i] = values[i] % 4;
}
PROGRAM
dotnet run -c Release
