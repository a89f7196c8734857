#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: verifies the kernels, trains both full-batch configurations, from many seeds too, and one of them on
# tensor cores, where compute-sanitizer is there under its eyes for some steps, looks at what --kernels auto chooses, times starts, steps,
# their kernels and batches of all sizes (trainer bench), trains replicas and the full-batch half of the article's table, and writes one
# JSON file, which must not be there yet. Needs the .NET SDK, or a published program named in TRAINER; and MNIST
# (GPUCONVNET_DATA or the user's cache), or it uses the built-in digits and says so in the file.
#
#   bench/gpu.sh [OUT.json]          (default docs/benchmarks/ACCELERATOR-DATE.json)
#
# Where PYTHON (python3) has PyTorch or JAX, their steps are timed beside ours (bench/peers/compare.py), PEER_ROUNDS (3) times.
#
# ACCELERATOR (cuda), REPEATS (5) of starts and of timed runs, their STEPS (500), TRAIN_STEPS (those of the configurations) of the
# training runs, RUNS (10; 0 for none), one a seed, REPLICAS (132; 0 for none) and their REPLICA_PASSES (23), RECIPE_PASSES (80) of as
# many networks in a sweep, and TABLE (1; 0 leaves the article's table out) can be set.
# These try the script itself in some minutes:
#
#   ACCELERATOR=host REPEATS=1 STEPS=20 TRAIN_STEPS=20 RUNS=2 TABLE=0 bench/gpu.sh out.json
#   ACCELERATOR=opencl REPEATS=1 STEPS=5 TRAIN_STEPS=5 RUNS=2 TABLE=0 REPLICAS=2 REPLICA_PASSES=1 RECIPE_PASSES=1 bench/gpu.sh out.json
set -euo pipefail

accelerator=${ACCELERATOR:-cuda}
date=$(date -u +%Y-%m-%dT%H:%M:%SZ)
case ${1:-} in -*) echo "bench/gpu.sh knows no option '$1': bench/gpu.sh [OUT.json]; what can be set is at its head" >&2; exit 2 ;; esac
[ "$#" -le 1 ] || { echo 'bench/gpu.sh writes one file: bench/gpu.sh [OUT.json]' >&2; exit 2; }
out=${1:+$(realpath -m -- "$1")}
cd "$(dirname "$0")/.."
out=${out:-docs/benchmarks/$accelerator-${date%%T*}.json}
[ ! -e "$out" ] || { echo "bench/gpu.sh: $out is there already: name another file" >&2; exit 2; }

repeats=${REPEATS:-5}
steps=${STEPS:-500}
replicas=${REPLICAS:-132}
trainer=${TRAINER:-./trainer}
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

command -v "$python" >/dev/null || { echo "bench/gpu.sh needs $python to put its JSON together" >&2; exit 2; }
driver=$(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null || echo 'no nvidia-smi')

echo "== devices"
"$trainer" devices --json > "$work/devices.json"
cat "$work/devices.json"

echo "== verify"
"$trainer" verify --accelerator "$accelerator" --json > "$work/verify.json" || verified=$?
echo "exit code ${verified:-0}"

length=()
[ -z "${TRAIN_STEPS:-}" ] || length=(--steps "$TRAIN_STEPS")
# MNIST where it is at hand, otherwise the built-in digits; the results say which.
dataset=(--dataset auto)

for config in 1989-fullbatch modern-fullbatch; do
    echo "== $config"
    "$trainer" --config "$config" --accelerator "$accelerator" "${dataset[@]}" "${length[@]}" --no-save --json > "$work/$config.json"
    "$trainer" --config "$config" --accelerator "$accelerator" "${dataset[@]}" "${length[@]}" --no-save --json > "$work/$config-again.json"
done

# On tensor cores, which not every device has: the same digits, and whether the same bits come out twice.
if [ "$accelerator" = cuda ]; then
    for run in 1989-fullbatch-tensor 1989-fullbatch-tensor-again; do
        echo "== $run"
        "$trainer" --config 1989-fullbatch --accelerator cuda --kernels tensor "${dataset[@]}" "${length[@]}" --no-save --json \
            > "$work/$run.json" || { echo "$run: exit code $?"; rm -f "$work/$run.json"; }
    done
fi

# What auto chooses: timed at the first start in an empty folder, found there at the second. Its bits are those of who is named.
if [ "$accelerator" != host ]; then
    auto=("$trainer" --config 1989-fullbatch --accelerator "$accelerator" "${dataset[@]}" "${length[@]}" --no-save --json)
    for run in auto auto-again; do
        echo "== $run"
        GPUCONVNET_KERNELS=$work/auto "${auto[@]}" > "$work/$run.json" 2> "$work/$run.log" || { cat "$work/$run.log" >&2; exit 1; }
        grep '^kernels: ' "$work/$run.log"
    done
    chosen=$("$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["kernels"])' "$work/auto.json")
    echo "== $chosen, named"
    "${auto[@]}" --kernels "$chosen" > "$work/auto-named.json"
fi

# Bad accesses and races of some steps by either kernel, where NVIDIA's tool is there; its own last line is what is kept.
if [ "$accelerator" = cuda ] && command -v compute-sanitizer > /dev/null; then
    for kernels in fused tensor; do
        for tool in memcheck racecheck; do
            echo "== compute-sanitizer --tool $tool, $kernels"
            compute-sanitizer --tool "$tool" --target-processes all --log-file "$work/$kernels-$tool.log" \
                "$trainer" --config 1989-fullbatch --accelerator cuda --kernels "$kernels" --dataset builtin --steps 3 --no-save \
                || echo "compute-sanitizer: exit code $?"
            [ ! -e "$work/$kernels-$tool.log" ] || tail -n 1 "$work/$kernels-$tool.log"
        done
    done
else
    echo "== no compute-sanitizer"
fi

# From the start of the process to the first step: the very first time, and again, with what the first has kept. The driver keeps
# machine code of its own, in the folder that CUDA_CACHE_PATH names.
echo "== 1 + $repeats starts"
for start in $(seq 0 "$repeats"); do
    GPUCONVNET_KERNELS=$work/kernels CUDA_CACHE_PATH=$work/driver "$trainer" --config 1989-fullbatch \
        --accelerator "$accelerator" "${dataset[@]}" --steps 1 --no-save --json > "$work/start-$start.json"
done

# A step's time without evaluation: training seconds of runs that evaluate only at their end.
echo "== $repeats x $steps steps"
for repeat in $(seq "$repeats"); do
    "$trainer" --config 1989-fullbatch --accelerator "$accelerator" "${dataset[@]}" --steps "$steps" --no-save --json \
        > "$work/steps-$repeat.json"
done

# Each of these is worth having without the others: one that fails is said, and left out of the file.
measure() {
    local name=$1
    shift
    echo "== $name: $*"
    "$@" > "$work/$name.json" || { echo "$name: exit code $?"; rm -f "$work/$name.json"; }
}

# The whole answer for the kernels that count, unless the script itself is being tried.
thorough=(--to-accuracy)
[ -z "${TRAIN_STEPS:-}" ] || thorough=(--quick)
bench=("$trainer" bench --accelerator "$accelerator" --config 1989-fullbatch --json)
if [ "$accelerator" = host ]; then
    measure bench "${bench[@]}" "${thorough[@]}"
else
    measure bench-fused "${bench[@]}" --kernels fused "${thorough[@]}"
    measure bench-layers "${bench[@]}" --kernels layers --quick
    [ "$accelerator" != cuda ] || measure bench-tensor "${bench[@]}" --kernels tensor "${thorough[@]}"
fi

if [ "${RUNS:-10}" != 0 ]; then
    for config in 1989-fullbatch modern-fullbatch; do
        measure "$config-seeds" "$trainer" --config "$config" --accelerator "$accelerator" "${dataset[@]}" "${length[@]}" \
            --runs "${RUNS:-10}" --seed 1 --no-save --json
    done
fi

if [ "$accelerator" != host ] && [ "$replicas" != 0 ]; then
    measure replicas "$trainer" --config 1989-base --accelerator "$accelerator" --replicas "$replicas" \
        --passes "${REPLICA_PASSES:-23}" "${dataset[@]}" --no-save --json
    measure one-at-a-time "$trainer" --config 1989-base --accelerator "$accelerator" --batch 1 --steps 7291 \
        "${dataset[@]}" --no-save --json

    # As many networks at once, AdamW with shift and dropout, each by learning rate, decay and dropout of its own. A run's seconds are
    # those of all.
    measure recipes "$trainer" sweep --config dropout-relu --accelerator "$accelerator" --random "$replicas" --runs 1 \
        --set optimizer.learningRate=log:0.0001..0.003 --set optimizer.weightDecay=log:0.001..0.3 --set dropout=0..0.5 \
        --set "passes=${RECIPE_PASSES:-80}" "${dataset[@]}" --json
fi

if [ "${TABLE:-1}" != 0 ]; then
    measure table "$trainer" reproduce --engine full-batch --accelerator "$accelerator" "${dataset[@]}" --out "$work/table" --json
fi

# What the peers do wrong is their own matter: it is said, and ours goes into the file all the same.
case $accelerator in cuda) peers=cuda ;; host) peers=cpu ;; *) peers= ;; esac
has_one='import importlib.util as util, sys; sys.exit(not (util.find_spec("torch") or util.find_spec("jax")))'
if [ -n "$peers" ] && "$python" -c "$has_one"; then
    echo '== peers'
    "$python" bench/peers/compare.py --device "$peers" --rounds "${PEER_ROUNDS:-3}" --out "$work/peers.json" \
        || echo "bench/peers/compare.py: exit code $?"
else
    echo "== no peers: $python has neither PyTorch nor JAX, or they do not train on $accelerator"
fi

mkdir -p "$(dirname "$out")"
"$python" - "$work" "$out" "$date" "$driver" "$steps" "$repeats" "${verified:-0}" <<'PYTHON'
import json, pathlib, statistics, sys
work, out, date, driver, steps, repeats, verified = sys.argv[1:]

def without_histories(value):
    if isinstance(value, dict):
        return {key: without_histories(part) for key, part in value.items() if key != "history"}
    return [without_histories(part) for part in value] if isinstance(value, list) else value

def read(name):
    text = (pathlib.Path(work) / f"{name}.json").read_text()
    return without_histories(json.loads(text.replace(f"{work}/", "")))

def training(name):
    run, again = read(name), read(f"{name}-again")
    return {"run": run, "bitIdentical": run["parametersSha256"] == again["parametersSha256"]}
times = [read(f"steps-{i}")["seconds"]["train"] / int(steps) * 1e6 for i in range(1, int(repeats) + 1)]
starts = [read(f"start-{i}")["seconds"]["startup"] for i in range(int(repeats) + 1)]
result = {
    "date": date, "gpu": driver, "devices": read("devices"),
    "verified": verified == "0", "verify": read("verify"),
    "1989-fullbatch": training("1989-fullbatch"), "modern-fullbatch": training("modern-fullbatch"),
    "step": {"examples": read("steps-1")["train"]["examples"], "steps": int(steps), "microseconds": times,
             "medianMicroseconds": statistics.median(times), "kernels": read("steps-1").get("kernels")},
    "startup": {"firstSeconds": starts[0], "seconds": starts[1:], "medianSeconds": statistics.median(starts[1:])},
}
if all((pathlib.Path(work) / f"1989-fullbatch-tensor{name}.json").exists() for name in ("", "-again")):
    result["1989-fullbatch-tensor"] = training("1989-fullbatch-tensor")
if (pathlib.Path(work) / "auto-named.json").exists():
    runs = [read(name) for name in ("auto", "auto-again", "auto-named")]
    said = [line for name in ("auto", "auto-again") for line in (pathlib.Path(work) / f"{name}.log").read_text().splitlines()
            if line.startswith("kernels: ")]
    result["auto"] = {
        "kernels": runs[0]["kernels"], "said": said, "startupSeconds": [run["seconds"]["startup"] for run in runs],
        "keptItsChoice": runs[0]["kernels"] == runs[1]["kernels"],
        "bitIdentical": len({run["parametersSha256"] for run in runs}) == 1,
    }
    # Who was fastest in 0.1 s, beside the whole answer.
    benched = {kernels: read(f"bench-{kernels}")["step"]["seconds"]["median"] for kernels in ("fused", "tensor")
               if (pathlib.Path(work) / f"bench-{kernels}.json").exists()}
    if len(benched) == 2:
        result["auto"]["benchSeconds"] = benched
        result["auto"]["isFastest"] = benched[runs[0]["kernels"]] <= min(benched.values()) / 0.95
sanitized = {log.stem: log.read_text().splitlines()[-1] for log in sorted(pathlib.Path(work).glob("*check.log")) if log.read_text()}
if sanitized:
    result["sanitizer"] = sanitized
for name in ("bench", "bench-fused", "bench-layers", "bench-tensor", "1989-fullbatch-seeds", "modern-fullbatch-seeds", "replicas", "one-at-a-time",
             "recipes", "table", "peers"):
    if (pathlib.Path(work) / f"{name}.json").exists():
        result[name] = read(name)
pathlib.Path(out).write_text(json.dumps(result, indent=2) + "\n")
print(f"{out}: verified {result['verified']}, a step {result['step']['medianMicroseconds']:.0f} µs, "
      f"a start {result['startup']['medianSeconds']:.2f} s (medians of {repeats})")
PYTHON
[ "${verified:-0}" = 0 ]
