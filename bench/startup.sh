#!/usr/bin/env bash
# How soon the program is there: publishes it for this machine and measures 'trainer --help' and the time from the start of
# the process to the first training step, REPEATS (20) times each. Needs the .NET SDK, and MNIST (GPUCONVNET_DATA or the
# user's cache). Prints minimum and median, for a busy machine disturbs the median, and the processor's time beside them,
# which it disturbs less.
#
#   bench/startup.sh                 TRAINER=PROGRAM bench/startup.sh measures a program that is published already
set -euo pipefail
cd "$(dirname "$0")/.."

repeats=${REPEATS:-20}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TIMEFORMAT='%R %U %S'

trainer=${TRAINER:-}
if [ -z "$trainer" ]; then
    case "$(uname -s)" in Darwin) system=osx ;; *) system=linux ;; esac
    case "$(uname -m)" in arm64 | aarch64) processor=arm64 ;; *) processor=x64 ;; esac
    dotnet publish src/Trainer -c Release -r "$system-$processor" -o "$work/program" --nologo --verbosity quiet
    trainer=$work/program/trainer
fi

# Numbers, a line each, in; minimum and median out.
summary() {
    sort -n | awk '{ all[NR] = $1 } END { printf "%.3f s, median %.3f s\n", all[1], (all[int((NR + 1) / 2)] + all[int(NR / 2) + 1]) / 2 }'
}

for _ in $(seq "$repeats"); do
    { time "$trainer" --help > /dev/null; } 2>> "$work/help"
done
echo "--help: $(awk '{ print $1 }' "$work/help" | summary); processor $(awk '{ print $2 + $3 }' "$work/help" | summary)"

first_step() {
    local name=$1
    shift
    for _ in $(seq "$repeats"); do
        "$trainer" "$@" --no-save --quiet --json 2> /dev/null | sed -n 's/^ *"startup": \([0-9.]*\).*/\1/p' >> "$work/$name"
    done
    echo "first step of $name: $(summary < "$work/$name")"
}

first_step 1989-base --config 1989-base --passes 1
first_step 1989-fullbatch --config 1989-fullbatch --accelerator host --steps 1
