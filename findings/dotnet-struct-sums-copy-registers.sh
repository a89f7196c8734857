#!/usr/bin/env bash
# .NET 10.0.12 on x64, seen 2026-11-28 on AMD Zen 5: a sum of products in a struct of two vectors. Written as a method that returns the
# new sum, which is inlined, the just-in-time compiler mostly takes vfmadd213ps, which overwrites a factor; so it copies factors before
# and sums after. Written as a method that adds to a sum by reference, inlined too, it takes vfmadd231ps, which adds in place.
# The sums have the same bits.
#
#   Returned: vfmadd213ps 5, vfmadd231ps 3, vmovaps between registers 6
#   InPlace: vfmadd213ps 0, vfmadd231ps 8, vmovaps between registers 1
#
# What follows for a loop of register tiles: add in place. A host step of a whole network became 10% shorter by it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
grep -q -m 1 ' fma ' /proc/cpuinfo || { echo 'This processor has no fused multiply-add.'; exit 0; }
cat > finding.csproj <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
</Project>
PROJECT
cat > Program.cs <<'PROGRAM'
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

float[] values = new float[16 * 64];
float[] weights = new float[4 * 64];
Random random = new(1);
for (int i = 0; i < values.Length; i++) { values[i] = random.NextSingle(); }
for (int i = 0; i < weights.Length; i++) { weights[i] = random.NextSingle(); }
unsafe
{
    fixed (float* v = values, w = weights)
    {
        Console.WriteLine($"{Tiles.Returned(v, w):r} {Tiles.InPlace(v, w):r}");
    }
}

internal struct Pair
{
    private Vector256<float> _low;
    private Vector256<float> _high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Pair Load(float* values) => new() { _low = Vector256.Load(values), _high = Vector256.Load(values + 8) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Pair Of(float* weight) { Vector256<float> one = Vector256.Create(*weight); return new() { _low = one, _high = one }; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair MultiplyAdd(Pair a, Pair b, Pair sum) => new()
    {
        _low = Vector256.MultiplyAddEstimate(a._low, b._low, sum._low),
        _high = Vector256.MultiplyAddEstimate(a._high, b._high, sum._high),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref Pair sum, Pair a, Pair b)
    {
        sum._low = Vector256.MultiplyAddEstimate(a._low, b._low, sum._low);
        sum._high = Vector256.MultiplyAddEstimate(a._high, b._high, sum._high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Total(Pair a, Pair b, Pair c, Pair d) => Vector256.Sum(a._low + a._high + b._low + b._high + c._low + c._high + d._low + d._high);
}

internal static unsafe class Tiles
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static float Returned(float* values, float* weights)
    {
        Pair a = default, b = default, c = default, d = default;
        for (int i = 0; i < 64; i++)
        {
            Pair value = Pair.Load(values + 16 * i);
            a = Pair.MultiplyAdd(value, Pair.Of(weights + 4 * i), a);
            b = Pair.MultiplyAdd(value, Pair.Of(weights + 4 * i + 1), b);
            c = Pair.MultiplyAdd(value, Pair.Of(weights + 4 * i + 2), c);
            d = Pair.MultiplyAdd(value, Pair.Of(weights + 4 * i + 3), d);
        }

        return Pair.Total(a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static float InPlace(float* values, float* weights)
    {
        Pair a = default, b = default, c = default, d = default;
        for (int i = 0; i < 64; i++)
        {
            Pair value = Pair.Load(values + 16 * i);
            Pair.Add(ref a, value, Pair.Of(weights + 4 * i));
            Pair.Add(ref b, value, Pair.Of(weights + 4 * i + 1));
            Pair.Add(ref c, value, Pair.Of(weights + 4 * i + 2));
            Pair.Add(ref d, value, Pair.Of(weights + 4 * i + 3));
        }

        return Pair.Total(a, b, c, d);
    }
}
PROGRAM
dotnet build -c Release --nologo -v quiet >build.log || { cat build.log; exit 1; }
DOTNET_JitStdOutFile="$folder/code.txt" DOTNET_JitDisasm='Returned InPlace' dotnet bin/Release/net10.0/finding.dll
counts() {
    awk -v name="Tiles:$1" '/Assembly listing/ { inside = index($0, name) } inside' code.txt >"$1.txt"
    printf '%s: vfmadd213ps %s, vfmadd231ps %s, vmovaps between registers %s\n' "$1" \
        "$(grep -c vfmadd213ps "$1.txt" || true)" "$(grep -c vfmadd231ps "$1.txt" || true)" \
        "$(grep -cE 'vmovaps +[xyz]mm[0-9]+, [xyz]mm[0-9]+' "$1.txt" || true)"
}
dotnet --list-runtimes | grep 'Microsoft.NETCore.App 10' | tail -n 1 | cut -d' ' -f1,2
counts Returned | tee returned.line
counts InPlace | tee inplace.line
copies() { sed 's/.* //' "$1"; }
[ "$(copies returned.line)" -ge "$(($(copies inplace.line) + 4))" ] && grep -q 'vfmadd231ps 8' inplace.line
