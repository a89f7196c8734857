#!/usr/bin/env bash
# ILGPU 1.5.3, seen 2026-11-28 with .NET 10.0: a kernel that ILGPU refuses, because a method it calls throws (MathF.Sign does, for NaN),
# leaves half-made code in the Context. From then on every other kernel, even one that was fine before, fails in that context with a
# NullReferenceException in a compiler pass. Context.ClearCache(ClearCacheMode.Everything) heals it.
#
#   fine alone: compiles; refused: InternalCompilerException, "Not supported IL instruction of type 'Throw'"
#   fine after the refusal: NullReferenceException (in an AggregateException)
#   fine after ClearCache: compiles
#
# What follows: who tries kernels, as a fallback say, should give each a context of its own, or clear the cache after a refusal.
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
using ILGPU.Runtime.Cuda;

using Context context = Context.Create(_ => { });
using PTXBackend backend = new(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, null);
string before = Outcome(nameof(Kernels.Fine)), refused = Outcome(nameof(Kernels.Refused));
string after = Outcome(nameof(Kernels.Fine)), other = Outcome(nameof(Kernels.Other));
context.ClearCache(ClearCacheMode.Everything);
string cleared = Outcome(nameof(Kernels.Other));
Console.WriteLine($"fine: {before}\nrefused: {refused}\nfine after it: {after}\nanother after it: {other}\nafter ClearCache: {cleared}");
bool isAsSeen = (before, refused, after, other, cleared) ==
    ("compiles", "InternalCompilerException", "NullReferenceException", "NullReferenceException", "compiles");
Console.WriteLine(isAsSeen ? "as seen in 1.5.3" : "CHANGED");
return isAsSeen ? 0 : 1;

string Outcome(string name)
{
    try
    {
        backend.Compile(EntryPointDescription.FromImplicitlyGroupedKernel(typeof(Kernels).GetMethod(name)), default);
        return "compiles";
    }
    catch (Exception failure)
    {
        return (failure is AggregateException all ? all.InnerExceptions[0] : failure).GetType().Name;
    }
}

internal static class Kernels
{
    public static void Fine(Index1D i, ArrayView<float> values) => values[i] *= 2;

    public static void Refused(Index1D i, ArrayView<float> values) => values[i] = MathF.Sign(values[i]);

    public static void Other(Index1D i, ArrayView<float> values) => values[i] += 1;
}
PROGRAM
dotnet run -c Release
