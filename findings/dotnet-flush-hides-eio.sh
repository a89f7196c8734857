#!/usr/bin/env bash
# .NET 10.0.12 (SDK 10.0.401) on Linux, seen 2026-11-28: FileStream.Flush(flushToDisk: true) and RandomAccess.FlushToDisk call fsync, and
# take its error for success: when the disk answers EIO, ENOSPC or EDQUOT, both return as if all were on the disk. A write that fails is
# an IOException as documented. fsync called by P/Invoke returns -1 and the error.
#
#   fsync fails with EIO: Flush(true) returns, FlushToDisk returns, fsync by P/Invoke: -1, errno 5
#   fsync fails with ENOSPC: Flush(true) returns, FlushToDisk returns, fsync by P/Invoke: -1, errno 28
#   fsync fails with EDQUOT: Flush(true) returns, FlushToDisk returns, fsync by P/Invoke: -1, errno 122
#   pwrite64 fails with EIO: IOException
#
# What follows for a program that must know that its file is on the disk: call fsync itself, and look at what it returns.
# strace makes fsync fail; nothing is wrong with the disk. Debian's package is strace.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
strace -o /dev/null true || { echo 'strace is not installed, or may not trace here.'; exit 2; }
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
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

if (args is ["write"])
{
    Console.WriteLine(Outcome(() => { using FileStream file = File.Create("w"); file.WriteByte(1); file.Flush(); }));
    return;
}

string flush, toDisk;
using (FileStream file = File.Create("a"))
{
    file.WriteByte(1);
    flush = Outcome(() => file.Flush(flushToDisk: true));
}

using (SafeFileHandle handle = File.OpenHandle("b", FileMode.Create, FileAccess.Write))
{
    RandomAccess.Write(handle, [1], 0);
    toDisk = Outcome(() => RandomAccess.FlushToDisk(handle));
}

using (FileStream file = File.Create("c"))
{
    file.WriteByte(1);
    file.Flush();
    int result = Libc.FSync(file.SafeFileHandle);
    int error = Marshal.GetLastPInvokeError();
    Console.WriteLine($"Flush(true) {flush}, FlushToDisk {toDisk}, fsync by P/Invoke: {result}, errno {error}");
}

static string Outcome(Action action)
{
    try
    {
        action();
        return "returns";
    }
    catch (IOException)
    {
        return "IOException";
    }
}

static partial class Libc
{
    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int FSync(SafeFileHandle file);
}
PROGRAM
dotnet build -c Release -v q --nologo -o out > /dev/null
changed=0
see() {
    local expected=$1 seen
    shift
    seen=$("$@")
    echo "$seen"
    [ "$seen" = "$expected" ] || changed=1
}

for error in EIO:5 ENOSPC:28 EDQUOT:122; do
    echo -n "fsync fails with ${error%:*}: "
    see "Flush(true) returns, FlushToDisk returns, fsync by P/Invoke: -1, errno ${error#*:}" \
        strace -f -o trace -e trace=fsync -e "inject=fsync:error=${error%:*}" dotnet out/finding.dll
    # All three did call it.
    [ "$(grep -c "fsync(.*${error%:*}.*INJECTED" trace)" = 3 ] || changed=1
done

# What is not hidden: .NET writes by pwrite64, and its first one in this program is that of the file.
echo -n 'pwrite64 fails with EIO: '
see IOException strace -f -o trace -e trace=pwrite64 -e inject=pwrite64:error=EIO dotnet out/finding.dll write
dotnet --list-runtimes | grep Microsoft.NETCore.App
[ "$changed" = 0 ] && echo 'as seen in 10.0.12' || { echo CHANGED; exit 1; }
