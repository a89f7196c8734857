#!/usr/bin/env bash
# ILGPU 1.5.3, seen 2026-11-29 with .NET 10.0: a kernel that takes the bits of a float (Interop.FloatAsInt), or the float of bits, is not
# compiled for CUDA where the operand becomes a constant only after a method has been inlined and its branch decided:
#
#   Interop.FloatAsInt(-1f)                         compiled at every optimization level
#   Interop.FloatAsInt(Choose(value, true)), where Choose returns -1f early:
#     O0   InternalCompilerException: NullReferenceException in PTXCodeGenerator.GenerateCode(FloatAsIntCast)
#     O1   compiled, and so with O2
#
# The early passes fold a written constant; this one reaches the code generator, which asks for a register that a constant has not.
# In a kernel of some thousand instructions, whose structs of constants and loaded values met behind early returns, it happened with O2
# too. What helps: branch around what is done with the values, not around the choice of them.
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
using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

bool isAsSeen = true;
foreach (string name in new[] { nameof(Kernels.Written), nameof(Kernels.BitsOfChosen), nameof(Kernels.FloatOfChosen) })
{
    foreach (OptimizationLevel level in new[] { OptimizationLevel.O0, OptimizationLevel.O1, OptimizationLevel.O2 })
    {
        string seen = Compile(name, level);
        Console.WriteLine($"{name}, O{(int)level}: {seen}");
        bool isRefused = name != nameof(Kernels.Written) && level == OptimizationLevel.O0;
        isAsSeen &= seen == (isRefused ? nameof(NullReferenceException) : "compiled");
    }
}

Console.WriteLine(isAsSeen ? "as seen in 1.5.3" : "CHANGED");
return isAsSeen ? 0 : 1;

static string Compile(string name, OptimizationLevel level)
{
    using Context context = Context.Create(builder => builder.CPU().Optimize(level));
    using PTXBackend backend = new(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, null);
    try
    {
        backend.Compile(EntryPointDescription.FromImplicitlyGroupedKernel(typeof(Kernels).GetMethod(name)), default);
        return "compiled";
    }
    catch (InternalCompilerException error)
    {
        return error.GetBaseException().GetType().Name;
    }
}

internal static class Kernels
{
    public static void Written(Index1D i, ArrayView<float> values, ArrayView<uint> bits) => bits[i] = Interop.FloatAsInt(-1f);

    public static void BitsOfChosen(Index1D i, ArrayView<float> values, ArrayView<uint> bits) =>
        bits[i] = Interop.FloatAsInt(Choose(values[i], true));

    public static void FloatOfChosen(Index1D i, ArrayView<float> values, ArrayView<uint> bits) =>
        values[i] = Interop.IntAsFloat(Choose(bits[i], true));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Choose(float value, bool isBorder)
    {
        if (isBorder)
        {
            return -1f;
        }

        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Choose(uint value, bool isBorder)
    {
        if (isBorder)
        {
            return 1u;
        }

        return value;
    }
}
PROGRAM
dotnet run -c Release
