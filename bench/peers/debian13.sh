#!/usr/bin/env bash
# Runs a command in Debian 13, for peers that this system is too old for: TorchSharp 0.107 and PyTorch 2.6.
#
#   bench/peers/debian13.sh FOLDER                            makes FOLDER with debootstrap where it is missing: 2 GB, four minutes
#   bench/peers/debian13.sh FOLDER COMMAND...                 runs COMMAND in it
#   python3 bench/peers/compare.py --device cpu --debian13 FOLDER
#
# Needs root and Debian's debootstrap. The repository, the digits, temporary files and .NET have the same paths within; what is mounted for
# that is seen by COMMAND alone and goes with it. BLAS is OpenBLAS, for PyTorch as Debian has it takes the slow reference otherwise.
set -euo pipefail
[[ $# -ge 1 ]] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(realpath -m "$1")
shift
if [[ ! -e $folder/.complete ]]; then
    command -v debootstrap >/dev/null || { echo 'debian13.sh: debootstrap is needed: apt-get install debootstrap' >&2; exit 2; }
    debootstrap --variant=minbase --include=python3,python3-numpy,python3-torch,libopenblas0-pthread trixie "$folder" >&2
    touch "$folder/.complete"
fi
[[ $# -ge 1 ]] || exit 0

dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
export PYTHONDONTWRITEBYTECODE=1 DOTNET_ROOT=$dotnet PATH=$dotnet:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
shared=(/proc /dev "$dotnet" "$root" "$(realpath "${TMPDIR:-/tmp}")" ${GPUCONVNET_DATA:+"$(realpath "$GPUCONVNET_DATA")"})
exec unshare --mount bash -c '
    folder=$1 directory=$2 count=$3
    shift 3
    for path in "${@:1:count}"; do
        mkdir -p "$folder$path"
        mount --rbind "$path" "$folder$path"
    done
    exec chroot "$folder" bash -c "cd \"\$1\" && shift && exec \"\$@\"" debian13 "$directory" "${@:count+1}"
' debian13 "$folder" "$root" "${#shared[@]}" "${shared[@]}" "$@"
