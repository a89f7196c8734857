#!/usr/bin/env bash
# MPI.NET 1.4.0 (netstandard2.0), seen 2026-11-28 with .NET 10.0 on Debian 12: the package is "updated for .NET standard" and still imports
# every function from "msmpi.dll", Microsoft's library for Windows, so that on Linux its first call throws DllNotFoundException, with an
# MPI installed too.
#
#   as it comes: DllNotFoundException: msmpi.dll
#   with the import led to libmpich.so.12: rank 0 of 1: sum 1
#
# Microsoft MPI's handles are MPICH's numbers, so that a resolver of four lines makes the package work with Debian's MPICH 4.0.2. Open MPI's
# handles are addresses of objects in its library, which no resolver can make of numbers: that takes a binding of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# Debian 12's MPICH and what it loads, unpacked here.
apt-get download -q libmpich12=4.0.2-3+b1 libhwloc15 libucx0 libudev1 libnuma1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" mpich; done
cat >finding.csproj <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="MPI.NET" Version="[1.4.0]" />
  </ItemGroup>
</Project>
PROJECT
cat >Program.cs <<'PROGRAM'
using System.Runtime.InteropServices;

if (args.Length > 0)
{
    NativeLibrary.SetDllImportResolver(
        typeof(MPI.Environment).Assembly,
        (name, _, _) => name == "msmpi.dll" ? NativeLibrary.Load("libmpich.so.12") : 0);
    args = [];
}

try
{
    MPI.Environment.Run(ref args, ranks =>
        Console.WriteLine($"rank {ranks.Rank} of {ranks.Size}: sum {ranks.Allreduce(ranks.Rank + 1, MPI.Operation<int>.Add)}"));
}
catch (DllNotFoundException missing)
{
    Console.WriteLine($"{missing.GetType().Name}: {(missing.Message.Contains("msmpi.dll") ? "msmpi.dll" : missing.Message)}");
}
PROGRAM
dotnet build --nologo -v quiet -o out >/dev/null
plain=$(dotnet out/finding.dll)
export LD_LIBRARY_PATH=$folder/mpich/usr/lib/x86_64-linux-gnu:$folder/mpich/lib/x86_64-linux-gnu
led=$(dotnet out/finding.dll led 2>/dev/null)
echo "as it comes: $plain"
echo "with the import led to libmpich.so.12: $led"
if [ "$plain" = 'DllNotFoundException: msmpi.dll' ] && [ "$led" = 'rank 0 of 1: sum 1' ]; then
    echo 'as seen in 1.4.0'
else
    echo 'CHANGED'
    exit 1
fi
