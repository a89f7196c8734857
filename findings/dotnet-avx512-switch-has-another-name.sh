#!/usr/bin/env bash
# .NET 10.0.12, seen 2026-11-30 on an Intel Xeon: the switch that turned AVX-512 off in .NET 8 and 9 is ignored without a word. A program
# that is timed "without AVX-512" by it is timed with AVX-512:
#
#                               Vector512.IsHardwareAccelerated   Avx512F.IsSupported
#   (nothing)                   True                              True
#   DOTNET_EnableAVX512F=0      True                              True
#   DOTNET_EnableAVX512=0       False                             False
#
# The switches of single instruction sets were put together in .NET 10 (dotnet/runtime issue 121685 tells the same of Arm's); DOTNET_EnableAVX2=0 still has
# its name. What helps: let the program say which vectors it uses, and read that beside the times.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if ! grep -qw avx512f /proc/cpuinfo; then
    echo "This processor has no AVX-512: nothing can be seen here."
    exit 0
fi
cat >finding.csproj <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
  </PropertyGroup>
</Project>
PROJECT
cat >Program.cs <<'PROGRAM'
using System;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

Console.WriteLine($"{Vector512.IsHardwareAccelerated} {Avx512F.IsSupported}");
PROGRAM
dotnet build -c Release --nologo -v quiet -o out >build.log 2>&1 || { cat build.log; exit 1; }
dotnet --version
seen=""
for switch in NOTHING EnableAVX512F EnableAVX512; do
    line=$(env "DOTNET_$switch=0" dotnet out/finding.dll)
    echo "$switch=0: $line"
    seen="$seen$line;"
done
[ "$seen" = "True True;True True;False False;" ] || { echo "This is no longer so."; exit 1; }
