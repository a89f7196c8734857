#!/usr/bin/env bash
# .NET SDK 10.0.401, seen 2026-11-28: ToolPackageRuntimeIdentifiers says for which platforms 'dotnet pack' makes packages of a tool, and
# restore does not look at it. A project that sets it and nothing else cannot be packed: NETSDK1047, "Assets file ... doesn't have a target
# for 'net10.0/linux-x64'". The same platforms in RuntimeIdentifiers too make it work; in the project file they would be restored, host
# and runtime packages of every platform, by each build.
#
#   ToolPackageRuntimeIdentifiers alone: NETSDK1047
#   with RuntimeIdentifiers: a.tool.1.0.0.nupkg a.tool.linux-x64.1.0.0.nupkg
#
# What follows: set RuntimeIdentifiers while packing alone. 'dotnet pack' tells its restore and its build so by the property _IsPacking.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >tool.csproj <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <PackAsTool>true</PackAsTool>
    <PackageId>a.tool</PackageId>
    <ToolPackageRuntimeIdentifiers>linux-x64</ToolPackageRuntimeIdentifiers>
  </PropertyGroup>
</Project>
PROJECT
echo 'System.Console.WriteLine("a tool");' >Program.cs

alone=$(dotnet pack --nologo -v quiet -o alone 2>&1 | grep -o 'NETSDK[0-9]*' | head -n 1 || true)
echo "ToolPackageRuntimeIdentifiers alone: ${alone:-packed}"
dotnet pack --nologo -v quiet -o both -p:RuntimeIdentifiers=linux-x64
packages=$(cd both && echo *.nupkg)
echo "with RuntimeIdentifiers: $packages"
if [ "$alone" = NETSDK1047 ] && [ "$packages" = 'a.tool.1.0.0.nupkg a.tool.linux-x64.1.0.0.nupkg' ]; then
    echo "as seen in SDK 10.0.401"
else
    echo CHANGED
    exit 1
fi
