#!/usr/bin/env bash
# Departments act at random, lawfully and not, while processes, queue, database and network fail; then everything that the suite promises is
# checked. The demo runs first, so that entities and contacts exist.
#
# usage: scripts/robustness.sh [--minutes N] [--seed S] [--engine sqlite|postgres] [--preset release|debug] [--data DIR]
#
#   --minutes N  how long faults go on [3]
#   --seed S     where the random numbers begin [1]
#   --engine E   the database [sqlite]
#   --preset P   what to build and run [release]
#   --data DIR   where databases, queue, certificates and logs are kept; kept when a rule is broken [a temporary folder]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

MINUTES=3 SEED=1 ENGINE=sqlite preset=release DATA=""
while (($# > 0)); do
  case $1 in
    --minutes | --seed | --engine | --preset | --data)
      [[ $# -ge 2 ]] || { echo "robustness.sh: $1 wants a value; --help shows the flags" >&2; exit 2; }
      case $1 in --minutes) MINUTES=$2 ;; --seed) SEED=$2 ;; --engine) ENGINE=$2 ;; --preset) preset=$2 ;; --data) DATA=$2 ;; esac
      shift
      ;;
    -h | --help)
      sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *)
      echo "robustness.sh: unknown flag $1; --help shows the flags" >&2
      exit 2
      ;;
  esac
  shift
done
[[ $MINUTES =~ ^[0-9]+([.][0-9]+)?$ && $SEED =~ ^[0-9]+$ ]] || { echo "robustness.sh: --minutes and --seed want numbers" >&2; exit 2; }
[[ $ENGINE == sqlite || $ENGINE == postgres ]] || { echo "robustness.sh: --engine wants sqlite or postgres" >&2; exit 2; }

work=$(mktemp -d)
[[ -n $DATA ]] || DATA=$work/data
export MINUTES SEED ENGINE DATA
flags=()
[[ $ENGINE == sqlite ]] || flags+=(--postgres)
code=0
scripts/run.sh --once --processes --dispute "${flags[@]}" --preset "$preset" --data "$DATA" --then tests/clients/robustness/robustness.mjs || code=$?
if ((code == 0)); then rm -rf -- "$work"; else echo "robustness.sh: what was left is in $DATA" >&2; fi
exit "$code"
