#!/usr/bin/env bash
# TorchSharp 0.107.0 with libtorch-cpu-linux-x64 2.10.0, seen 2026-11-29 with .NET 10.0 on Debian 12: the project refers to the package of
# libtorch, its libraries lie beside the program, and TorchSharp says that the reference is missing. What is missing is a libstdc++ of GCC 13:
# libLibTorchSharp.so asks for GLIBCXX_3.4.32, the loader says so, and TorchSharp drops what it says; its long trace does not have it either.
# libtorch itself, 2.10, asks for no more than GLIBCXX_3.4.26 and loads.
#
#   libtorch_cpu.so: loads
#   TorchSharp: This application or script uses TorchSharp but doesn't contain a reference to libtorch-cpu-linux-x64, Version=2.10.0.0.
#   the loader's words in TorchSharp's: none
#   libLibTorchSharp.so: version `GLIBCXX_3.4.32' not found
#
# What follows: load libLibTorchSharp.so by NativeLibrary.Load to learn what is wrong. A newer libstdc++ alone does not help on Debian 12:
# Debian 13's asks for a glibc of 2.38. A folder of Debian 13 does. Where libstdc++ is new enough, the script says so and has nothing to show.
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
    <InvariantGlobalization>true</InvariantGlobalization>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="TorchSharp" Version="[0.107.0]" />
    <PackageReference Include="libtorch-cpu-linux-x64" Version="[2.10.0]" />
  </ItemGroup>
</Project>
PROJECT
cat >Program.cs <<'PROGRAM'
using System.Runtime.InteropServices;
using TorchSharp;

string natives = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
string Load(string name)
{
    try
    {
        NativeLibrary.Load(Path.Combine(natives, name));
        return "loads";
    }
    catch (DllNotFoundException refusal)
    {
        int at = refusal.Message.IndexOf("version `", StringComparison.Ordinal);
        return at < 0 ? refusal.Message : refusal.Message[at..].Split(" (")[0];
    }
}

string torch = Load("libtorch_cpu.so");
string found;
TextWriter console = Console.Out;
Console.SetOut(TextWriter.Null);
try
{
    found = $"computes {TorchSharp.torch.ones(2).sum().item<float>()}";
}
catch (Exception thrown)
{
    found = thrown.ToString();
}

Console.SetOut(console);
string wrapper = Load("libLibTorchSharp.so");
string said = found.Split('\n').FirstOrDefault(line => line.Contains("doesn't contain a reference")) ?? found;
said = said[Math.Max(0, said.IndexOf("This application", StringComparison.Ordinal))..];
Console.WriteLine($"libtorch_cpu.so: {torch}");
Console.WriteLine($"TorchSharp: {said}");
if (wrapper == "loads")
{
    Console.WriteLine("This libstdc++ is of GCC 13 or newer: nothing to see.");
    return found == "computes 2" ? 0 : 1;
}

bool isSaid = found.Contains("GLIBCXX");
Console.WriteLine($"the loader's words in TorchSharp's: {(isSaid ? "there" : "none")}");
Console.WriteLine($"libLibTorchSharp.so: {wrapper}");
bool isAsSeen = torch == "loads" && said.Contains("doesn't contain a reference to libtorch-cpu-linux-x64") && !isSaid
    && wrapper == "version `GLIBCXX_3.4.32' not found";
Console.WriteLine(isAsSeen ? "as seen in 0.107.0" : "CHANGED");
return isAsSeen ? 0 : 1;
PROGRAM
dotnet run --verbosity quiet
